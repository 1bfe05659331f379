"""`paperclaim purge`: what documents said, and scans that failed, removed for good."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from paperclaim.errors import PurgeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ledger.database import Database


def purge(
    dcns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[DCN]...", help="Documents, with what belongs to each."),
    ] = None,
    *,
    reason: Annotated[str, typer.Option("--reason", help="Why, and by whose order.")],
    before: Annotated[
        dt.datetime | None,
        typer.Option(
            "--before",
            metavar="DATE",
            formats=["%Y-%m-%d"],
            help="All that rest since before that day.",
            show_default=False,
        ),
    ] = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only tell how many.")] = False,
    by: Annotated[str, typer.Option("--by", help="Who decides, for the history.")] = "command line",
) -> None:
    """Remove for good what documents said: readings, pages, answers, letters, originals.

    Only what waits for nobody: delivered, returned, rejected, voided, information. Control numbers,
    days, states, history and the audit trail stay, and so does what went out. An original with
    several documents on it goes with the last of them. By age, scans that failed go, too.
    """
    from config.load import settings
    from ledger import purging, store
    from ledger.purging import NotPurgedError
    from paperclaim.record import record

    if bool(dcns) == (before is not None):
        raise PurgeError("Say which: control numbers, or --before a day.")
    if before is not None and before.date() > dt.datetime.now().astimezone().date():
        raise PurgeError("That day is still to come.")
    in_force = settings()
    with record(in_force) as database:
        kept_in = store.open(in_force)
        wanted, purged, kept = _wanted(database, dcns or (), before), 0, 0
        for dcn in wanted if not dry else ():
            try:
                purging.purge(database, kept_in, dcn, reason, actor=by)
            except NotPurgedError:
                # by age, the next time is soon enough
                if before is None:
                    raise
                kept += 1
            else:
                purged += 1
        failed = _failed(database, before)
        if not dry:
            failed = [scan for scan in failed if purging.forget(database, kept_in, scan, actor=by)]
        purging.settle(database)
    told = f"{len(wanted)} documents would be purged" if dry else f"{purged} documents purged"
    told += f", {kept} wait for something" if kept else ""
    typer.echo(told + (f", and {len(failed)} scans that failed" if failed else ""))


def _failed(database: Database, before: dt.datetime | None) -> list[int]:
    """The scans that nothing became of, where it is by age."""
    from ledger import purging

    if before is None:
        return []
    with database.read() as db:
        return purging.failed(db, before.astimezone())


def _wanted(database: Database, dcns: Iterable[str], before: dt.datetime | None) -> list[str]:
    """The documents that are meant, in the order in which they can be purged."""
    from ledger import purging
    from models import dcn as control_numbers

    with database.read() as db:
        if before is not None:
            return purging.due(db, before.astimezone())
        named = [purging.with_papers(db, control_numbers.parse(dcn)) for dcn in dcns]
    return list(dict.fromkeys(dcn for some in named for dcn in some))
