"""Adams: rounding up; every unit with persons has at least one place; favours small units."""

from fractions import Fraction

from callup.draw.divisor import Divisor

METHOD = Divisor("adams", Fraction, least=1)
