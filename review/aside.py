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


def _done(act: Callable[[], object], then: dict[str, str]) -> Response:
    try:
        act()
    except PaperclaimError as error:
        body = {"code": error.code, "detail": f"{error.message} {error.advice}"}
        if error.code == "review.lost":
            return JSONResponse({**body, "lost": True}, HTTPStatus.CONFLICT)
        return problem(HTTPStatus.CONFLICT, error.code, body["detail"])
    return JSONResponse(then)


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

    def act() -> None:
        try:
            until = dt.datetime.now(dt.UTC) + dt.timedelta(hours=float(body.get("hours", "")))
        except (ValueError, OverflowError):
            raise ShelfError("The time can't be read.") from None
        shelf(signed).postpone(dcn_of(signed), signed.visit.user, body.get("reason", ""), until)

    return _done(act, _DONE)


@changing(Right.KEY)
def escalate(signed: Signed, body: Body) -> Response:
    """Give the claim to the leads."""
    user, reason = signed.visit.user, body.get("reason", "")
    return _done(lambda: shelf(signed).escalate(dcn_of(signed), user, reason), _DONE)


@changing(Right.DECIDE)
def give_back(signed: Signed, body: Body) -> Response:
    """Return the claim to its sender."""
    reason, remark = body.get("code", ""), body.get("reason", "")
    return _done(
        lambda: shelf(signed).give_back(dcn_of(signed), signed.visit.user, reason, remark), _DONE
    )


@changing(Right.STEER)
def call_back(signed: Signed, _body: Body) -> Response:
    """Put the claim back among the others."""
    return _done(lambda: shelf(signed).call_back(dcn_of(signed), signed.visit.user), _DONE)


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
