"""The claim page: shown, answered field by field, finished."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from delivery.images import for_screen
from models.dcn import parse
from models.errors import PaperclaimError
from review.cases import Case, Cases
from review.desk import Desk, State
from review.web import Body, Signed, changing, page, problem, render, shown
from review.words import CAUSES

#: keys of `FieldView` that the script needs after a change
_LIVE = ("state", "needed", "text", "why", "by")


def _cases(signed: Signed) -> Cases:
    found: Cases = signed.request.app.state.cases
    return found


def _dcn(signed: Signed) -> str:
    return parse(signed.request.path_params["dcn"])


@shown
def show(signed: Signed) -> Response:
    """The page."""
    try:
        case = _cases(signed).open(_dcn(signed))
    except PaperclaimError as error:
        return page(
            "problem.html",
            HTTPStatus.NOT_FOUND,
            session=signed.visit,
            heading="Not here",
            message=f"{error.message} {error.advice}",
            code=error.code,
        )
    if case.state != "review":
        return RedirectResponse("/", HTTPStatus.SEE_OTHER)
    return page(
        "claim.html",
        session=signed.visit,
        dcn=case.dcn,
        desk=case.desk(),
        received=case.received.isoformat(),
        tags=case.tags,
        causes=CAUSES,
        idle_seconds=int(signed.request.app.state.accounts.idle.total_seconds()),
    )


@shown
def image(signed: Signed) -> Response:
    """A page of the scan, upright, for the screen."""
    try:
        stored, turns = _cases(signed).page(_dcn(signed), signed.request.path_params["number"])
    except PaperclaimError as error:
        return problem(HTTPStatus.NOT_FOUND, error.code, error.message)
    picture = for_screen(stored, turns)
    return Response(picture.content, media_type=picture.media_type)


@changing
def answer(signed: Signed, body: Body) -> Response:
    """Keep what was said or typed of one field, and tell how all fields stand now."""
    name = signed.request.path_params["field"]
    action, text = body.get("action", ""), body.get("text", "")
    try:
        cases, dcn = _cases(signed), _dcn(signed)
        if action == "draft":
            cases.keep_draft(dcn, name, text, by=signed.visit.user)
            return JSONResponse({})
        case = cases.answer(dcn, name, (action, text), by=signed.visit.user)
    except PaperclaimError as error:
        return problem(HTTPStatus.CONFLICT, error.code, f"{error.message} {error.advice}")
    return JSONResponse(_live(case, name))


@changing
def finish(signed: Signed, _body: Body) -> Response:
    """Send the claim on, unless something is still in doubt; tell which claim is next."""
    try:
        cases, dcn = _cases(signed), _dcn(signed)
        case = cases.finish(dcn, by=signed.visit.user)
    except PaperclaimError as error:
        return problem(HTTPStatus.CONFLICT, error.code, f"{error.message} {error.advice}")
    if case is not None:
        return JSONResponse(_live(case))
    following = cases.next()
    return JSONResponse({"next": f"/claims/{following}" if following else "/"})


def _live(case: Case, touched: str = "") -> dict[str, object]:
    """How the fields stand now: all but those that are empty and always were."""
    desk: Desk = case.desk()
    known = case.read.fields.keys() | case.spoken.keys() | {touched}
    return {
        "fields": {
            view.id: {key: getattr(view, key) for key in _LIVE}
            for view in desk.fields
            if view.state is not State.EMPTY or view.id in known
        },
        "findings": render("findings.html", desk=desk, causes=CAUSES),
        "remaining": desk.remaining,
    }


ROUTES = [
    Route("/claims/{dcn}", show),
    Route("/claims/{dcn}/pages/{number:int}", image),
    Route("/claims/{dcn}/fields/{field:path}", answer, methods=["POST"]),
    Route("/claims/{dcn}/finish", finish, methods=["POST"]),
]
