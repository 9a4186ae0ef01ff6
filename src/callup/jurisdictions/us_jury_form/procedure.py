"""United States: the juror qualification form, 28 U.S.C. 1864. It names no day. Notation: parsed and checked, never executed."""
from callup.law.notation import advice, blank, channel, claim, clock, consequence, duty, order, remedy, service, suspends, unverified

duty("jury")
order("draw", cite="28 U.S.C. 1864(a): at random from the master wheel")

channel("mail", cite="28 U.S.C. 1864(a)")
channel("counter", cite="28 U.S.C. 1864(a): before the clerk")
channel("portal", cite=unverified("the courts' eJuror; no rule that it serves was found"))

# The form is mailed; no text says when it is served. As with the summons, receipt must be shown.
service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("28 U.S.C. 1864(a): none; as 1866(b) for the summons"))
service("counter", start="delivered", days=0, on_expiry="confirm", cite="28 U.S.C. 1864(a)")
service("portal", start="opened", days=0, on_expiry="confirm", cite=unverified("the courts' eJuror"))

blank("lead", cite=unverified("28 U.S.C. 1864: none; the form names no day"))
clock("response", starts="served", days=10, cite="28 U.S.C. 1864(a): the form is returned within ten days")
clock("second_attempt", starts="handed_over", days=14, cite=unverified("none found: the practice of each court"))
blank("decision", cite=unverified("28 U.S.C. 1865(a): no time is set for the judge to decide"))
clock("appeal", starts="decision_served", days=7, cite=unverified("28 U.S.C. 1867: seven days for the parties of a case; none found for the person called"))
clock("storage", starts="closing", days=1461, cite="28 U.S.C. 1868: four years, and while a challenge is open")

claim("correction", papers=[], within=10, cite="28 U.S.C. 1864(a): the form is corrected and returned")
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the statute grants")

remedy("notice", body="the district court, through its clerk", days=10, cite=unverified("28 U.S.C. 1864: none found; the time to answer"))
remedy("decision", body="the district court", days=7, cite=unverified("28 U.S.C. 1867: for the parties of a case; none found for the person called"))
remedy("finding", body="the district court, through its clerk", days=10, cite=unverified("28 U.S.C. 1864: none found; the time to answer"))

consequence("clerk", imposed_by="others, outside callup", from_clock="served", days=10,
            fight="send the form back, or fill it out before the clerk", cite="28 U.S.C. 1864(a)")
consequence("show-cause", imposed_by="others, outside callup", from_clock="served", days=10,
            fight="appear and show good cause; nobody may be penalised without that order", cite="28 U.S.C. 1864(b)")
advice(unit="*", key="defender")
advice(unit="*", key="example")
