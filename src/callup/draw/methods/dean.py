"""Dean: rounding at the harmonic mean; every unit with persons has at least one place."""

from fractions import Fraction

from callup.draw.divisor import Divisor

METHOD = Divisor("dean", lambda persons, places: Fraction(persons * (2 * places + 1), 2 * places * (places + 1)), least=1)
