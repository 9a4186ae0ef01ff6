"""Jefferson (D'Hondt): rounding down; favours large units."""

from fractions import Fraction

from callup.draw.divisor import Divisor

METHOD = Divisor("jefferson", lambda persons, places: Fraction(persons, places + 1))
