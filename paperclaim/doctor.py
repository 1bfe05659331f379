"""`paperclaim doctor`: is everything there, and what is to be done about what isn't?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from config.settings import Settings
    from paperclaim.checks.check import Check


def doctor() -> None:
    """Check this machine and this installation.

    Each line is ok, warn or fail, with what can be done about it; the exit status is 1 if
    something keeps Paperclaim from working.
    """
    from config.load import settings

    failed = False
    for check in examine(settings()):
        typer.echo(f"{check.state:4}  {check.name}: {check.said}")
        if check.remedy:
            typer.echo(f"      {check.remedy}")
        failed |= check.state == "fail"
    if failed:
        raise typer.Exit(1)


def examine(settings: Settings) -> Iterator[Check]:
    """Everything that is looked at, in order."""
    from paperclaim.checks.folders import folders
    from paperclaim.checks.ledger import ledger
    from paperclaim.checks.programs import programs
    from paperclaim.checks.queue import queue

    yield from programs()
    yield from folders(settings)
    yield from queue(settings)
    yield from ledger(settings)
