"""The world in memory for a rehearsal (design D7): post office, portal, people and officials, with rates from published funnels."""

from callup.channels.rehearsal.chance import read_rates
from callup.channels.rehearsal.officials import officials
from callup.channels.rehearsal.world import world

__all__ = ["officials", "read_rates", "world"]
