"""Denmark: the Defence Day and the call. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term, tolls, unverified,
)

duty("military")
order("agreed-then-lot", cite="Conscription Act, section 23")
order("draw", cite="Order on the Defence Day, section 19(1)")
term(months=11, cite=unverified("agreement of 2024: eleven months from 2026; four months before"))
# Eight weeks from the day the call is received; a later claim is heard where there is a reason (section 2(4)).
conscience(cite="Act on Civilian Service, section 1(1) and 2", until_days_before=0)

channel("portal", cite="Digital Post Act, section 7(1)")
channel("mail", cite="Digital Post Act, section 5: some five in a hundred are exempt and get paper")
channel("counter", cite=unverified("none found: by hand"))

# The law: served when available in the box. callup acts on opening, or on the second way; the log of the provider must name this notice.
service("portal", start="opened", days=0, on_expiry="confirm", cite="Digital Post Act, section 10")
service("portal", start="available", days=0, on_expiry="presume", acts=False, cite="Digital Post Act, section 10: when available in the box")
service("portal", start="available", days=14, on_expiry="presume", cite="callup safeguard G16: fourteen days after it was available, unless contested")
service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("general administrative law"))
service("counter", start="delivered", days=0, on_expiry="confirm", cite=unverified("general administrative law"))

clock("lead", starts="served", days=28, cite=unverified("practice: the health form comes some six months before; four weeks are the least that callup takes"))
clock("response", starts="served", days=28, cite=unverified("Order on the Defence Day: the form is answered before the day"))
clock("second_attempt", starts="available", days=21, cite=unverified("none found"))
clock("decision", starts="claimed", days=28, cite=unverified("none found: the Conscripts' Council names some four weeks until the Board begins with a complaint"))
clock("papers", starts="papers_asked", days=14, cite="Public Administration Act, section 21(1): the authority sets a time, here fourteen days")
clock("appeal", starts="decision_served", days=28, cite=unverified("Conscription Act, section 9: no number of weeks was read"))
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("deferral", papers=["document of the ground"], cite="Conscription Act, section 13(4) and 28")
claim("exemption", papers=["document of the ground"], cite="Conscription Act, section 6")
claim("alternative-service", papers=["statement of conscience"], within=56, cite="Act on Civilian Service, section 2(1)")
claim("other-date", papers=["what shows the reason"], cite=unverified("Order on the Defence Day: the section was not found"))
claim("correction", papers=[], cite="Regulation (EU) 2016/679, art. 16")
suspends("deferral", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("exemption", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("alternative-service", what="duty", until="final", cite=unverified("Act on Civilian Service"))
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("appeal", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
tolls("abroad", clocks=["service", "response", "filing"], cite="callup safeguard G20: not sourced, so it tolls")
tolls("hospital", clocks=["service", "response", "filing"], cite="callup safeguard G20: not sourced, so it tolls")

remedy("notice", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Act, section 9: no number of weeks was read"))
remedy("decision", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Act, section 9: no number of weeks was read"))
remedy("finding", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Act, section 9: no number of weeks was read"))

consequence("fetched", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="answer, or take a lawyer", cite=unverified("Conscription Act, penalties: the section was not found"))
consequence("fine", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="a court decides; take a lawyer", cite=unverified("Conscription Act, penalties: the section was not found"))
advice(unit="*", key="council")
advice(unit="*", key="example")
