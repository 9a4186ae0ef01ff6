"""What every request of a program may carry: who asks, the key of an act, the page that it was decided on."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple

from litestar import Request
from litestar.params import HeaderParameter, QueryParameter

from callup.app.web.store import Session

Asked = Request[Any, Any, Any]
Key = Annotated[str, HeaderParameter(name="Idempotency-Key", min_length=8, max_length=80, description="the same key twice is one act")]
Match = Annotated[str | None, HeaderParameter(name="If-Match", description="the ETag that was read; another answers 412")]
Cursor = Annotated[str, QueryParameter(max_length=80)]


class Known(NamedTuple):
    """Who asks, by the token of their session."""

    token: str
    session: Session
