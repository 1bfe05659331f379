"""What is done with a claim as a whole: kept, taken over, put aside, sent back; its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from ledger.audit import Act
from models.errors import PaperclaimError
from models.role import Right
from review.masking import quiet
from review.shelf import ShelfError
from review.timeline import timeline
from review.web import (
    Body,
    Signed,
    changing,
    database,
    dcn_of,
    leases,
    masks,
    noted,
    problem,
    render,
    shelf,
    shown,
)

_DONE = {"next": "/"}


def _done(act: Callable[[], object], then: dict[str, str], told: str = "") -> Response:
    """Do something; where to go then, and what is said there."""
    try:
        act()
    except PaperclaimError as error:
        body = {"code": error.code, "detail": f"{error.message} {error.advice}"}
        if error.code == "review.lost":
            return JSONResponse({**body, "lost": True}, HTTPStatus.CONFLICT)
        return problem(HTTPStatus.CONFLICT, error.code, body["detail"])
    return JSONResponse({**then, "told": told} if told else then)


@changing(Right.KEY)
def keep(signed: Signed, _body: Body) -> Response:
    """The page is still open."""
    return _done(lambda: leases(signed).keep(dcn_of(signed), signed.visit.user), {})


@changing(Right.STEER)
def steal(signed: Signed, _body: Body) -> Response:
    """Take the claim over from whoever has it open."""
    dcn = dcn_of(signed)
    return _done(lambda: leases(signed).steal(dcn, signed.visit.user), {"next": f"/claims/{dcn}"})


@changing(Right.KEY)
def close(signed: Signed, _body: Body) -> Response:
    """Close the claim: others may have it."""
    return _done(lambda: leases(signed).give_back(dcn_of(signed), signed.visit.user), _DONE)


@changing(Right.KEY)
def postpone(signed: Signed, body: Body) -> Response:
    """Put the claim aside for some hours."""
    dcn, user, reason = dcn_of(signed), signed.visit.user, body.get("reason", "")
    try:
        until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=float(body.get("hours", "")))
    except (ValueError, OverflowError):
        error = ShelfError("The time can't be read.")
        return problem(HTTPStatus.CONFLICT, error.code, f"{error.message} {error.advice}")
    told = f"{dcn} is postponed; it comes back {until.astimezone():%Y-%m-%d %H:%M}."
    return _done(lambda: shelf(signed).postpone(dcn, user, reason, until), _DONE, told)


@changing(Right.KEY)
def escalate(signed: Signed, body: Body) -> Response:
    """Give the claim to the leads."""
    dcn, user, reason = dcn_of(signed), signed.visit.user, body.get("reason", "")
    told = f"{dcn} is escalated: it lies with the leads."
    return _done(lambda: shelf(signed).escalate(dcn, user, reason), _DONE, told)


@changing(Right.DECIDE)
def give_back(signed: Signed, body: Body) -> Response:
    """Return the claim to its sender."""
    dcn, user = dcn_of(signed), signed.visit.user
    reason, remark = body.get("code", ""), body.get("reason", "")
    told = f"{dcn} is returned to its sender."
    return _done(lambda: shelf(signed).give_back(dcn, user, reason, remark), _DONE, told)


@changing(Right.STEER)
def call_back(signed: Signed, _body: Body) -> Response:
    """Put the claim back among the others."""
    dcn, user = dcn_of(signed), signed.visit.user
    told = f"{dcn} is back among the others."
    return _done(lambda: shelf(signed).call_back(dcn, user), _DONE, told)


@changing(Right.STEER)
def prioritise(signed: Signed, body: Body) -> Response:
    """Put the claim before others, or back among them."""

    def act() -> None:
        try:
            priority = int(body.get("priority", ""))
        except ValueError:
            raise ShelfError("The priority can't be read.") from None
        shelf(signed).prioritise(dcn_of(signed), signed.visit.user, priority)

    return _done(act, {})


@shown(Right.LOOK)
def history(signed: Signed) -> Response:
    """What happened to the claim, as a piece of its page."""
    dcn = dcn_of(signed)
    with database(signed).read() as db:
        events = timeline(db, dcn)
    events = quiet(events, masks(signed, dcn))
    noted(signed, Act("viewed", dcn, "history"))
    return Response(render("history.html", events=events), media_type="text/html")


ROUTES = [
    Route("/claims/{dcn}/lease", keep, methods=["POST"]),
    Route("/claims/{dcn}/steal", steal, methods=["POST"]),
    Route("/claims/{dcn}/close", close, methods=["POST"]),
    Route("/claims/{dcn}/postpone", postpone, methods=["POST"]),
    Route("/claims/{dcn}/escalate", escalate, methods=["POST"]),
    Route("/claims/{dcn}/return", give_back, methods=["POST"]),
    Route("/claims/{dcn}/call-back", call_back, methods=["POST"]),
    Route("/claims/{dcn}/priority", prioritise, methods=["POST"]),
    Route("/claims/{dcn}/history", history),
]
