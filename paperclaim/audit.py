"""`paperclaim audit`: the trail of every view, edit, print and export."""

from __future__ import annotations

import typer

audit = typer.Typer(help="The trail of every view, edit, print and export.", no_args_is_help=True)


@audit.callback()
def _audit() -> None:
    """Keep `verify` a command of its own: a group with one command would hide its name."""


@audit.command()
def verify() -> None:
    """Follow the chain of the audit trail from its first entry to its last."""
    from config.load import settings
    from ledger.audit import verify as follow
    from paperclaim.record import record

    with record(settings()) as database, database.read() as db:
        count = follow(db)
    typer.echo(f"{count} entries, unbroken")
