"""Webster (Sainte-Lague): rounding at the half."""

from fractions import Fraction

from callup.draw.divisor import Divisor

METHOD = Divisor("webster", lambda persons, places: Fraction(2 * persons, 2 * places + 1))
