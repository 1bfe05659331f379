"""`paperclaim status`, `show`, `move`, `retry`: what there is, how it stands, where it goes."""

from __future__ import annotations

import datetime as dt
import enum
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from intake.inbox import Candidate
    from ledger.documents import Document
    from models.reading import DocumentReading


def status(
    *,
    names: Annotated[
        bool, typer.Option("--names", help="Name the files that failed: a name may say much.")
    ] = False,
) -> None:
    """Count documents by state; list what failed."""
    from config.load import settings
    from ledger import steps
    from paperclaim.record import record

    in_force = settings()
    # printed when the database is closed: whoever reads slowly must keep nobody from it
    with record(in_force) as database, database.read() as db:
        lines = [*_counts(db), "", f"{'steps to do':12} {steps.open_steps(db):>7}"]
        paused = Counter(step.error for step in steps.paused(db))
        lines += [f"{'tried again':12} {n:>7}  ({code})" for code, n in sorted(paused.items())]
        failures = list(_failures(db, names=names))
    lines.append(f"{'quarantine':12} {_set_aside(in_force.quarantine):>7}")
    arriving, refused = _arriving(in_force.inbox)
    lines.append(f"{'inbox':12} {arriving:>7}")
    if refused:
        lines.append(f"{'never taken':12} {refused:>7}  (inbox.refused)")
    typer.echo("\n".join([*lines, *failures]))


def show(
    dcn: Annotated[str, typer.Argument(metavar="DCN", help="Document control number.")],
) -> None:
    """Show a document by its control number.

    Its pages, findings, deliveries and history; no values of its fields.
    """
    from config.load import settings
    from ledger import documents
    from models import dcn as control_numbers
    from paperclaim.record import record

    number = control_numbers.parse(dcn)
    with record(settings()) as database, database.read() as db:
        lines = list(_document(db, documents.get(db, number)))
    typer.echo("\n".join(lines))


class Decision(enum.StrEnum):
    """Where a person may send a document; the desk makes it ready."""

    REVIEW = "review"
    RETURNED = "returned"
    REJECTED = "rejected"
    VOIDED = "voided"


def move(
    dcn: Annotated[str, typer.Argument(metavar="DCN", help="Document control number.")],
    to: Annotated[Decision, typer.Argument(help="Its state then.", show_default=False)],
    reason: Annotated[str, typer.Argument(help="Why, in a few words.", show_default=False)],
    *,
    by: Annotated[str, typer.Option("--by", help="Who decides, for the history.")] = "command line",
) -> None:
    """Return, reject or void a document, or have it reviewed again.

    Whoever follows what goes out is told in a revision; a request to the provider that is open is
    withdrawn. What is voided stays so.
    """
    from config.load import settings
    from letters.decide import decide
    from models import dcn as control_numbers
    from models.state import State
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        moved = decide(db, control_numbers.parse(dcn), State(to), reason, actor=by)
    typer.echo(f"{moved.dcn} is {moved.state}")


def retry(
    scans: Annotated[
        list[int] | None,
        typer.Argument(metavar="[SCAN]...", help="Numbers that status shows; none is all."),
    ] = None,
) -> None:
    """Try again what failed, once it is mended."""
    from config.load import settings
    from ledger import steps
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        failed = steps.failures(db, scans or ())
        for step in failed:
            steps.retry(db, step)
    typer.echo(f"{len(failed)} steps are tried again")


def _age(day: dt.date) -> str:
    today = dt.datetime.now().astimezone().date()
    days = (today - day).days
    return f"{day} ({'today' if days < 1 else f'{days} days'})"


def _set_aside(quarantine: Path) -> int:
    """Files in quarantine, without the notes of why beside them."""
    from intake.taking import REASON

    found = (p.name for p in quarantine.rglob("*") if p.is_file())
    return sum(not name.startswith(".") and not name.endswith(REASON) for name in found)


def _arriving(inbox: Path) -> tuple[int, int]:
    """What lies in the inbox and will be taken, and what stays there."""
    from intake.inbox import candidates

    found: list[Candidate] = []
    with suppress(OSError):
        found = candidates(inbox)
    refused = sum(one.refusal is not None for one in found)
    return len(found) - refused, refused


def _counts(db: Session) -> Iterator[str]:
    """Documents by state, and papers that belong to no claim."""
    from ledger import documents, joins
    from models.state import State

    counts, oldest = documents.counts(db), documents.oldest(db)
    yield f"{'documents':12} {'count':>7}  oldest"
    for state in State:
        if state in counts:
            yield f"{state:12} {counts[state]:>7}  {_age(oldest[state])}"
    if not counts:
        yield "none yet"
    waiting = joins.unmatched(db)
    if waiting:
        yield f"\n{'unmatched':12} {len(waiting):>7}  {_age(waiting[0].received)}"


def _failures(db: Session, *, names: bool) -> Iterator[str]:
    """What was given up, with its code and what can be done."""
    from sqlalchemy import select

    from ledger import scans, steps

    failed = steps.failures(db)
    if failed:
        yield "\nfailed (`paperclaim retry` tries again)"
    for step in failed:
        what = f"page {step.number}" if step.number else step.dcn
        line = f"scan {step.scan_id} {step.kind} {what}".rstrip()
        yield f"  {line}: {step.error or 'no reason'} after {step.attempt} attempts"
        if names:
            arrived = select(scans.Arrival.name).where(scans.Arrival.scan_id == step.scan_id)
            yield f"    {', '.join(db.scalars(arrived))}"


def _document(db: Session, document: Document) -> Iterator[str]:
    from delivery.compose import current
    from ledger import clocks, deliveries, documents, joins, scans

    reading = current(db, document)
    tags = scans.tags(db, document.scan_id)
    clock = clocks.days_left(db, document)
    yield f"{document.dcn}  {document.form}  {document.state}"
    yield f"received   {_age(document.received)}"
    yield f"scan       {document.scan_id}{' from ' + '/'.join(tags) if tags else ''}"
    if clock is not None:
        left = "starts again with the answer" if clock.left is None else f"{clock.left} days left"
        yield f"clock      {left}{', stopped' if clock.stopped else ''}"
    if document.leased_by:
        yield f"open       by {document.leased_by}"
    for facts in reading.page_facts:
        turned = f", turned {facts.quarter_turns * 90} degrees" if facts.quarter_turns else ""
        yield f"page       {facts.number}: {facts.form}, laid by {facts.method}{turned}"
    yield _fields(reading)
    for finding in reading.findings:
        where = ", ".join(finding.fields)
        yield f"finding    {finding.rule} {finding.severity} ({finding.cause}): {where}"
    for join in joins.of_claim(db, document.dcn):
        yield f"joined     {join.paper} as {join.role}, by {join.by}"
    for join in joins.of_paper(db, document.dcn):
        yield f"belongs to {join.dcn} as {join.role}, by {join.by}"
    for revision in range(1, document.revision + 1):
        delivered = deliveries.one(db, document.dcn, revision)
        if delivered is not None:
            yield f"delivered  revision {revision}, {_time(delivered.delivered)}"
    for change in documents.history(db, document.dcn):
        way = f"{change.before or 'new'} to {change.after}"
        why = f", {change.reason}" if change.reason else ""
        yield f"history    {_time(change.at)}  {way} by {change.actor}{why}"


def _fields(reading: DocumentReading) -> str:
    doubtful = [name for name, field in reading.fields.items() if not field.accepted]
    line = f"fields     {len(reading.fields)} read"
    return f"{line}, in doubt: {', '.join(doubtful)}" if doubtful else line


def _time(at: dt.datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M:%S}"
