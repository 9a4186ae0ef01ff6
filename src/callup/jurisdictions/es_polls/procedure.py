"""Spain: naming the members of polling stations, LOREG art. 26 to 28. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, blank, channel, claim, clock, consequence, duty, order, remedy, service, suspends, tolls, unverified,
)

duty("polling")
order("draw", cite="LOREG, art. 26(4): public draw between the 25th and the 29th day after the call")

channel("counter", cite="LOREG, art. 27(2): notified within three days")
channel("mail", cite="LOREG, art. 27(2)")

service("counter", start="delivered", days=0, on_expiry="confirm", cite="Law 39/2015, art. 42(2): by hand, or to whoever is at home and over 14")
service("mail", start="delivered", days=0, on_expiry="confirm", cite="Law 39/2015, art. 41(1): what shows receipt, its date and its content")
# After two attempts by hand the law goes on to publish; callup waits for receipt (safeguard G16).
service("mail", start="handed_over", days=3, on_expiry="presume", acts=False, cite="Law 39/2015, art. 44: published after two failed attempts")

blank("lead", cite=unverified("LOREG, art. 27: the day of the vote is the lead time; no number of days stands there"))
clock("second_attempt", starts="handed_over", days=3, cite="Law 39/2015, art. 42(2): a second attempt within three days")
clock("response", starts="served", days=7, cite="LOREG, art. 27(3): seven days to plead")
clock("decision", starts="claimed", days=5, cite="LOREG, art. 27(3): the zone board decides in five days")
clock("papers", starts="papers_asked", days=10, working=True, cite="Law 39/2015, art. 73(2) and 30(2): ten working days")
clock("appeal", starts="decision_served", days=5, cite=unverified("none within the administration; callup waits five days before anything goes on"))
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("exemption", papers=["proof of the cause"], within=7, cite="LOREG, art. 27(3)")
claim("other-date", papers=["proof of the cause"], within=7, cite="LOREG, art. 27(4): a cause that came up later")
claim("correction", papers=[], cite="LOREG, art. 38(3) and 39(3): the roll")
# The law does not say that a plea suspends; the vote decides by its day. callup lets the duty rest until it is decided (safeguard G16).
suspends("exemption", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
tolls("hospital", clocks=["response", "filing"], cite=unverified("LOREG, art. 27(4): force majeure"))
tolls("force-majeure", clocks=["response", "filing"], cite=unverified("LOREG, art. 27(4)"))

remedy("notice", body="zone electoral board", days=7, cite="LOREG, art. 27(3)")
# Two months, told as the fewest days that they can be. No administrative appeal (LOREG, art. 27(3)).
remedy("decision", body="court of administrative disputes", days=59, cite="Law 29/1998, art. 46(1): two months")
remedy("finding", body="zone electoral board", days=7, cite="LOREG, art. 27(3)")

consequence("prosecution", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="plead before the day of the vote; a lawyer, who is free for those without means", cite="LOREG, art. 143")
advice(unit="*", key="ombudsman")
advice(unit="*", key="example")
