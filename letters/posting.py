"""A letter leaves: as a file for the mail run or the portal, and as a notice by e-mail.

Never twice. What is about to happen is entered before it happens: a file is whole under a hidden
name then, and gets its own by a rename that can only be done once; an e-mail that was begun and
not ended is not sent again by itself, for nobody knows whether it went: `paperclaim letters resend`
lets a person decide, and the Message-ID stays the same.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.orm import Session

from config.settings import Settings
from delivery import hidden
from intake.folders import make
from ledger import requests, steps
from ledger.database import Database
from ledger.documents import SYSTEM
from ledger.requests import Letter
from letters import notice
from letters.errors import PostError, UnsureError
from models.request import RequestError

#: steps of the way out, as the record has them
_FILE_BEGUN: Final = "file.begun"
_FILE_DONE: Final = "file.done"
_MAIL_BEGUN: Final = "mail.begun"
_MAIL_REFUSED: Final = "mail.refused"
POSTED: Final = "posted"
#: in the log: nobody knows whether an e-mail left
UNSURE: Final = "unsure"


def _pass(_: str) -> None:
    """Nothing happens at a boundary, but in tests."""


def post(
    database: Database,
    letter_id: int,
    settings: Settings,
    point: Callable[[str], None] = _pass,
) -> None:
    """Have a letter leave, if it has not yet.

    Args:
        database: the record.
        letter_id: which letter.
        settings: where letters go.
        point: told of every boundary between two steps.

    Raises:
        FolderError: the letters' folder is not there; try again.
        PostError: it can't be written, or the mail server refuses; try again.
        UnsureError: an e-mail may have left; a person decides.
    """
    with database.begin() as db:
        letter = db.get_one(Letter, letter_id)
        done = _states(db, letter)
    if POSTED in done:
        return
    make("letters", settings.letters_folder, settings.data)
    by_mail = letter.channel == "mail"
    where = Path("portal") if by_mail else Path()
    name = where / letter.dated.isoformat() / f"{letter.key}.pdf"
    _file(database, letter, settings.letters_folder / name, point)
    point("post.written")
    detail = _mail(database, letter, settings, point) if by_mail else str(name)
    with database.begin() as db:
        _lock(db, letter)
        if POSTED not in _states(db, letter):
            requests.post(db, letter.id, POSTED, detail)
            request = requests.get(db, letter.request_id)
            said = f"{letter.stage} by e-mail" if by_mail else f"{letter.stage} as {name}"
            requests.note(db, request, POSTED, SYSTEM, said)
    point("post.committed")


def resend(session: Session, key: str, actor: str) -> None:
    """Let an e-mail be sent again that may or may not have left, on a person's word.

    Raises:
        RequestError: there is no such letter, or nobody doubts that it left.
    """
    letter = requests.letter(session, key)
    if letter is None:
        raise RequestError("There is no such letter.")
    states = _states(session, letter)
    if POSTED in states or not unsure(states):
        raise RequestError("This letter is not in doubt.")
    requests.post(session, letter.id, _MAIL_REFUSED, actor)
    requests.note(session, requests.get(session, letter.request_id), "resent", actor)
    for step in steps.failures(session):
        if step.kind == steps.Kind.POST and step.revision == letter.id:
            steps.retry(session, step)


def unsure(states: list[str]) -> bool:
    """Whether an e-mail was begun that nobody knows the end of."""
    return states.count(_MAIL_BEGUN) > states.count(_MAIL_REFUSED)


def _states(db: Session, letter: Letter) -> list[str]:
    return [one.state for one in requests.postings(db, letter.id)]


def _lock(db: Session, letter: Letter) -> None:
    """One at a time: PostgreSQL lets two look at once."""
    requests.get(db, letter.request_id)


def _doubt(database: Database, letter: Letter) -> None:
    """Write into the log, once, that nobody knows whether an e-mail left."""
    with database.begin() as db:
        request = requests.get(db, letter.request_id)
        if requests.log(db, request.id)[-1].event != UNSURE:
            requests.note(db, request, UNSURE, SYSTEM, letter.key)


# ---- files -----------------------------------------------------------------------------------


def _file(database: Database, letter: Letter, final: Path, point: Callable[[str], None]) -> None:
    """Put the PDF where it is fetched from, once, even if it is fetched at once."""
    try:
        token = _begin_file(database, letter, final)
        point("post.begun")
        hidden.name(final, token)
        hidden.sweep(final)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise PostError(f"The letters' folder can't be written: {reason}.") from None
    with database.begin() as db:
        _lock(db, letter)
        if _FILE_DONE not in _states(db, letter):
            requests.post(db, letter.id, _FILE_DONE, final.name)


def _begin_file(database: Database, letter: Letter, final: Path) -> str:
    """Write the PDF under a hidden name and enter that; the token of the name that counts."""
    with database.begin() as db:
        entered = _token(db, letter)
    if entered is not None:
        return entered
    final.parent.mkdir(parents=True, exist_ok=True)
    token = hidden.write(letter.content, final)
    with database.begin() as db:
        _lock(db, letter)
        entered = _token(db, letter)
        if entered is None:
            requests.post(db, letter.id, _FILE_BEGUN, token)
    if entered is not None:
        hidden.discard(final, token)
    return entered or token


def _token(db: Session, letter: Letter) -> str | None:
    begun = [one for one in requests.postings(db, letter.id) if one.state == _FILE_BEGUN]
    return begun[0].detail if begun else None


# ---- e-mail ----------------------------------------------------------------------------------


def _mail(
    database: Database, letter: Letter, settings: Settings, point: Callable[[str], None]
) -> str:
    """Send the notice of a letter; its Message-ID."""
    dcn = letter.key.partition("-")[0]
    name = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    message = notice.message(settings.letters, letter.address, dcn, letter.due, name)
    with database.begin() as db:
        _lock(db, letter)
        states = _states(db, letter)
        if POSTED in states:
            return str(message["Message-ID"])
        doubtful = unsure(states)
        if not doubtful:
            requests.post(db, letter.id, _MAIL_BEGUN, str(message["Message-ID"]))
    if doubtful:
        _doubt(database, letter)
        raise UnsureError("An e-mail was begun, and nobody knows whether it left.")
    point("mail.begun")
    try:
        notice.send(settings.letters, message)
    except PostError as error:
        with database.begin() as db:
            requests.post(db, letter.id, _MAIL_REFUSED, error.code)
        raise
    except UnsureError:
        _doubt(database, letter)
        raise
    point("mail.sent")
    return str(message["Message-ID"])
