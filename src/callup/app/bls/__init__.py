"""BLS signatures on BLS12-381 with signatures in G1, in plain integers: only for verifying public values.

Nothing secret goes through these modules, so they need not run in constant time. Sources: RFC 9380 (hashing to the curve),
draft-irtf-cfrg-pairing-friendly-curves-11 section 4.2.1 (the curve and its generators) and
draft-irtf-cfrg-bls-signature-05 (verification, subgroup checks). Called once a draw; two pairings take a tenth of a second.
"""

from callup.app.bls.signature import signature_holds

__all__ = ["signature_holds"]
