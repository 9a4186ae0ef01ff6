"""Latvia: procedure of the State Defence Service. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, blank, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term, unverified,
)

duty("military")
order("volunteers-then-draw", cite="State Defence Service Law, section 4(2) and (3)")
order("draw", cite="State Defence Service Law, section 4(3)")
term(months=11, cite="State Defence Service Law, section 3(1)(1)")
conscience(cite="State Defence Service Law, section 3(2)", until_days_before=0)

channel("mail", cite="Notification Law, section 8(1)")
channel("portal", cite="Notification Law, section 9(1.1)")
channel("counter", cite="Notification Law, section 6 and 7")

service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("none found: a receipt of the post"))
# A registered letter counts as served on the seventh day after it was handed to the post; a plain one a day later, so letters go registered.
# The law wants circumstances that kept the person from it; here a statement undoes the presumption (safeguard G16).
service("mail", start="handed_over", days=7, on_expiry="presume", cite="Notification Law, section 8(3)")
service("portal", start="opened", days=0, on_expiry="confirm", cite=unverified("Law on the Official Electronic Address"))
service("portal", start="available", days=2, working=True, on_expiry="presume", cite="Notification Law, section 9(1.1): the second working day")
service("counter", start="delivered", days=0, on_expiry="confirm", cite="Notification Law, section 6(1) and 7(3)")

blank("lead", cite=unverified("none found"))
clock("response", starts="served", days=5, working=True, cite=unverified("State Defence Service Law: five working days to answer"))
clock("second_attempt", starts="handed_over", days=14, cite=unverified("none found: notices were repeated after silence in 2024"))
clock("decision", starts="claimed", days=30, cite="Administrative Procedure Law, section 64(1)")
clock("papers", starts="papers_asked", days=10, cite=unverified("Administrative Procedure Law, section 59"))
# One month. callup waits the longest month there is; letter and page name the shortest, so that nobody is told too late a day.
clock("appeal", starts="decision_served", days=31, cite="Administrative Procedure Law, section 79(1)")
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("deferral", papers=["document of the ground"], cite="State Defence Service Law, section 9")
claim("exemption", papers=["document of the ground"], cite="State Defence Service Law, section 8")
claim("alternative-service", papers=["statement of conscience"], cite="State Defence Service Law, section 3(2) and 7(3)")
claim("other-date", papers=["what shows the reason"], cite=unverified("State Defence Service Law"))
claim("correction", papers=[], cite="Regulation (EU) 2016/679, art. 16")
suspends("deferral", what="duty", until="final", cite=unverified("Administrative Procedure Law, section 80: a challenge suspends"))
suspends("exemption", what="duty", until="final", cite=unverified("Administrative Procedure Law, section 80"))
suspends("alternative-service", what="duty", until="final", cite="State Defence Service Law, section 3(2) and 7(3)")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("appeal", what="duty", until="final", cite=unverified("Administrative Procedure Law, section 80 and 185"))

remedy("notice", body="Control Commission of the State Defence Service, then the Administrative District Court", days=28, cite="State Defence Service Law, section 10(1); Administrative Procedure Law, section 79(1)")
remedy("decision", body="Control Commission of the State Defence Service, then the Administrative District Court", days=28, cite="State Defence Service Law, section 10(1); Administrative Procedure Law, section 79(1)")
remedy("finding", body="Control Commission of the State Defence Service, then the Administrative District Court", days=28, cite="State Defence Service Law, section 10(1); Administrative Procedure Law, section 79(1)")

consequence("fine", imposed_by="others, outside callup", from_clock="served", days=7,
            fight="challenge it before the higher official, then in court", cite="State Defence Service Law, section 33")
consequence("prosecution", imposed_by="others, outside callup", from_clock="served", days=7,
            fight="take a lawyer at once; the court decides", cite=unverified("Criminal Law, section 287"))
advice(unit="*", key="ombudsman")
advice(unit="*", key="example")
