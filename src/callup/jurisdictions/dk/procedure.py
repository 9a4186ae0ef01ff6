"""Denmark: the Defence Day and the call. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term, tolls, unverified,
)

duty("military")
order("agreed-then-lot", cite=unverified("Conscription Act: agreed volunteers, then the fit, then those of limited fitness, the low number first"))
order("draw", cite=unverified("Conscription Act: each draws a number on the Defence Day"))
term(months=11, cite=unverified("agreement of 2024: eleven months from 2026; four months before"))
conscience(cite=unverified("Act on Civilian Service: within eight weeks of the call"), until_days_before=0)

channel("portal", cite=unverified("Digital Post Act, section 7"))
channel("mail", cite="Digital Post Act, section 5: some five in a hundred are exempt and get paper")
channel("counter", cite=unverified("Conscription Act, section 23"))

# The law: served when available in the box. callup acts on opening, or on the second way; the log of the provider must name this notice.
service("portal", start="opened", days=0, on_expiry="confirm", cite="Digital Post Act, section 10")
service("portal", start="available", days=0, on_expiry="presume", acts=False, cite="Digital Post Act, section 10: when available in the box")
service("portal", start="available", days=14, on_expiry="presume", cite="callup safeguard G16: fourteen days after it was available, unless contested")
service("mail", start="delivered", days=0, on_expiry="confirm", cite=unverified("general administrative law"))
service("counter", start="delivered", days=0, on_expiry="confirm", cite=unverified("general administrative law"))

clock("lead", starts="served", days=28, cite=unverified("practice: the health form comes some six months before; four weeks are the least that callup takes"))
clock("response", starts="served", days=28, cite=unverified("Order on the Defence Day: the form is answered before the day"))
clock("second_attempt", starts="available", days=21, cite=unverified("none found"))
clock("decision", starts="claimed", days=28, cite=unverified("Council on Conscription: some four weeks until the service begins"))
clock("papers", starts="papers_asked", days=14, cite=unverified("Public Administration Act, section 21"))
clock("appeal", starts="decision_served", days=28, cite=unverified("Conscription Board: within four weeks"))
clock("storage", starts="closing", days=365, cite=unverified("none found"))

claim("deferral", papers=["document of the ground"], cite=unverified("Order on the Defence Day, section 19"))
claim("exemption", papers=["document of the ground"], cite=unverified("Conscription Act, exemptions"))
claim("alternative-service", papers=["statement of conscience"], within=56, cite=unverified("militaernaegter.dk: eight weeks from the call"))
claim("other-date", papers=["what shows the reason"], cite=unverified("Order on the Defence Day, section 19"))
claim("correction", papers=[], cite=unverified("Regulation (EU) 2016/679, art. 16"))
suspends("deferral", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("exemption", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
suspends("alternative-service", what="duty", until="final", cite=unverified("Act on Civilian Service"))
suspends("correction", what="duty", until="decided", cite="callup safeguard G16: more than the law grants")
suspends("appeal", what="duty", until="final", cite="callup safeguard G20: not sourced, so it suspends")
tolls("abroad", clocks=["service", "response", "filing"], cite="callup safeguard G20: not sourced, so it tolls")
tolls("hospital", clocks=["service", "response", "filing"], cite="callup safeguard G20: not sourced, so it tolls")

remedy("notice", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Board, chaired by a judge; final"))
remedy("decision", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Board, chaired by a judge; final"))
remedy("finding", body="Conscription Board (Vaernepligtsnaevnet)", days=28, cite=unverified("Conscription Board, chaired by a judge; final"))

consequence("fetched", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="answer, or take a lawyer", cite=unverified("Conscription Act, section 23"))
consequence("fine", imposed_by="others, outside callup", from_clock="served", days=1,
            fight="a court decides; take a lawyer", cite=unverified("Conscription Act, penalties"))
advice(unit="*", key="council")
advice(unit="*", key="example")
