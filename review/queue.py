"""The queue page: what waits for a person, in the order of work; how much there is of all."""

from __future__ import annotations

import dataclasses
import datetime as dt
from http import HTTPStatus

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from models.dcn import parse
from models.errors import PaperclaimError
from models.role import Right
from review.claim import wanted_of
from review.pace import pace
from review.shelf import short
from review.summary import refresh
from review.web import Signed, cases, database, page, refused, settings, shelf, shown

#: rows on the page
_ROWS = 100
_WAITING = "waiting"
#: somebody asked for the next claim, and there was none that they may have
_NONE = "Nothing here is free for you: others have it open, or it waits for another to key it."


@shown(Right.LOOK)
def show(signed: Signed) -> Response:
    """The page."""
    refresh(database(signed), sample=settings(signed).quality.sample)
    wanted = wanted_of(signed, signed.request.query_params)
    if signed.request.query_params.get("shelf") == _WAITING:
        # to be looked at: nobody is given one of them to work on
        wanted = dataclasses.replace(wanted, shelf=_WAITING)
    overview = shelf(signed).overview(_ROWS, wanted)
    midnight = dt.datetime.combine(dt.datetime.now().astimezone().date(), dt.time()).astimezone()
    with database(signed).read() as db:
        own = pace(db, midnight, signed.visit.user).get(signed.visit.user)
    may_key = signed.visit.may(Right.KEY)
    return page(
        "queue.html",
        session=signed.visit,
        overview=overview,
        wanted=wanted,
        asked={**dataclasses.asdict(wanted), "payer": wanted.payer and short(wanted.payer)},
        told=_NONE if "none" in signed.request.query_params else "",
        own=own,
        last=cases(signed).last_finished(signed.visit.user) if may_key else None,
    )


@shown(Right.LOOK)
def find(signed: Signed) -> Response:
    """The document whose number somebody typed: the caller has it in the letter before them."""
    try:
        dcn = parse(signed.request.query_params.get("dcn", ""))
    except PaperclaimError as error:
        return refused(signed.visit, error, HTTPStatus.NOT_FOUND)
    return RedirectResponse(f"/claims/{dcn}", HTTPStatus.SEE_OTHER)


ROUTES = [Route("/", show), Route("/find", find)]
