"""Huntington-Hill: rounding at the geometric mean, compared in squares; every unit with persons has at least one place."""

from fractions import Fraction

from callup.draw.divisor import Divisor

METHOD = Divisor("huntington-hill", lambda persons, places: Fraction(persons * persons, places * (places + 1)), least=1, power=2)
