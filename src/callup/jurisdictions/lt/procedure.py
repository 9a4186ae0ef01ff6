"""Lithuania: the list of conscripts and its instructions. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, blank, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term, tolls, unverified,
)

duty("military")
order("volunteers-then-draw", cite=unverified("Law on Military Conscription, art. 6(4) until 2025"))
order("list-with-objections", cite=unverified("Law on Military Conscription, art. 6(5) until 2025: the random list"))
order("draw", cite=unverified("Law on Military Conscription, art. 6(5) until 2025: at random, by a program"))
term(months=9, cite=unverified("Law on Military Conscription, art. 5(3) until 2025: nine months"))
conscience(cite=unverified("Law on Military Conscription, art. 16 and 17 until 2025"), until_days_before=0)

# The law has one look up oneself in a public list. callup publishes no names (promise 6): a salted look-up and register numbers.
channel("list", cite=unverified("Law on Military Conscription, art. 6(5.1) until 2025: instructions stand beside the name"))
channel("portal", cite=unverified("the conscripts' own pages; e-mail and telephone only as given by the person"))
channel("mail", cite=unverified("none since 2018: kept as the second way"))
channel("counter", cite=unverified("the regional office"))

# What the law deems: from the day on which the list is public. callup does not act on it (safeguard G16).
service("list", start="available", days=0, on_expiry="presume", acts=False, cite=unverified("Law on Military Conscription: the duty to look"))
service("list", start="opened", days=0, on_expiry="confirm", cite=unverified("the person or an agent looked: callup, correction of safeguards for lt"))
service("portal", start="opened", days=0, on_expiry="confirm", cite=unverified("the conscripts' own pages"))
service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("Code of Civil Procedure, by analogy"))
service("counter", start="delivered", days=0, on_expiry="confirm", cite=unverified("the regional office"))

blank("lead", cite=unverified("Law on Military Conscription, art. 6(5.1) until 2025: each row has its own day"))
clock("response", starts="served", days=7, cite=unverified("each row of the list has its own day; seven is callup's own reminder"))
clock("second_attempt", starts="handed_over", days=7, cite=unverified("the list is brought up to date weekly; another way is tried after one week"))
clock("decision", starts="claimed", days=20, working=True, cite=unverified("Law on Public Administration: twenty working days"))
clock("papers", starts="papers_asked", days=10, working=True, cite=unverified("Law on Public Administration"))
# One month. callup waits the longest month there is; letter and page name the shortest, so that nobody is told too late a day.
clock("appeal", starts="decision_served", days=31, cite="Law on Administrative Proceedings, art. 29(1)")
clock("objection", starts="published", days=31, cite="Law on Administrative Proceedings, art. 29(1)")
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("deferral", papers=["document of the ground"], cite=unverified("Law on Military Conscription, art. 15(1) until 2025"))
claim("exemption", papers=["document of the ground"], cite=unverified("Law on Military Conscription, art. 3 until 2025"))
claim("alternative-service", papers=["statement of conscience"], cite=unverified("Law on Military Conscription, art. 17(1) until 2025"))
claim("other-date", papers=["what shows the reason"], cite=unverified("Law on Military Conscription"))
claim("correction", papers=[], cite="Regulation (EU) 2016/679, art. 16")
suspends("deferral", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("exemption", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("alternative-service", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("appeal", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
tolls("hospital", clocks=["response"], cite="callup safeguard G20: not sourced, so it tolls")

remedy("notice", body="regional administrative court", days=28, cite="Law on Administrative Proceedings, art. 29(1)")
remedy("decision", body="regional administrative court", days=28, cite="Law on Administrative Proceedings, art. 29(1)")
remedy("finding", body="regional administrative court", days=28, cite="Law on Administrative Proceedings, art. 29(1)")

consequence("fine", imposed_by="others, outside callup", from_clock="posted", days=0,
            fight="challenge it before the regional court", cite=unverified("Code of Administrative Offences, conscription"))
consequence("police", imposed_by="others, outside callup", from_clock="posted", days=0,
            fight="answer, or take a lawyer", cite=unverified("practice of 2015: the police were asked to find more than 8,000"))
consequence("prosecution", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="take a lawyer at once; the court decides", cite=unverified("Criminal Code, art. 314"))
advice(unit="*", key="ombudsman")
advice(unit="*", key="example")
