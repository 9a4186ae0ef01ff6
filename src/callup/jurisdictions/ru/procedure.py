"""Russia: procedure of the call-ups of 2025, and from 2026 with the register of summonses. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, blank, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term, unverified,
)

duty("military")
order("list", cite=unverified("53-FZ, art. 26, 28: commissions, no lot"))
term(months=12, cite="53-FZ, art. 38(1)")
conscience(cite=unverified("113-FZ of 25 July 2002, art. 11"), until_days_before=182)

channel("counter", cite="53-FZ, art. 31(2)")
channel("mail", cite="53-FZ, art. 31(2)", since="2023-04-14")
channel("portal", cite="53-FZ, art. 31(2)", since="2023-04-14")

service("counter", start="delivered", days=0, on_expiry="confirm", cite="53-FZ, art. 31(2)")
service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("53-FZ, art. 31(2): delivery mark"))
service("portal", start="opened", days=0, on_expiry="confirm", cite=unverified("53-FZ, art. 31(2): cabinet"))
# What the law deems, and callup does not act on (safeguard G16): in 2025 from the appearance in the cabinet; from 2026, when the register of
# summonses runs everywhere, from the seventh day after the summons stands in it. No deadline runs from a page that nobody saw.
service("portal", start="available", days=0, on_expiry="presume", acts=False, ended="2026-01-01", cite=unverified("53-FZ, art. 31(2): cabinet"))
service("portal", start="available", days=7, on_expiry="presume", acts=False, since="2026-01-01", cite=unverified("53-FZ, none found: seven days in the register of summonses"))

blank("lead", cite=unverified("53-FZ: none found for 2025"))
# A limit on the office, and no deadline of the person: whoever has a good reason may still ask for a later day.
clock("greatest_lead", starts="posted", days=30, since="2026-01-01", cite="53-FZ, art. 7.1(1), as amended by 412-FZ of 4 November 2025, art. 1(2)(a)")
# The summons names the day to come; no article gives days to answer. Fourteen is callup's own reminder, not a duty.
clock("response", starts="served", days=14, cite=unverified("53-FZ, art. 31(1): appear on the day"))
clock("second_attempt", starts="handed_over", days=14, cite=unverified("none found: the decree's own wait"))
clock("decision", starts="claimed", days=30, cite="59-FZ of 2 May 2006, art. 12(1)")
# Three months. callup waits the longest there are; letter and page name the shortest, so that nobody is told too late a day.
clock("appeal", starts="decision_served", days=92, cite="Code of Administrative Procedure, art. 219(1)")

claim("deferral", papers=["document of the ground"], cite="53-FZ, art. 24")
claim("exemption", papers=["document of the ground"], cite="53-FZ, art. 23")
claim("alternative-service", papers=["application", "short life story", "reference"], cite=unverified("113-FZ of 25 July 2002, art. 11"))
claim("other-date", papers=["document of the reason"], cite=unverified("53-FZ, art. 31(1.1)"))
claim("correction", papers=["document that shows the error"], cite="152-FZ of 27 July 2006, art. 14(1)")
suspends("deferral", what="duty", until="final", cite=unverified("53-FZ, art. 28(7)"))
suspends("exemption", what="duty", until="final", cite=unverified("53-FZ, art. 28(7)"))
suspends("alternative-service", what="duty", until="final", cite="113-FZ of 25 July 2002, art. 15")
suspends("correction", what="duty", until="decided", cite=unverified("53-FZ, art. 28(7)"))
suspends("appeal", what="duty", until="final", cite="53-FZ, art. 29(4)")

remedy("notice", body="court, or the higher draft commission", days=89, cite="Code of Administrative Procedure, art. 219(1)")
remedy("decision", body="court, or the higher draft commission", days=89, cite="53-FZ, art. 28(7)")
remedy("finding", body="court, or the higher draft commission", days=89, cite="53-FZ, art. 28(7)")

# The ban runs from the day the summons stands in the register of summonses. The others follow 20 days after the day to come has
# passed; counted from service here, which is never later, so that nobody is warned too late. Where no register runs: SOURCES.md.
consequence("travel-ban", imposed_by="others, outside callup", from_clock="posted", days=0,
            fight="complaint to the higher commission or a suit in court", cite="53-FZ, art. 7.1(1)")
consequence("business", imposed_by="others, outside callup", from_clock="served", days=20,
            fight="complaint to the higher commission or a suit in court", cite=unverified("53-FZ, art. 7.1"))
consequence("driving", imposed_by="others, outside callup", from_clock="served", days=20,
            fight="complaint to the higher commission or a suit in court", cite=unverified("53-FZ, art. 7.1"))
consequence("vehicles", imposed_by="others, outside callup", from_clock="served", days=20,
            fight="complaint to the higher commission or a suit in court", cite=unverified("53-FZ, art. 7.1"))
consequence("property", imposed_by="others, outside callup", from_clock="served", days=20,
            fight="complaint to the higher commission or a suit in court", cite=unverified("53-FZ, art. 7.1"))
consequence("credit", imposed_by="others, outside callup", from_clock="served", days=20,
            fight="complaint to the higher commission or a suit in court", cite=unverified("53-FZ, art. 7.1"))
consequence("fine", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="complaint to the higher commission or a suit in court", cite="Code of Administrative Offences, art. 21.5")
consequence("prosecution", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="complaint to the higher commission or a suit in court", cite="Criminal Code, art. 328(1)")
advice(unit="*", key="ombudsman")
