-- The law of ru on 1 April 2025 as one would write it by hand: finding and deciding rule of each person. $UNITS is the law's list.
WITH facts AS (
  SELECT unit,
    sex = 'm' AND citizenship = 'RU' AND born_on <= DATE '2007-04-01' AND born_on > DATE '1995-04-01' AS bound,
    CASE
      WHEN under_investigation OR sentence_until > DATE '2025-04-01' THEN 14
      WHEN born_on <= DATE '1996-12-31' THEN 3
      WHEN in_reserve THEN 4
      WHEN NOT is_resident THEN 5
      WHEN health_category = 'V' THEN 7
      WHEN health_category = 'D' THEN 8
      WHEN served THEN 9
      WHEN alternative_service THEN 10
      WHEN served_abroad THEN 11
      WHEN degree AND NOT coalesce(degree_waived, false) THEN 12
      WHEN kin_died_in_service AND NOT coalesce(kin_died_waived, false) THEN 13
      WHEN raises_child_alone THEN 20
      WHEN children >= 2 THEN 21
      WHEN child_and_pregnancy THEN 23
      WHEN special_service THEN 24
      WHEN far_north THEN 27
      WHEN farm_worker THEN 28
      WHEN teacher THEN 29
    END AS firm,
    CASE
      WHEN unit NOT IN ($UNITS) OR unit IS NULL THEN 2
      WHEN born_on IS NULL THEN 3
      WHEN is_resident IS NULL THEN 5
      WHEN health_category NOT IN ('A', 'B', 'V', 'G', 'D') OR health_category IS NULL THEN 6
      WHEN health_category = 'G' AND health_until IS NULL THEN 15
    END AS unknown,
    CASE WHEN health_category = 'G' AND health_until > DATE '2025-04-01' THEN health_until END AS e15,
    CASE WHEN student_until > DATE '2025-04-01' AND NOT coalesce(student_waived, false) THEN student_until END AS e16,
    CASE WHEN residency_until > DATE '2025-04-01' AND NOT coalesce(residency_waived, false) THEN residency_until END AS e17,
    CASE WHEN carer_until > DATE '2025-04-01' THEN carer_until END AS e18,
    CASE WHEN guardian_until > DATE '2025-04-01' THEN guardian_until END AS e19,
    CASE WHEN disabled_child_until > DATE '2025-04-01' THEN disabled_child_until END AS e22,
    CASE WHEN elected_until > DATE '2025-04-01' THEN elected_until END AS e25,
    CASE WHEN it_until > DATE '2025-04-01' THEN it_until END AS e26
  FROM snapshot
), ends AS (
  SELECT *, greatest(e15, e16, e17, e18, e19, e22, e25, e26) AS latest FROM facts
), deciding AS (
  SELECT unit, bound, unknown,
    CASE
      WHEN firm IS NOT NULL THEN firm
      WHEN e15 = latest THEN 15
      WHEN e16 = latest THEN 16
      WHEN e17 = latest THEN 17
      WHEN e18 = latest THEN 18
      WHEN e19 = latest THEN 19
      WHEN e22 = latest THEN 22
      WHEN e25 = latest THEN 25
      WHEN e26 = latest THEN 26
    END AS ground
  FROM ends
)
SELECT unit,
  CASE
    WHEN NOT bound OR ground IS NOT NULL THEN 'NOT_LIABLE'
    WHEN bound IS NULL OR unknown IS NOT NULL THEN 'UNDETERMINED'
    ELSE 'LIABLE'
  END AS finding,
  CASE
    WHEN NOT bound THEN 0
    WHEN ground IS NOT NULL THEN ground
    WHEN bound IS NULL THEN 1
    WHEN unknown IS NOT NULL THEN unknown
    ELSE 1
  END AS rule
FROM deciding
