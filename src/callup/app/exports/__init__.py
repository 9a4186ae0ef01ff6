"""What leaves callup about one case: evidence, timeline, calendar, the person's whole record. Each is a pure function of a `Case`.

The tables that map our facts to foreign vocabularies stand here and not in ``cases``: they say how others speak, and nothing
that callup decides may rest on them (ADR 0024).
"""
