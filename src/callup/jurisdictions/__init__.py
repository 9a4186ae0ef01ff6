"""Jurisdictions: one folder a country, of notation, TOML and text; this package finds and loads them.

Does: lists the folders there are, loads one (law, procedure, calendar, forms, examples, sources) and gives its version.
In: a code such as ``freedonia``, and optionally folders from outside the tree.
Out: a ``Jurisdiction``; bytes of a data file.
Never: executes a file of a folder; imports a stage; computes over rows; accepts foreign code.
Follows: design decisions D2, D3, D28 and D32; safeguards G1, G15, G17 and G20.
"""

from callup.jurisdictions.folders import Jurisdiction, available, load, resource

__all__ = ["Jurisdiction", "available", "load", "resource"]
