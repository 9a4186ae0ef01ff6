"""The words of callup: frozen values, table schemas, canonical encoding, errors.

Does: names what all other rooms speak of, and writes a row as bytes in one way.
In: nothing but plain values.
Out: values, schemas, digests of single rows, errors.
Never: reads a file, a clock or a network; holds a rule of law; keeps rows in memory.
Follows: design decisions D1, D10, D11; RFC 8785's aim (one form of bytes) with a simpler form.

Its modules are its faces (ADR 0003): ``from callup.terms.errors import BadInput``.
"""
