"""By hand at a desk or a door, against a receipt."""

from callup.channels.receipts import Channel

CHANNEL = Channel(
    "counter",
    "desk",
    "",
    (
        "delivered",
        "receipt_refused",
    ),
)
