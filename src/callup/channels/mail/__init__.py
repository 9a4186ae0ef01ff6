"""Letters by a carrier: handed over with a posting list; receipts and returns come back, some of them late."""

from callup.channels.receipts import Channel

CHANNEL = Channel(
    "mail",
    "carrier",
    "handed_over",
    (
        "delivered",
        "receipt_refused",
        "returned",
        "attempt_failed",
    ),
)
