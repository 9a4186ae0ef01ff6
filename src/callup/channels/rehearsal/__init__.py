"""The world in memory for a rehearsal (design D7): post office, portal, people and officials, with rates from published funnels."""

from callup.channels.rehearsal.chance import assumed_rates, read_rates
from callup.channels.rehearsal.officials import officials
from callup.channels.rehearsal.world import world

__all__ = ["assumed_rates", "officials", "read_rates", "world"]
