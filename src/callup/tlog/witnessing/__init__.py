"""Second face of tlog: what others say of a log. Cosignatures, the policy that counts them, and proofs that are checked offline.

A witness keeps, for each log, the last checkpoint it saw; it signs a later one only with a proof that the first is its beginning,
and says the time. A policy names logs, witnesses and the groups of them that are enough. A proof file carries an entry's index,
its path to the root, and the cosigned checkpoint: whoever holds it and the policy needs no network.

Follows: C2SP tlog-cosignature (v1, Ed25519), tlog-policy, tlog-proof.
"""

from callup.tlog.witnessing.cosignature import Cosigner
from callup.tlog.witnessing.policy import Cosigned, Policy, read_policy
from callup.tlog.witnessing.proof import Proof

__all__ = ["Cosigned", "Cosigner", "Policy", "Proof", "read_policy"]
