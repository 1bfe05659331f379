"""Signing in and out, the one-time password, and the lock."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from review.accounts import SHORTEST, PasswordError, SignInError
from review.security import check_origin, check_token
from review.web import (
    COOKIE,
    Body,
    Signed,
    accounts,
    changing,
    changing_while_locked,
    keep,
    page,
    problem,
    read_body,
    secure,
    shown,
)

#: double submit: there is no session yet that could hold the token of the sign-in form
_BEFORE_COOKIE: Final = "paperclaim_sign_in"


def _form(
    request: Request, status: int, problem: str = "", name: str = "", then: str = "/"
) -> Response:
    token = request.cookies.get(_BEFORE_COOKIE) or secrets.token_urlsafe(32)
    response = page(
        "sign_in.html",
        status,
        problem=problem,
        name=name,
        next=_inside(then),
        csrf=token,
        provider=bool(request.app.state.settings.web.oidc_issuer),
    )
    response.set_cookie(
        _BEFORE_COOKIE, token, httponly=True, samesite="strict", secure=secure(request)
    )
    return response


async def ask(request: Request) -> Response:
    """The sign-in page."""
    return _form(request, HTTPStatus.OK, then=request.query_params.get("next", "/"))


async def sign_in(request: Request) -> Response:
    """Check name and password, start a session."""
    check_origin(request)
    body = await read_body(request)
    check_token(body.get("csrf"), request.cookies.get(_BEFORE_COOKIE) or secrets.token_urlsafe())
    name, then = body.get("name", ""), _inside(body.get("next", "/"))
    try:
        cookie = await run_in_threadpool(accounts(request).sign_in, name, body.get("password", ""))
    except SignInError as error:
        said = f"{error.message} {error.advice}"
        return _form(request, HTTPStatus.FORBIDDEN, said, name, then)
    response = RedirectResponse(then, HTTPStatus.SEE_OTHER)
    keep(response, cookie, request)
    response.delete_cookie(_BEFORE_COOKIE)
    return response


@shown()
def ask_password(signed: Signed) -> Response:
    """The page for a password of one's own."""
    return page("new_password.html", session=signed.visit, problem="", shortest=SHORTEST)


@changing()
def set_password(signed: Signed, body: Body) -> Response:
    """Take the new password and start a fresh session with it."""
    who = accounts(signed.request)
    password = body.get("password", "")
    try:
        who.change_password(signed.visit.user, password, body.get("again", ""))
    except PasswordError as error:
        said = f"{error.message} {error.advice}"
        return page(
            "new_password.html",
            HTTPStatus.BAD_REQUEST,
            session=signed.visit,
            problem=said,
            shortest=SHORTEST,
        )
    response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
    keep(response, who.sign_in(signed.visit.user, password), signed.request)
    return response


@changing_while_locked
def sign_out(signed: Signed, _body: Body) -> Response:
    """End the session."""
    accounts(signed.request).sign_out(signed.cookie)
    response = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
    response.delete_cookie(COOKIE)
    return response


@changing_while_locked
def lock(signed: Signed, _body: Body) -> Response:
    """The page saw nobody for a while."""
    accounts(signed.request).lock(signed.cookie)
    return JSONResponse({})


@changing_while_locked
def unlock(signed: Signed, body: Body) -> Response:
    """Somebody is back."""
    try:
        accounts(signed.request).unlock(signed.cookie, body.get("password", ""))
    except SignInError as error:
        return problem(HTTPStatus.FORBIDDEN, error.code, f"{error.message} {error.advice}")
    return JSONResponse({})


def _inside(path: str) -> str:
    """A path on this server to go to after signing in; anything else becomes the queue."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


ROUTES = [
    Route("/sign-in", ask),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/password", ask_password),
    Route("/password", set_password, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
    Route("/lock", lock, methods=["POST"]),
    Route("/unlock", unlock, methods=["POST"]),
]
