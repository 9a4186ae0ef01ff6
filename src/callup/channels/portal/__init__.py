"""The portal account: a notice is made available there; the portal's log says when it was opened."""

from callup.channels.receipts import Channel

CHANNEL = Channel(
    "portal",
    "portal",
    "available",
    (
        "opened",
        "attempt_failed",
    ),
)
