"""The option ``--engine`` of the commands that look at a whole register or at all cases."""

from __future__ import annotations

from typing import Annotated

import typer

EngineName = Annotated[
    str, typer.Option(help="what looks at everybody: duckdb, local-spark, or spark://HOST:PORT (docs/guides/scale-out.md)")
]
