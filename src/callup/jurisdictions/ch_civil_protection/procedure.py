"""Switzerland: calling to civil protection service, BZG art. 45 to 48, ZSV art. 36 to 39. Notation: parsed and checked, never executed."""
from callup.law.notation import advice, channel, claim, clock, consequence, duty, order, remedy, service, suspends, unverified

duty("civil-protection")
order("list", cite="BZG, art. 45(1): the canton calls")

channel("mail", cite="BZG, art. 45(3): the call is served on the person")
channel("counter", cite=unverified("none found: by hand"))

service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("general administrative law of the Confederation and the cantons"))
# A registered letter not fetched is deemed served on the seventh day; callup computes that day and does not act on it (safeguard G16).
service("mail", start="handed_over", days=7, on_expiry="presume", acts=False, cite="VwVG, art. 20(2bis): the seventh day after the first attempt")
service("counter", start="delivered", days=0, on_expiry="confirm", cite=unverified("none found: by hand"))

clock("lead", starts="served", days=42, cite="BZG, art. 45(3): six weeks before the service begins")
clock("response", starts="served", days=14, cite=unverified("none found: callup's own reminder"))
clock("second_attempt", starts="handed_over", days=10, cite=unverified("none found"))
clock("decision", starts="claimed", days=14, cite=unverified("none found: so that an answer comes before the service; the decree may be quicker"))
clock("papers", starts="papers_asked", days=7, cite=unverified("none found"))
clock("appeal", starts="decision_served", days=30, cite=unverified("VwVG, art. 50(1): thirty days; the law of the canton"))
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("other-date", papers=["what shows the reason"], before=21, cite="ZSV, art. 36(1): three weeks before the service begins")
claim("exemption", papers=["document of the ground"], cite="BZG, art. 29, 30 and 37")
claim("deferral", papers=["document of the ground"], before=21, cite="ZSV, art. 36(1)")
claim("correction", papers=[], cite=unverified("Federal Act on Data Protection, art. 32"))
# The law: the duty to come stays while a request is pending (ZSV, art. 38). callup lets it rest until it is decided, and counts that (G16).
suspends("other-date", what="duty", until="decided", cite="callup safeguard G16: ZSV, art. 36(3) says that the duty stays")
suspends("deferral", what="duty", until="decided", cite="callup safeguard G16: ZSV, art. 36(3) says that the duty stays")
suspends("exemption", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")

remedy("notice", body="the office that called, then the cantonal administrative court", days=30, cite=unverified("VwVG, art. 50(1), and the law of the canton"))
remedy("decision", body="the cantonal administrative court", days=30, cite=unverified("VwVG, art. 50(1), and the law of the canton"))
remedy("finding", body="the cantonal administrative court", days=30, cite=unverified("VwVG, art. 50(1), and the law of the canton"))

consequence("fine", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="objection against the penal order within ten days", cite="BZG, art. 88: penalties")
advice(unit="*", key="legal-aid")
advice(unit="*", key="example")
