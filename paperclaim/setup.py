"""`paperclaim config`, `schema`, `version`: what is set, promised and installed."""

from __future__ import annotations

import enum
from typing import Annotated

import typer


class Schema(enum.StrEnum):
    """A JSON that leaves Paperclaim."""

    READING = "reading-1"
    CLAIM = "claim-1"
    API = "openapi"


def config() -> None:
    """Print every setting and where its value came from."""
    from config.load import load

    values = list(load().values())
    wide = max(len(f"{v.key} = {v.value}") for v in values)
    for value in values:
        typer.echo(f"{f'{value.key} = {value.value}':{wide}}  # {value.origin}")


def schema(
    name: Annotated[Schema, typer.Argument(help="Which one.")] = Schema.READING,
) -> None:
    """Print the JSON Schema of what leaves Paperclaim.

    reading-1 is what `read` writes, claim-1 what the outbox gets, openapi describes the API.
    """
    from delivery.schema import published

    typer.echo(published()[f"{name}.json"], nl=False)


def version() -> None:
    """Print the version."""
    from importlib import metadata

    typer.echo(metadata.version("paperclaim"))
