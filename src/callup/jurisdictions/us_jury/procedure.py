"""United States: summoning a federal petit jury, 28 U.S.C. 1864, 1866 to 1868. Notation: parsed and checked, never executed."""
from callup.law.notation import advice, blank, channel, claim, clock, consequence, duty, order, remedy, service, suspends, unverified

duty("jury")
order("draw", cite="28 U.S.C. 1864(a) and 1866(a): at random from the wheel")

channel("mail", cite="28 U.S.C. 1866(b)")
channel("counter", cite="28 U.S.C. 1866(b): personally")
channel("portal", cite=unverified("the courts' eJuror; no rule that it serves was found"))

# No fiction: the clerk's affidavit says that a summons was mailed; that it arrived must be shown before anyone must answer for silence.
service("mail", start="delivered", days=0, on_expiry="confirm", cite="28 U.S.C. 1866(b): registered or certified mail with its receipt")
service("counter", start="delivered", days=0, on_expiry="confirm", cite="28 U.S.C. 1866(b)")
service("portal", start="opened", days=0, on_expiry="confirm", cite=unverified("the courts' eJuror"))

blank("lead", cite=unverified("28 U.S.C. 1866: none; the practice of each court"))
clock("response", starts="served", days=10, cite="28 U.S.C. 1864(a): the form is returned within ten days")
clock("second_attempt", starts="handed_over", days=14, cite=unverified("none found: the practice of each court"))
blank("decision", cite=unverified("28 U.S.C. 1866(c): no time is set for the court to excuse"))
clock("appeal", starts="decision_served", days=7, cite=unverified("28 U.S.C. 1867: seven days for the parties of a case; none found for the person called"))
clock("rest", starts="fulfilled", days=731, cite="28 U.S.C. 1866(e): two years, the longest that they can be")
clock("storage", starts="closing", days=1461, cite="28 U.S.C. 1868: four years, and while a challenge is open")

claim("exemption", papers=["what shows the ground"], cite="28 U.S.C. 1866(c)(1)")
claim("other-date", papers=["what shows the hardship"], cite="28 U.S.C. 1866(c)(1) and 1869(j)")
claim("correction", papers=[], within=10, cite="28 U.S.C. 1864(a): the form is corrected and returned")
# The statute is silent on what a pending request stops; callup lets the duty rest until the court has decided (safeguard G16).
suspends("exemption", what="duty", until="decided", cite="callup safeguard G16: more than the statute grants")
suspends("other-date", what="duty", until="decided", cite="callup safeguard G16: more than the statute grants")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the statute grants")

remedy("notice", body="the district court, through its clerk", days=10, cite="28 U.S.C. 1866(c)")
remedy("decision", body="the district court", days=7, cite=unverified("28 U.S.C. 1867: for the parties of a case; none found for the person called"))
remedy("finding", body="the district court, through its clerk", days=10, cite="28 U.S.C. 1865(a)")

consequence("show-cause", imposed_by="others, outside callup", from_clock="served", days=10,
            fight="appear and show good cause; nobody may be penalised without that hearing", cite="28 U.S.C. 1866(g)")
consequence("fine", imposed_by="others, outside callup", from_clock="served", days=10,
            fight="show good cause at the hearing, then appeal", cite="28 U.S.C. 1866(g)")
advice(unit="*", key="defender")
advice(unit="*", key="example")
