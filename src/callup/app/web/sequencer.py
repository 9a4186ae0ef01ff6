"""The one process that enters what was recorded in the transparency log, where the portal keeps its facts in a PostgreSQL.

It brings each fact under its number into the dossier's own file, from which the line, its audit and its replay go on as ever, and enters
it among the acts. Nobody waits for it: what people send is safe before it is entered, and what it has not entered yet it enters later.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from threading import Lock

from callup.app.course import Course
from callup.app.logs import CallUpLogs
from callup.app.stores.facts import FactStore
from callup.app.stores.only_one import OnlyOne
from callup.app.web.storage import InPostgres, schema_of
from callup.app.wire import own_facts
from callup.terms.errors import OutOfOrder


class Sequencer:
    """Enters in the log what PostgreSQL has recorded.

    Args:
        course: the run.
        kept: the PostgreSQL.
        alone: held while the call-up's own engine is used.
    """

    def __init__(self, course: Course, kept: InPostgres, alone: Lock) -> None:
        self._course, self._kept, self._alone = replace(course, facts=own_facts(course.dossier)), kept, alone
        self._only = OnlyOne(kept.address, f"{schema_of(course)}.sequencer")
        self._source: FactStore | None = None
        self._behind = True

    def turn(self) -> int:
        """Bring and enter what is new; gives how many facts were brought.

        Raises:
            OutOfOrder: ``one-runs-already``: there is another sequencer.
            Unavailable: PostgreSQL or the witnesses do not answer; nothing is lost, and the next turn goes on from there.
        """
        self._only.hold()
        if self._source is None:
            self._source = self._kept.facts()
        with contextlib.ExitStack() as held:
            try:
                held.enter_context(self._course.dossier.alone(wait=False))
            except OutOfOrder:  # a stage is run at this moment: it is entered the next time
                return 0
            new = self._course.facts.take_over(self._source)
            if new or self._behind:
                self._behind = True  # a refusal here leaves it so: the next turn goes on
                with self._alone:
                    CallUpLogs(self._course).log_facts(self._course)
                    self._course.engine.let_go()
                self._behind = False
        return new

    def close(self) -> None:
        """End the connections, and with them the lock."""
        if self._source is not None:
            self._source.close()
        self._course.facts.close()
        self._only.close()
