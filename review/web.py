"""What the pages' handlers share: the visit of a request, bodies, templates, the way in."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from config.settings import Settings
from ledger.audit import Act, note
from ledger.database import Database
from models.dcn import parse
from models.errors import PaperclaimError
from models.role import Right
from review.accounts import Accounts, Visit
from review.cases import Cases
from review.leases import Leases
from review.masking import asked
from review.security import check_origin, check_token
from review.shelf import Shelf
from review.words import SIGNS, against, marked, place

COOKIE: Final = "paperclaim_session"
#: bytes of a form or a JSON body: nothing that is typed is longer
_LONGEST_BODY = 64 * 1024
_CHOOSE: Final = "/password"
#: what somebody may do who came with a one-time password
_BEFORE_CHOOSING = frozenset({_CHOOSE, "/sign-out", "/lock", "/unlock"})

Body: TypeAlias = Mapping[str, str]
Handler: TypeAlias = Callable[[Request], Awaitable[Response]]

_templates = Environment(
    loader=PackageLoader("review"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=StrictUndefined,
)
_templates.filters["against"] = against
_templates.filters["marked"] = marked
_templates.filters["place"] = place
_templates.globals["signs"] = SIGNS
#: pages, their names, and who may see them
_templates.globals["places"] = (
    ("/", "Queue", Right.LOOK),
    ("/groups", "Groups", Right.KEY),
    ("/quality/check", "Check", Right.CHECK),
    ("/quality", "Quality", Right.REPORT),
    ("/figures", "Figures", Right.REPORT),
    ("/audit", "Audit", Right.AUDIT),
    ("/people", "People", Right.PEOPLE),
)


class BodyError(PaperclaimError):
    """A request's body is not what our pages send."""

    code = "web.body"
    remedy = "Open the page again and repeat what you did."


class RoleError(PaperclaimError):
    """Somebody's role does not allow this."""

    code = "role.refused"
    remedy = "Ask a lead, or an admin."


@dataclass(frozen=True, slots=True)
class Signed:
    """A request of somebody who is signed in."""

    request: Request
    visit: Visit
    cookie: str


def accounts(request: Request) -> Accounts:
    """The accounts of the app that a request came to."""
    found: Accounts = request.app.state.accounts
    return found


def cases(signed: Signed) -> Cases:
    """The documents that people work on."""
    found: Cases = signed.request.app.state.cases
    return found


def shelf(signed: Signed) -> Shelf:
    """The queue."""
    found: Shelf = signed.request.app.state.shelf
    return found


def leases(signed: Signed) -> Leases:
    """Who has which claim open."""
    found: Leases = signed.request.app.state.leases
    return found


def database(signed: Signed) -> Database:
    """The ledger's database."""
    found: Database = signed.request.app.state.database
    return found


def settings(signed: Signed) -> Settings:
    """The settings in force."""
    found: Settings = signed.request.app.state.settings
    return found


def dcn_of(signed: Signed) -> str:
    """The control number in a request's path.

    Raises:
        DcnError: it is none.
    """
    return parse(signed.request.path_params["dcn"])


def masks(signed: Signed, dcn: str) -> tuple[str, ...]:
    """Fields of a document that this person is not shown; none for whoever keys, or has asked."""
    patterns = settings(signed).web.masked
    if not patterns or signed.visit.may(Right.KEY):
        return ()
    with database(signed).read() as db:
        return () if asked(db, dcn, signed.visit.user) else patterns


def refused_masked() -> JSONResponse:
    """What somebody hears who wants a masked field and has not asked for it."""
    return problem(HTTPStatus.FORBIDDEN, "web.masked", "This is masked: ask to see it first.")


def noted(signed: Signed, act: Act) -> None:
    """Write what somebody did into the audit trail."""
    with database(signed).begin() as db:
        note(db, signed.visit.user, act)


def page(template: str, status: int = HTTPStatus.OK, /, **values: Any) -> HTMLResponse:
    """A template as a page."""
    return HTMLResponse(render(template, **values), status)


def refused(session: Visit, error: PaperclaimError, status: int, dcn: str = "") -> HTMLResponse:
    """One of our errors as a page, from which a key leads back to the claim, where there is one."""
    said = f"{error.message} {error.advice}"
    heading = "Not here" if status == HTTPStatus.NOT_FOUND else "That did not work"
    return page(
        "problem.html",
        status,
        session=session,
        heading=heading,
        message=said,
        code=error.code,
        dcn=dcn,
    )


def render(template: str, /, **values: Any) -> str:
    """A template as text."""
    return _templates.get_template(template).render({"session": None, **values})


def problem(status: int, code: str, detail: str) -> JSONResponse:
    """An error as our script reads it."""
    return JSONResponse({"code": code, "detail": detail}, status)


def secure(request: Request) -> bool:
    """Whether the browser came over TLS: then the cookie never travels without."""
    return request.url.scheme == "https"


def keep(response: Response, cookie: str, request: Request) -> None:
    """Give the browser its session cookie."""
    response.set_cookie(
        COOKIE, cookie, httponly=True, samesite="strict", secure=secure(request), path="/"
    )


def shown(right: Right | None = None) -> Callable[[Callable[[Signed], Response]], Handler]:
    """A page for people who are signed in and may see it; others are sent to sign in first.

    Raises:
        RoleError: when it is asked for by somebody who may not see it.
    """

    def decorate(handler: Callable[[Signed], Response]) -> Handler:
        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            cookie = request.cookies.get(COOKIE, "")
            visit = await run_in_threadpool(accounts(request).visit, cookie)
            if visit is None or visit.locked:
                return RedirectResponse(
                    f"/sign-in?next={quote(request.url.path)}", HTTPStatus.SEE_OTHER
                )
            if visit.one_time and request.url.path != _CHOOSE:
                return RedirectResponse(_CHOOSE, HTTPStatus.SEE_OTHER)
            if right is not None and not visit.may(right):
                raise RoleError("Your role does not open this page.")
            return await run_in_threadpool(handler, Signed(request, visit, cookie))

        return endpoint

    return decorate


Change: TypeAlias = Callable[[Signed, Body], Response]


def changing(right: Right | None = None) -> Callable[[Change], Handler]:
    """A change by somebody who is signed in and may make it, from one of our own pages."""
    return lambda handler: _guarded(handler, right, while_locked=False)


def changing_while_locked(handler: Change) -> Handler:
    """The same, also in a locked session."""
    return _guarded(handler, None, while_locked=True)


def _guarded(handler: Change, right: Right | None, *, while_locked: bool) -> Handler:
    @functools.wraps(handler)
    async def endpoint(request: Request) -> Response:
        check_origin(request)
        cookie = request.cookies.get(COOKIE, "")
        visit = await run_in_threadpool(accounts(request).visit, cookie)
        if visit is None or (visit.locked and not while_locked):
            return problem(HTTPStatus.UNAUTHORIZED, "session.locked", "Sign in to go on.")
        if visit.one_time and request.url.path not in _BEFORE_CHOOSING:
            return problem(HTTPStatus.FORBIDDEN, "session.one_time", "Choose a password first.")
        body = await read_body(request)
        check_token(request.headers.get("x-csrf-token") or body.get("csrf"), visit.csrf)
        if right is not None and not visit.may(right):
            raise RoleError("Your role does not allow this.")
        return await run_in_threadpool(handler, Signed(request, visit, cookie), body)

    return endpoint


async def read_body(request: Request) -> Body:
    """A form or a JSON object of texts.

    Raises:
        BodyError: it is neither, or too long.
    """
    content = b""
    async for piece in request.stream():
        content += piece
        if len(content) > _LONGEST_BODY:
            raise BodyError("The request is too long.")
    try:
        if request.headers.get("content-type", "").startswith("application/json"):
            values = json.loads(content or b"{}")
        else:
            values = dict(parse_qsl(content.decode(), keep_blank_values=True))
    except ValueError as error:
        raise BodyError("The request can't be read.") from error
    if not isinstance(values, dict) or not all(isinstance(v, str) for v in values.values()):
        raise BodyError("The request can't be read.")
    return values
