"""An event loop whose time passes only by what a test says something costs: a rush of seconds in which nothing is left to chance."""

import heapq
from asyncio.base_events import BaseEventLoop

TURN = 5e-6
"""Seconds that a turn of the loop costs by itself."""


class TurnedLoop(BaseEventLoop):
    """Everything that waits for a time is begun when that time has come, in its order."""

    def __init__(self):
        super().__init__()
        self.now, self._selector, self._later, self._count = 0.0, self, [], 0

    def time(self):
        return self.now

    def spend(self, seconds):
        """What runs now costs so much."""
        self.now += seconds

    def at(self, when, act):
        """Do something at a time, or as soon after it as nothing else runs: as what comes on a line is seen."""
        self._count += 1
        heapq.heappush(self._later, (when, self._count, act))

    def select(self, timeout):
        self.now += TURN
        due = [self._later[0][0]] if self._later else []
        if timeout is None or timeout > 0:
            until = [*due, *([] if timeout is None else [self.now + timeout])]
            self.now = max(self.now, min(until))
        found = []
        while self._later and self._later[0][0] <= self.now:
            found.append(heapq.heappop(self._later)[2])
        return found

    def _process_events(self, found):
        for act in found:
            act()

    def _write_to_self(self):
        """Nobody waits elsewhere."""
