"""Asking the provider from the screen: the draft's words, the letter as it would be, the log."""

from __future__ import annotations

import io
from collections.abc import Callable
from http import HTTPStatus
from typing import Final

from pdf2image import convert_from_bytes
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger import documents
from ledger.audit import Act, note
from letters import desk as asking
from letters.draft import Recipient
from letters.errors import DraftError, StaleError
from models.errors import PaperclaimError
from models.request import RequestError
from models.role import Right
from review.claim import LAST, wanted_of
from review.leases import held
from review.shelf import take_next
from review.web import (
    Body,
    Signed,
    accounts,
    changing,
    database,
    dcn_of,
    noted,
    page,
    problem,
    refused,
    settings,
    shown,
)

#: sharp enough to read the small print of a preview
_DPI: Final = 110
_MOST_ITEMS: Final = 60
_TAKEN: Final = "Wait until it is closed, or ask a lead."
#: a letter is its claim's, not its writer's: nothing of it is kept for who lost the claim
_LOST: Final = "What was not saved by then is on this page only: copy what you need of it."


@shown(Right.DECIDE)
def show(signed: Signed) -> Response:
    """The page: the draft, made of the findings where there is none, and the letter beside it."""
    dcn = dcn_of(signed)
    try:
        with database(signed).begin() as db:
            held(db, documents.get(db, dcn), signed.visit.user, _TAKEN)
            asked = asking.draft(db, dcn, signed.visit.user)
            log = asking.log(db, dcn)
            stale = _stale(db, dcn)
            note(db, signed.visit.user, Act("viewed", dcn, "letter"))
    except PaperclaimError as error:
        return refused(signed.visit, error, HTTPStatus.CONFLICT, dcn)
    return page(
        "letter.html",
        session=signed.visit,
        dcn=dcn,
        asked=asked,
        log=log,
        stale=stale,
        idle_seconds=int(accounts(signed.request).idle.total_seconds()),
    )


def _stale(db: Session, dcn: str) -> str:
    """Why the draft can't be sent any more, as long as it can still be seen; else nothing."""
    try:
        asking.check(db, dcn)
    except RequestError as error:
        return f"{error.message} {error.advice}"
    return ""


@shown(Right.DECIDE)
def preview(signed: Signed) -> Response:
    """A page of the letter as it would be sent now, as a picture."""
    dcn, number = dcn_of(signed), signed.request.path_params["number"]
    try:
        with database(signed).read() as db:
            made = asking.preview_pdf(db, dcn, settings(signed).letters)
    except PaperclaimError as error:
        return problem(HTTPStatus.CONFLICT, error.code, error.message)
    found = convert_from_bytes(made, dpi=_DPI, first_page=number, last_page=number)
    if not found:
        return problem(HTTPStatus.NOT_FOUND, "http.404", "The letter has no such page.")
    noted(signed, Act("viewed", dcn, f"letter page {number}"))
    picture = io.BytesIO()
    found[0].save(picture, "PNG")
    return Response(picture.getvalue(), media_type="image/png")


@shown(Right.DECIDE)
def printed(signed: Signed) -> Response:
    """The letter as it would be sent now, as a PDF."""
    dcn = dcn_of(signed)
    try:
        with database(signed).read() as db:
            made = asking.preview_pdf(db, dcn, settings(signed).letters)
    except PaperclaimError as error:
        return problem(HTTPStatus.CONFLICT, error.code, error.message)
    noted(signed, Act("printed", dcn, "letter"))
    headers = {"Content-Disposition": f'attachment; filename="{dcn}-draft.pdf"'}
    return Response(made, media_type="application/pdf", headers=headers)


def _enter(db: Session, dcn: str, body: Body, actor: str) -> None:
    """Enter what the form says: the questions' words, the remark, whom it goes to.

    Raises:
        StaleError: the claim has changed since the form was filled.
    """
    before = asking.waiting(db, dcn, actor).draft
    if before.basis != body.get("basis", ""):
        raise StaleError("The claim has changed since.", remedy="Open the letter again.")
    texts = [body[f"text-{n}"] for n in range(_MOST_ITEMS) if f"text-{n}" in body]
    asking.edit_texts(db, dcn, texts, body.get("remark", "").strip(), actor)
    lines = [line.strip() for line in body.get("lines", "").splitlines() if line.strip()]
    try:
        to = Recipient(
            name=body.get("name", "").strip(), lines=lines, email=body.get("email", "").strip()
        )
    except ValidationError:
        raise DraftError("The address can't be read.") from None
    if asking.address(db, dcn, to, actor).draft != before:
        note(db, actor, Act("edited", dcn, "letter"))


def _done(signed: Signed, act: Callable[[Session, str], str], told: str = "") -> Response:
    """Do something with the letter of a claim that is this person's; it tells where to go next."""
    dcn = dcn_of(signed)
    try:
        with database(signed).begin() as db:
            held(db, documents.get(db, dcn), signed.visit.user, _LOST)
            then = act(db, dcn)
    except PaperclaimError as error:
        return problem(HTTPStatus.CONFLICT, error.code, f"{error.message} {error.advice}")
    return JSONResponse({"next": then, "told": told if then == "/" else ""})


@changing(Right.DECIDE)
def keep(signed: Signed, _body: Body) -> Response:
    """The page is still open."""
    return _done(signed, lambda _db, _dcn: "")


@changing(Right.DECIDE)
def edit(signed: Signed, body: Body) -> Response:
    """Keep the words; the preview is made anew."""

    def act(db: Session, dcn: str) -> str:
        _enter(db, dcn, body, signed.visit.user)
        return ""

    return _done(signed, act)


@changing(Right.DECIDE)
def send(signed: Signed, body: Body) -> Response:
    """Keep the words and send the letter: the claim waits for its provider, the next is opened."""
    user, wanted = signed.visit.user, wanted_of(signed, body)

    def act(db: Session, dcn: str) -> str:
        _enter(db, dcn, body, user)
        asking.send(db, dcn, settings(signed).letters, user)
        documents.release(documents.get(db, dcn), user)
        note(db, user, Act("printed", dcn, "letter sent"))
        following = take_next(db, user, wanted, dcn).dcn
        if following is None:
            return "/"
        note(db, user, Act("opened", following))
        return f"/claims/{following}"

    return _done(signed, act, f"The letter about {dcn_of(signed)} is sent. {LAST}")


@changing(Right.DECIDE)
def withdraw(signed: Signed, _body: Body) -> Response:
    """Drop the draft: the provider isn't asked."""

    def act(db: Session, dcn: str) -> str:
        asking.withdraw(db, dcn, signed.visit.user, "not asked")
        note(db, signed.visit.user, Act("edited", dcn, "letter withdrawn"))
        return f"/claims/{dcn}"

    return _done(signed, act)


ROUTES = [
    Route("/claims/{dcn}/letter", show),
    Route("/claims/{dcn}/letter/pages/{number:int}", preview),
    Route("/claims/{dcn}/letter/pdf", printed),
    Route("/claims/{dcn}/letter", edit, methods=["POST"]),
    Route("/claims/{dcn}/letter/lease", keep, methods=["POST"]),
    Route("/claims/{dcn}/letter/send", send, methods=["POST"]),
    Route("/claims/{dcn}/letter/withdraw", withdraw, methods=["POST"]),
]
