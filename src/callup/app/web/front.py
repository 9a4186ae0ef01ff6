"""Who comes to read while a line stands, and could not be served, is told so before their request is taken apart.

The answer is the one that `callup.app.web.come_back` gives, byte for byte, and the connection stays. Only what is certain to be one whole
request for a page is answered here. Whatever else comes goes the long way: forms, a request that comes in pieces or with another behind
it, one whose answer is still awaited on this connection, HTTP/1.0, whoever wants the connection closed.
"""

from __future__ import annotations

import re
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from callup.app.web.admission import Admission, waits
from callup.app.web.come_back import ComeBack

_READS = re.compile(rb"GET (/[!-~]*) HTTP/1\.1\r\n(?:[!-9;-~]+:[\t -~\x80-\xff]*\r\n)*\r\n")
"""One request to read, from its first byte to its last (RFC 9112, 2.1); the names of its headers are not looked at yet."""
_OTHER = (b"content-length", b"transfer-encoding", b"close", b"\r\nexpect")
"""Where one of these stands anywhere, a body may follow, or the connection is to be closed: it goes the long way, also if it stands in an
address and means nothing."""


class Front(HttpToolsProtocol):
    """uvicorn's connection with a look at the door before it. `before` makes one for a door."""

    door: ClassVar[Admission]
    come_back: ClassVar[ComeBack]
    _under_way = False
    """Whether a request has begun to come whose end has not."""

    def on_message_begin(self) -> None:
        """The parser saw the beginning of a request."""
        self._under_way = True
        super().on_message_begin()

    def on_message_complete(self) -> None:
        """The parser saw the end of a request."""
        self._under_way = False
        super().on_message_complete()

    def data_received(self, came: bytes) -> None:
        """Take what came on the line."""
        told = self._told(came) if self._is_quiet() else None
        if told is None:
            super().data_received(came)
            return
        self._unset_keepalive_if_required()
        self.server_state.total_requests += 1
        own = [b"%b: %b\r\n" % one for one in self.server_state.default_headers]
        self.transport.write(b"".join([STATUS_LINE[503], *own, *told]))
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)

    def _is_quiet(self) -> bool:
        """Whether nothing is under way on this connection: no request half come, no answer awaited or held back."""
        answered = self.cycle is None or self.cycle.response_complete
        return answered and not (self._under_way or self.pipeline or self.flow.write_paused or self.transport.is_closing())

    def _told(self, came: bytes) -> list[bytes] | None:
        """What a reader is told who cannot be served; none where it is no such request, or may be served."""
        if not self.door.stands() or (asked := _READS.fullmatch(came)) is None:
            return None
        path, _, query = asked[1].partition(b"?")
        lowered = came.lower()
        if b"%" in path or not waits(path.decode()) or any(one in lowered for one in _OTHER) or not self.door.full():
            return None
        return self.come_back.written(path, query, *(_said(came, lowered, name) for name in (b"cookie", b"accept-language")))


def _said(came: bytes, lowered: bytes, name: bytes) -> bytes:
    """What a header says that may be there; the last, where it is there twice."""
    place = lowered.rfind(b"\r\n%b:" % name)
    return came[place + len(name) + 3 : came.index(b"\r\n", place + 2)].strip() if place >= 0 else b""


def before(door: Admission, come_back: ComeBack) -> type[Front]:
    """A connection that looks at this door, and tells whoever cannot be served what this says."""
    return type("Front", (Front,), {"door": door, "come_back": come_back})
