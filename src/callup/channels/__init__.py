"""Ways in which a notice travels and from which evidence comes back as facts.

Does: hands notices to a carrier, makes them available in a portal, reads receipts and returns back, each fact with its evidence.
In: notices to dispatch; files of receipts; for a rehearsal a seed, rates with sources, and what has fallen due.
Out: tables of facts.
Never: decides the law, keeps truth of its own, holds pages, or says whether a notice is served.
Follows: design cases.md 6.3 and 7.3; decisions D6, D7.
"""

from callup.channels.counter import CHANNEL as COUNTER
from callup.channels.mail import CHANNEL as MAIL
from callup.channels.portal import CHANNEL as PORTAL
from callup.channels.receipts import Channel

CHANNELS: dict[str, Channel] = {channel.code: channel for channel in (MAIL, PORTAL, COUNTER)}
"""The channels by code; the rehearsal's world is `callup.channels.rehearsal`, loaded only for a rehearsal (design D7)."""

__all__ = ["CHANNELS", "Channel"]
