"""Freedonia: Service Procedure Act 2020. Notation, not a program: parsed and checked, never executed."""
from callup.law.notation import (
    advice, channel, claim, clock, conscience, consequence, duty, order, remedy, service, suspends, term,
)

duty("military")
order("volunteers-then-draw", cite="Service Act 2020, art. 12")
order("list-with-objections", cite="Service Act 2020, art. 13")
term(months=9, cite="Service Act 2020, art. 4")
conscience(cite="Service Act 2020, art. 10", until_days_before=0)

channel("mail", cite="Service Procedure Act 2020, art. 2(1)")
channel("portal", cite="Service Procedure Act 2020, art. 2(2)", since="2022-01-01")
channel("counter", cite="Service Procedure Act 2020, art. 2(3)")

service("mail", start="delivered", days=0, on_expiry="confirm", cite="Service Procedure Act 2020, art. 3(1)")
service("mail", start="handed_over", days=7, on_expiry="presume", rebuttable="closing", cite="Service Procedure Act 2020, art. 3(2)")
service("portal", start="opened", days=0, on_expiry="confirm", cite="Service Procedure Act 2020, art. 3(3)", since="2022-01-01")
service("portal", start="available", days=10, on_expiry="fail", cite="Service Procedure Act 2020, art. 3(4)", since="2022-01-01")
service("counter", start="delivered", days=0, on_expiry="confirm", cite="Service Procedure Act 2020, art. 3(5)")

clock("lead", starts="served", days=14, cite="Service Procedure Act 2020, art. 4(1)")
clock("response", starts="served", days=14, cite="Service Procedure Act 2020, art. 4(2)")
clock("second_attempt", starts="handed_over", days=10, cite="Service Procedure Act 2020, art. 4(3)")
clock("decision", starts="claimed", days=15, working=True, cite="Service Procedure Act 2020, art. 6(1)")
clock("appeal", starts="decision_served", days=30, cite="Service Procedure Act 2020, art. 7(1)")
clock("objection", starts="published", days=10, cite="Service Procedure Act 2020, art. 8")
clock("storage", starts="closing", days=365, cite="Service Procedure Act 2020, art. 14")

claim("deferral", papers=["certificate of studies"], cite="Service Act 2020, art. 9")
claim("exemption", papers=["document of the ground"], cite="Service Act 2020, art. 8")
claim("alternative-service", papers=["statement of conscience"], cite="Service Act 2020, art. 10")
claim("other-date", papers=[], cite="Service Procedure Act 2020, art. 5")
claim("correction", papers=[], cite="Service Procedure Act 2020, art. 13")
suspends("deferral", what="duty", until="final", cite="Service Procedure Act 2020, art. 8(1)")
suspends("exemption", what="duty", until="final", cite="Service Procedure Act 2020, art. 8(1)")
suspends("alternative-service", what="duty", until="final", cite="Service Procedure Act 2020, art. 8(2)")
suspends("correction", what="duty", until="decided", cite="Service Procedure Act 2020, art. 8(3)")
suspends("appeal", what="duty", until="final", cite="Service Procedure Act 2020, art. 8(4)")

remedy("notice", body="Service Court of Freedonia", days=30, cite="Service Procedure Act 2020, art. 7(1)")
remedy("decision", body="Service Court of Freedonia", days=30, cite="Service Procedure Act 2020, art. 7(2)")
remedy("finding", body="Service Court of Freedonia", days=30, cite="Service Procedure Act 2020, art. 7(3)")

consequence("fine", imposed_by="Service Court of Freedonia", from_clock="served", days=30,
            fight="appeal within 30 days to the Service Court", cite="Service Act 2020, art. 20")
advice(unit="*", key="service-ombudsman")
