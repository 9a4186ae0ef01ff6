/* The called list of the law of ru over flat columns: one pass, every rule of everyone, no branches. It is what the machine can do.
   A date is days since 1970, INT32_MIN where there is none. cc -O3 -march=native -shared -fPIC */
#include <stddef.h>
#include <stdint.h>

enum { MALE = 1, CITIZEN = 2, RESIDENT = 4, RESERVE = 8, SERVED = 16, ALTERNATIVE = 32, ABROAD = 64, DEGREE = 128, DEGREE_WAIVED = 256,
       KIN = 512, KIN_WAIVED = 1024, INVESTIGATED = 2048, STUDENT_WAIVED = 4096, RESIDENCY_WAIVED = 8192, ALONE = 1 << 14,
       PREGNANCY = 1 << 15, SPECIAL = 1 << 16, NORTH = 1 << 17, FARM = 1 << 18, TEACHER = 1 << 19, PLACE = 1 << 20, CATEGORY = 1 << 21,
       UNFIT_FOR_NOW = 1 << 22, FIT = 1 << 23 };

size_t called(size_t n, const uint32_t *flags, const int32_t *born, const int32_t *children, const int32_t *health, const int32_t *student,
              const int32_t *residency, const int32_t *carer, const int32_t *guardian, const int32_t *disabled, const int32_t *elected,
              const int32_t *it, const int32_t *sentence, int32_t day, int32_t b18, int32_t b30, int32_t b27, uint32_t *list)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t f = flags[i];
        uint32_t free = !(f & MALE) | !(f & CITIZEN) | (uint32_t)(born[i] > b18) | (uint32_t)(born[i] <= b30) | (uint32_t)(born[i] <= b27);
        free |= !(f & RESIDENT) | !(f & PLACE) | !(f & CATEGORY) | !(f & FIT);
        free |= (f & (RESERVE | SERVED | ALTERNATIVE | ABROAD | INVESTIGATED | ALONE | PREGNANCY | SPECIAL | NORTH | FARM | TEACHER)) != 0;
        free |= ((f & DEGREE) && !(f & DEGREE_WAIVED)) | ((f & KIN) && !(f & KIN_WAIVED));
        free |= (uint32_t)(sentence[i] > day) | ((f & UNFIT_FOR_NOW) && (health[i] > day || health[i] == INT32_MIN));
        free |= (uint32_t)(student[i] > day && !(f & STUDENT_WAIVED)) | (uint32_t)(residency[i] > day && !(f & RESIDENCY_WAIVED));
        free |= (uint32_t)(carer[i] > day) | (uint32_t)(guardian[i] > day) | (uint32_t)(disabled[i] > day) | (uint32_t)(elected[i] > day);
        free |= (uint32_t)(it[i] > day) | (uint32_t)(children[i] >= 2);
        list[found] = (uint32_t)i;
        found += !free;
    }
    return found;
}
