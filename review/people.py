"""Accounts and their roles; the audit trail, to be read and taken along."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Iterator, Sequence
from http import HTTPStatus
from typing import Final

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from ledger import audit
from ledger.audit import Act, AuditError
from ledger.database import Database
from models.errors import PaperclaimError
from models.role import RIGHTS, Right, Role
from review.accounts import AccountError
from review.web import Body, Signed, accounts, changing, database, noted, page, shown

#: entries on a page of the trail
_ENTRIES: Final = 200
#: rows of a file that are held at once
_PIECE: Final = 2000
_CHAINED: Final = "{} entries, the last 200 unbroken; paperclaim audit verify follows all of them"


def as_csv(name: str, head: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """A table as a CSV file, sent as it is made."""

    def pieces() -> Iterator[str]:
        left = itertools.chain([head], rows)
        while some := list(itertools.islice(left, _PIECE)):
            text = io.StringIO()
            csv.writer(text).writerows([[_harmless(value) for value in row] for row in some])
            yield text.getvalue()

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(pieces(), media_type="text/csv; charset=utf-8", headers=headers)


def _harmless(value: object) -> object:
    """Nothing that a spreadsheet would calculate."""
    risky = isinstance(value, str) and value.startswith(("=", "+", "-", "@"))
    return f"'{value}" if risky else value


def _people(signed: Signed, told: str = "", wrong: str = "") -> Response:
    return page(
        "people.html",
        HTTPStatus.CONFLICT if wrong else HTTPStatus.OK,
        session=signed.visit,
        people=accounts(signed.request).everybody(),
        roles={role: sorted(RIGHTS[role]) for role in Role},
        told=told,
        wrong=wrong,
    )


@shown(Right.PEOPLE)
def people(signed: Signed) -> Response:
    """Who may sign in, as what."""
    return _people(signed)


@changing(Right.PEOPLE)
def change(signed: Signed, body: Body) -> Response:
    """Add, change or close an account, or give somebody a new one-time password."""
    who, by = accounts(signed.request), signed.visit.user
    name = body.get("name", "").strip().lower()
    try:
        try:
            role = Role(body.get("role", ""))
        except ValueError:
            raise AccountError("There is no such role.") from None
        if body.get("act") == "add":
            told = f"{name} signs in with the one-time password {who.add(name, role, by=by)}"
        elif body.get("act") == "reset":
            told = f"{name} signs in with the one-time password {who.reset(name, by=by)}"
        else:
            who.change(name, role, disabled=body.get("disabled") == "1", by=by)
            told = f"{name} is {role} now, and was signed out."
    except PaperclaimError as error:
        return _people(signed, wrong=f"{error.message} {error.advice}")
    return _people(signed, told=told)


@shown(Right.AUDIT)
def trail(signed: Signed) -> Response:
    """The last entries of the audit trail, and whether its chain holds."""
    before = signed.request.query_params.get("before", "")
    with database(signed).read() as db:
        entries = audit.last(db, _ENTRIES, int(before) if before.isdigit() else 0)
        try:
            state = _CHAINED.format(audit.verify(db, _ENTRIES)) if not before else ""
        except AuditError as error:
            state = error.message
    noted(signed, Act("viewed", detail="audit trail"))
    return page("audit.html", session=signed.visit, entries=entries, state=state)


@shown(Right.AUDIT)
def trail_csv(signed: Signed) -> Response:
    """The whole audit trail as a file: all that an entry's digest covers."""
    noted(signed, Act("exported", detail="audit trail"))
    head = ("id", "at", "actor", "action", "dcn", "detail", "change", "digest")
    return as_csv("audit", head, _whole_trail(database(signed)))


def _whole_trail(ledger: Database) -> Iterator[tuple[object, ...]]:
    """The trail in pieces: after a year it is longer than what a process should hold."""
    number = 0
    while True:
        with ledger.read() as db:
            found = [
                (e.id, audit.exactly(e.at), e.actor, e.action, e.dcn, e.detail, e.change, e.digest)
                for e in audit.after(db, number, _PIECE)
            ]
        yield from found
        if len(found) < _PIECE:
            return
        number = found[-1][0]


ROUTES = [
    Route("/people", people),
    Route("/people", change, methods=["POST"]),
    Route("/audit", trail),
    Route("/audit.csv", trail_csv),
]
