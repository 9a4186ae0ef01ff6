"""Wiring: the conductor, the commands, engines, stores, the clock and the sources of randomness.

Does: runs the line stage by stage on a dossier, each stage once, and puts every room's result where it belongs.
In: a decree, a register, a key, facts, what a person types.
Out: the dossier (``open/`` for everyone, ``sealed/`` under a key kept outside), messages, exit codes.
Never: holds a rule of law, decides against a person, or prints more than one person's standing.
Follows: design decisions D1, D4-D8, D10-D12, D16, D17; safeguards G2-G4, G7, G12-G14.
"""
