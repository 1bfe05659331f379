"""`paperclaim letters`: what providers were asked, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ledger.requests import Request

letters = typer.Typer(help="Letters that ask providers.", no_args_is_help=True)
Dcn = Annotated[str, typer.Argument(metavar="DCN", help="Document control number.")]
Out = Annotated[Path, typer.Option("--out", "-o", help="Where to write the PDF.")]
#: who acts when nobody says
_NOBODY = "command line"
By = Annotated[str, typer.Option("--by", help="Who acts, for the history.")]


@letters.command("list")
def listing(
    *,
    every: Annotated[bool, typer.Option("--all", help="Those that are done too.")] = False,
) -> None:
    """List requests: drafts that wait for a word, and letters that wait for an answer."""
    from config.load import settings
    from ledger import requests
    from models.request import OPEN, RequestState
    from paperclaim.record import record

    wanted = frozenset(RequestState) if every else OPEN | {RequestState.DRAFT}
    # printed when the database is closed: whoever reads slowly must keep nobody from it
    with record(settings()) as database, database.read() as db:
        lines = [_line(db, request) for request in requests.listed(db, wanted)]
    typer.echo("\n".join(lines) or "none")


@letters.command()
def draft(dcn: Dcn, *, by: By = _NOBODY) -> None:
    """Draft the letter about a claim, and print what it asks."""
    from config.load import settings
    from letters import desk
    from models import dcn as control_numbers
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        asked = desk.draft(db, control_numbers.parse(dcn), by)
    for number, item in enumerate(asked.draft.final().items, start=1):
        typer.echo(f"{number:2}. {item.where or 'the claim'}: {item.text}")


@letters.command()
def preview(dcn: Dcn, out: Out) -> None:
    """Write the letter that would be sent, marked as a draft."""
    from config.load import settings
    from letters import desk
    from models import dcn as control_numbers
    from paperclaim.files import write_whole
    from paperclaim.record import record

    in_force = settings()
    with record(in_force) as database, database.read() as db:
        made = desk.preview_pdf(db, control_numbers.parse(dcn), in_force.letters)
    write_whole(out, made)
    typer.echo(out)


@letters.command()
def send(dcn: Dcn, *, by: By = _NOBODY) -> None:
    """Send the draft: the claim waits for its provider, a worker posts the letter."""
    from config.load import settings
    from letters import desk
    from models import dcn as control_numbers
    from paperclaim.record import record

    in_force = settings()
    with record(in_force) as database, database.begin() as db:
        letter = desk.send(db, control_numbers.parse(dcn), in_force.letters, by)
    typer.echo(f"{letter.key} by {letter.channel}, answer until {letter.due}")


@letters.command()
def withdraw(
    dcn: Dcn,
    reason: Annotated[str, typer.Argument(help="Why, in a few words.", show_default=False)],
    *,
    by: By = _NOBODY,
) -> None:
    """Take a draft or a request back."""
    from config.load import settings
    from letters import desk
    from models import dcn as control_numbers
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        asked = desk.withdraw(db, control_numbers.parse(dcn), by, reason)
    typer.echo(f"request {asked.number} is withdrawn")


@letters.command()
def log(dcn: Dcn) -> None:
    """Print everything that happened to the requests about a claim."""
    from config.load import settings
    from letters import desk
    from models import dcn as control_numbers
    from paperclaim.record import record

    with record(settings()) as database, database.read() as db:
        entries = desk.log(db, control_numbers.parse(dcn))
    for entry in entries:
        why = f", {entry.reason}" if entry.reason else ""
        at = f"{entry.at.astimezone():%Y-%m-%d %H:%M:%S}"
        typer.echo(f"{at}  request {entry.request} {entry.event} by {entry.actor}{why}")
    if not entries:
        typer.echo("nothing was asked")


@letters.command("print")
def print_again(
    key: Annotated[str, typer.Argument(metavar="LETTER", help="As the list names it.")], out: Out
) -> None:
    """Write a letter as it was sent."""
    from config.load import settings
    from letters import desk
    from paperclaim.files import write_whole
    from paperclaim.record import record

    with record(settings()) as database, database.read() as db:
        kept = desk.letter_pdf(db, key)
    write_whole(out, kept)
    typer.echo(out)


@letters.command()
def resend(
    key: Annotated[str, typer.Argument(metavar="LETTER", help="As the list names it.")],
    *,
    by: By = _NOBODY,
) -> None:
    """Send an e-mail again of which nobody knows whether it left."""
    from config.load import settings
    from letters import posting
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        posting.resend(db, key, by)
    typer.echo(f"{key} is sent again")


@letters.command()
def unmatched() -> None:
    """List papers that came for a claim nobody knows, oldest first."""
    from config.load import settings
    from ledger import joins
    from paperclaim.record import record

    with record(settings()) as database, database.read() as db:
        found = joins.unmatched(db)
    for paper in found:
        typer.echo(f"{paper.dcn}  received {paper.received}, {_days(paper.days)}")
    if not found:
        typer.echo("none")


@letters.command()
def join(paper: Dcn, claim: Dcn, *, by: By = _NOBODY) -> None:
    """Join a paper to the claim that it belongs to, on a person's word."""
    from config.load import settings
    from ledger import documents
    from ledger.joins import Role
    from letters import replies
    from models import dcn as control_numbers
    from models.page import Form
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        found = documents.get(db, control_numbers.parse(paper))
        role = Role.CORRECTION if Form(found.form).is_claim else Role.ATTACHMENT
        number = control_numbers.parse(claim)
        joined = replies.join(db, found, number, role, by="person", actor=by)
    typer.echo("joined" if joined else "it was joined already")


@letters.command()
def unjoin(
    paper: Dcn,
    claim: Dcn,
    reason: Annotated[str, typer.Argument(help="Why, in a few words.", show_default=False)],
    *,
    by: By = _NOBODY,
) -> None:
    """Take a paper away from a claim that it was joined to by mistake.

    What it suggested is dropped; where it was taken for the provider's answer, the claim waits
    for that again. The history keeps both.
    """
    from config.load import settings
    from ledger import documents
    from letters import replies
    from models import dcn as control_numbers
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        found = documents.get(db, control_numbers.parse(paper))
        number = control_numbers.parse(claim)
        replies.unjoin(db, found, number, reason, actor=by)
        state = documents.get(db, number).state
    typer.echo(f"taken away; {number} is {state}")


def _line(db: Session, request: Request) -> str:
    from ledger import documents, requests

    received = documents.get(db, request.dcn).received
    parts = [f"{request.dcn}  request {request.number} {request.state:9} received {received}"]
    if request.due:
        parts.append(f"answer until {request.due}")
    if request.next_on:
        parts.append(f"next on {request.next_on}")
    for letter in requests.letters(db, request.id):
        states = [one.state for one in requests.postings(db, letter.id)]
        at = "posted" if "posted" in states else "to be posted"
        parts.append(f"{letter.key} {letter.dated} {at}")
    return "\n    ".join(parts)


def _days(days: int) -> str:
    return "today" if days < 1 else f"{days} days"
