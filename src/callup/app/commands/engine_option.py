"""The option ``--engine`` of the commands that run stages over a whole register."""

from __future__ import annotations

from typing import Annotated

import typer

EngineName = Annotated[
    str, typer.Option(help="of the stages over the whole register: duckdb, local-spark, or spark://HOST:PORT (docs/guides/scale-out.md)")
]
