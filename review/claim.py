"""The claim page: shown, answered field by field, finished, and the next one opened."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from delivery.images import as_scanned, for_screen
from delivery.images import piece as cut
from ledger.audit import Act
from ledger.work import Wanted
from models.errors import PaperclaimError
from models.role import Right
from models.state import State as DocumentState
from review.case import Case, CaseError
from review.cases import Along, Typed
from review.desk import Desk, State
from review.leases import LostError
from review.masking import UNMASKED, boxes, covered, hidden, masked
from review.shelf import REASONS, Ahead
from review.web import (
    Body,
    Signed,
    cases,
    changing,
    dcn_of,
    leases,
    masks,
    noted,
    page,
    problem,
    refused,
    refused_masked,
    render,
    shelf,
    shown,
)
from review.words import CAUSES

#: keys of `FieldView` that the script needs after a change
_LIVE = ("state", "needed", "text", "start", "typed", "why", "by")
#: a page that fetches the claim after this one says so
_AHEAD = "x-paperclaim-ahead"
#: nobody presses more keys on one claim than this many figures count
_FIGURES = 6
#: fields of a queue filter, as the script sends them
_FILTER = ("form", "payer", "batch", "reason")
#: said in the queue to who had the last claim of it
LAST: Final = "No other claim waits for you here."


def wanted_of(signed: Signed, values: Any) -> Wanted:
    """The part of the queue that a request is about; a payer is named by `shelf.short`."""
    found = {key: values[key] for key in _FILTER if values.get(key)}
    if "payer" in found:
        found["payer"] = shelf(signed).payer(found["payer"])
    shelf_name = values.get("shelf", "open")
    return Wanted(**found, shelf=shelf_name if shelf_name in {"postponed", "escalated"} else "open")


@shown(Right.LOOK)
def show(signed: Signed) -> Response:
    """The page: to work on, or only to look at."""
    try:
        dcn = dcn_of(signed)
        other = None
        ahead = _AHEAD in signed.request.headers
        if ahead or not signed.visit.may(Right.KEY):
            noted(signed, Act("viewed", dcn, "ahead" if ahead else ""))
        else:
            other = leases(signed).take(dcn, signed.visit.user)
        case = cases(signed).open(dcn, signed.visit.user)
    except PaperclaimError as error:
        return refused(signed.visit, error, HTTPStatus.NOT_FOUND)
    banner = _banner(signed, case, other.told() if other else "")
    laid, patterns = case.desk(), masks(signed, dcn)
    return page(
        "claim.html",
        session=signed.visit,
        case=case,
        dcn=case.dcn,
        desk=masked(laid, patterns) if patterns else laid,
        masked=bool(patterns),
        banner=banner,
        held=other is not None,
        received=case.received.isoformat(),
        causes=CAUSES,
        reasons=REASONS,
        whole=False,
        idle_seconds=int(signed.request.app.state.accounts.idle.total_seconds()),
    )


def _banner(signed: Signed, case: Case, held: str) -> str:
    """Why the page is only to be looked at; empty where it is to be worked on."""
    if case.state != DocumentState.REVIEW:
        return f"This document is {case.state}. You can look at it, not change it."
    if not signed.visit.may(Right.KEY):
        return f"As {signed.visit.role} you can look at claims, not change them."
    return f"{held}. You can look, not change anything." if held else ""


@shown(Right.LOOK)
def rows(signed: Signed) -> Response:
    """The whole form, empty fields too."""
    dcn = dcn_of(signed)
    case = cases(signed).open(dcn, signed.visit.user)
    laid = masked(case.desk(), masks(signed, dcn))
    other = case.holder if case.holder and case.holder.name != signed.visit.user else None
    locked = _banner(signed, case, other.told() if other else "") != ""
    return Response(
        render("rows.html", desk=laid, whole=True, locked=locked), media_type="text/html"
    )


@shown(Right.LOOK)
def image(signed: Signed) -> Response:
    """A page of the scan, upright, for the screen."""
    number = signed.request.path_params["number"]
    try:
        dcn = dcn_of(signed)
        stored, turns = cases(signed).page(dcn, number)
    except PaperclaimError as error:
        return problem(HTTPStatus.NOT_FOUND, error.code, error.message)
    noted(signed, Act("viewed", dcn, f"page {number}"))
    picture = for_screen(stored, turns)
    if patterns := masks(signed, dcn):
        laid = cases(signed).open(dcn, signed.visit.user).desk()
        picture = covered(picture, boxes(laid, patterns, number))
    return Response(picture.content, media_type=picture.media_type)


@shown(Right.LOOK)
def original(signed: Signed) -> Response:
    """A page as it was scanned, as a file."""
    number = signed.request.path_params["number"]
    dcn = dcn_of(signed)
    try:
        stored, _ = cases(signed).page(dcn, number)
    except PaperclaimError as error:
        return problem(HTTPStatus.NOT_FOUND, error.code, error.message)
    if masks(signed, dcn):
        return refused_masked()
    noted(signed, Act("exported", dcn, f"page {number}"))
    picture = as_scanned(stored)
    name = f"{dcn}-{number}.{picture.media_type.partition('/')[2]}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(picture.content, media_type=picture.media_type, headers=headers)


@shown(Right.LOOK)
def piece(signed: Signed) -> Response:
    """A field's own piece of its page, with a little around it."""
    try:
        dcn, name = dcn_of(signed), signed.request.path_params["field"]
        number, box = cases(signed).place(dcn, name)
        stored, turns = cases(signed).page(dcn, number)
    except PaperclaimError as error:
        return problem(HTTPStatus.NOT_FOUND, error.code, error.message)
    if hidden(masks(signed, dcn), name):
        return refused_masked()
    noted(signed, Act("viewed", dcn, f"piece {name}"))
    picture = cut(stored, turns, box)
    return Response(picture.content, media_type=picture.media_type)


@changing(Right.LOOK)
def unmask(signed: Signed, _body: Body) -> Response:
    """Show a document whole for a while; the trail says to whom."""
    dcn = dcn_of(signed)
    noted(signed, Act(UNMASKED, dcn, " ".join(masks(signed, dcn))))
    return JSONResponse({"next": f"/claims/{dcn}"})


@changing(Right.KEY)
def answer(signed: Signed, body: Body) -> Response:
    """Keep what was said or typed of one field, and tell how all fields stand now."""
    name = signed.request.path_params["field"]
    action, text = body.get("action", ""), body.get("text", "")
    user = signed.visit.user
    try:
        dcn = dcn_of(signed)
        if action == "draft":
            return JSONResponse(_typed(cases(signed).keep_draft(dcn, name, text, by=user)))
        if action == "override":
            if not signed.visit.may(Right.DECIDE):
                raise CaseError("Your role does not override rules.", remedy="Escalate the claim.")
            case = cases(signed).override(dcn, name, (text, body.get("reason", "")), by=user)
        else:
            case = cases(signed).answer(dcn, name, (action, text), by=user)
    except PaperclaimError as error:
        return _conflict(error)
    return JSONResponse(_live(signed, case, name))


@changing(Right.KEY)
def finish(signed: Signed, body: Body) -> Response:
    """Send the claim on, unless something is still in doubt; tell which claim is next."""
    user = signed.visit.user
    try:
        dcn = dcn_of(signed)
        case, following = cases(signed).finish(
            dcn,
            Along(
                saves=_saves(body),
                sure=frozenset(body.get("sure", "").split()),
                keys=_count(body.get("keys", "")),
            ),
            by=user,
            wanted=wanted_of(signed, _json(body, "wanted")),
            ahead=Ahead(body.get("ahead", ""), body.get("version", "")),
        )
    except PaperclaimError as error:
        return _conflict(error)
    if case is not None:
        return JSONResponse(_live(signed, case))
    if following.dcn is None:
        return JSONResponse({"next": "/", "laid": False, "told": f"{dcn} is off your desk. {LAST}"})
    return JSONResponse({"next": f"/claims/{following.dcn}", "laid": following.laid})


@shown(Right.KEY)
def ahead(signed: Signed) -> Response:
    """Which claim would be next, and as it is now: it is fetched while this one is worked on."""
    wanted = wanted_of(signed, signed.request.query_params)
    found = shelf(signed).ahead(signed.visit.user, wanted, dcn_of(signed))
    if found is None:
        return JSONResponse({"url": ""})
    return JSONResponse({"url": f"/claims/{found.dcn}", "version": found.version})


@changing(Right.KEY)
def reopen(signed: Signed, _body: Body) -> Response:
    """Take back finishing the last claim, and open it again."""
    try:
        dcn = cases(signed).reopen_last(signed.visit.user)
    except PaperclaimError as error:
        return _conflict(error)
    return JSONResponse({"next": f"/claims/{dcn}"})


def _conflict(error: PaperclaimError) -> Response:
    detail = f"{error.message} {error.advice}"
    if isinstance(error, LostError):
        body = {"code": error.code, "detail": detail, "lost": True}
        return JSONResponse(body, HTTPStatus.CONFLICT)
    return problem(HTTPStatus.CONFLICT, error.code, detail)


def _json(body: Body, key: str) -> dict[str, str]:
    """A JSON object of texts inside a body; empty where there is none."""
    try:
        found = json.loads(body.get(key) or "{}")
    except ValueError:
        return {}
    return {k: v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _saves(body: Body) -> tuple[tuple[str, str, str], ...]:
    """Answers that come along with finishing: field, action, text."""
    try:
        found = json.loads(body.get("saves") or "[]")
        return tuple((str(one["field"]), str(one["action"]), str(one["text"])) for one in found)
    except (ValueError, TypeError, KeyError):
        raise CaseError("The request can't be read.") from None


def _count(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < _FIGURES else 0


def _typed(typed: Typed) -> dict[str, object]:
    return {"typed": {"value": typed.value, "why": typed.why}}


def _live(signed: Signed, case: Case, touched: str = "") -> dict[str, object]:
    """How the fields stand now: all but those that are empty and always were."""
    desk: Desk = case.desk()
    known = case.read.fields.keys() | case.spoken.keys() | {touched}
    return {
        "fields": {
            view.id: {
                **{key: getattr(view, key) for key in _LIVE},
                "page": view.seen.page,
                "box": view.seen.box,
            }
            for view in desk.fields
            if view.state is not State.EMPTY or view.id in known
        },
        "findings": render("findings.html", desk=desk, causes=CAUSES, session=signed.visit),
        "remaining": desk.remaining,
    }


@shown(Right.LOOK)
def next_claim(signed: Signed) -> Response:
    """Nobody comes here by a link: the queue's button posts."""
    del signed
    return RedirectResponse("/", HTTPStatus.SEE_OTHER)


@changing(Right.KEY)
def open_next(signed: Signed, body: Body) -> Response:
    """Open what comes next; back to the queue where nothing waits."""
    found = shelf(signed).next(signed.visit.user, wanted_of(signed, body))
    if found is None:
        asked = {key: body[key] for key in (*_FILTER, "shelf") if body.get(key)}
        return RedirectResponse(f"/?{urlencode({**asked, 'none': 1})}", HTTPStatus.SEE_OTHER)
    return RedirectResponse(f"/claims/{found}", HTTPStatus.SEE_OTHER)


ROUTES = [
    Route("/next", next_claim),
    Route("/next", open_next, methods=["POST"]),
    Route("/reopen", reopen, methods=["POST"]),
    Route("/claims/{dcn}", show),
    Route("/claims/{dcn}/rows", rows),
    Route("/claims/{dcn}/ahead", ahead),
    Route("/claims/{dcn}/pages/{number:int}", image),
    Route("/claims/{dcn}/pages/{number:int}/scanned", original),
    Route("/claims/{dcn}/piece/{field:path}", piece),
    Route("/claims/{dcn}/fields/{field:path}", answer, methods=["POST"]),
    Route("/claims/{dcn}/unmask", unmask, methods=["POST"]),
    Route("/claims/{dcn}/finish", finish, methods=["POST"]),
]
