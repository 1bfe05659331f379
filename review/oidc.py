"""Signing in with an identity provider: OpenID Connect, authorization code with PKCE.

Off unless `web.oidc_issuer` is set. The provider says who somebody is and which role they have;
here they get an account at their first sign-in, and their role again at each.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from config.settings import Settings, Web
from models.role import RIGHTS, Role
from review.accounts import SignInError
from review.web import accounts, keep, page, secure

#: what the browser brings back: SameSite=Lax, for it comes from the provider's site
_COOKIE: Final = "paperclaim_oidc"
_PATIENCE: Final = 10.0
#: signatures that we follow; `none` and shared secrets are not among them
_ALGORITHMS: Final = ["RS256", "ES256", "PS256", "EdDSA"]


class ProviderError(SignInError):
    """The identity provider did not vouch for somebody."""

    code = "sign_in.provider"
    remedy = "Try again; if it stays, ask whoever keeps the identity provider."


class _Provider:
    """The identity provider that the settings name."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.about = self._ask(f"{web.oidc_issuer.rstrip('/')}/.well-known/openid-configuration")
        if self.about.get("issuer") != web.oidc_issuer:
            raise ProviderError("The identity provider calls itself by another name.")

    @staticmethod
    def _ask(url: str, form: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        """A JSON object of the provider's."""
        try:
            method = "GET" if form is None else "POST"
            answer = httpx.request(method, url, data=form, timeout=_PATIENCE, **more)
            found = answer.raise_for_status().json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError):
            raise ProviderError("The identity provider does not answer, or refuses.") from None
        if not isinstance(found, dict):
            raise ProviderError("The identity provider's answer can't be read.")
        return found

    def way(self, back: str, kept: Mapping[str, str], *, again: bool) -> str:
        """Where somebody signs in, to come back with a code (RFC 6749, 7636; OIDC Core 3.1.2).

        `again`: they have to say who they are, whatever the provider remembers of them.
        """
        challenge = hashlib.sha256(kept["verifier"].encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self.web.oidc_client,
            "redirect_uri": back,
            "scope": "openid profile email",
            "state": kept["state"],
            "nonce": kept["nonce"],
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if again:
            asked["prompt"] = "login"
        return f"{self.about['authorization_endpoint']}?{urlencode(asked)}"

    def token(self, back: str, code: str, verifier: str) -> str:
        """The ID token that a code is worth."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        more: dict[str, Any] = {}
        secret = self.web.oidc_secret.get_secret_value()
        if secret:
            more["auth"] = (quote(self.web.oidc_client), quote(secret))
        else:
            form["client_id"] = self.web.oidc_client
        found = self._ask(str(self.about.get("token_endpoint")), form, **more)
        return str(found.get("id_token", ""))

    def claims(self, token: str, nonce: str) -> Mapping[str, Any]:
        """What an ID token says, once its signature, audience, age and nonce are checked.

        Raises:
            ProviderError: one of them is not right, or the provider can't be asked.
        """
        try:
            keys = KeySet.import_key_set(self._ask(str(self.about["jwks_uri"])))  # type: ignore[arg-type]
            found = jwt.decode(token, keys, algorithms=_ALGORITHMS).claims
            jwt.JWTClaimsRegistry(
                leeway=60,
                iss={"essential": True, "value": self.web.oidc_issuer},
                aud={"essential": True, "value": self.web.oidc_client},
                sub={"essential": True},
                exp={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(found)
        except (JoseError, ValueError, KeyError):
            raise ProviderError("The identity provider's word does not hold.") from None
        return found


def _settings(request: Request) -> Settings:
    found: Settings = request.app.state.settings
    return found


def _back(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/sign-in/back"


def _off(request: Request) -> bool:
    return not _settings(request).web.oidc_issuer


async def leave(request: Request) -> Response:
    """Send somebody to the identity provider."""
    if _off(request):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    kept = {name: secrets.token_urlsafe(48) for name in ("verifier", "nonce", "state")}
    web, back = _settings(request).web, _back(request)
    again = "again" in request.query_params
    try:
        url = await run_in_threadpool(lambda: _Provider(web).way(back, kept, again=again))
    except ProviderError as error:
        return _refused(error)
    response = RedirectResponse(url, HTTPStatus.SEE_OTHER)
    response.set_cookie(
        _COOKIE,
        json.dumps(kept),
        max_age=600,
        path="/sign-in",
        httponly=True,
        samesite="lax",
        secure=secure(request),
    )
    return response


async def come_back(request: Request) -> Response:
    """Somebody comes back from the identity provider: check its word, start a session."""
    if _off(request):
        raise HTTPException(HTTPStatus.NOT_FOUND)
    try:
        cookie = await run_in_threadpool(_vouched, request)
    except SignInError as error:
        return _refused(error)
    # a page, not a redirect: one that began at another site would not bring our strict cookie
    response = page("signed_in.html")
    keep(response, cookie, request)
    response.delete_cookie(_COOKIE, path="/sign-in")
    return response


def _vouched(request: Request) -> str:
    """The cookie of the session of whoever the provider vouches for."""
    web = _settings(request).web
    try:
        kept = json.loads(request.cookies.get(_COOKIE, ""))
        state, verifier, nonce = (_token(kept[name]) for name in ("state", "verifier", "nonce"))
    except (ValueError, KeyError, TypeError):
        raise ProviderError("The sign-in took too long.") from None
    said = request.query_params.get("state", "")
    # as bytes: texts are compared in constant time only where they are ASCII
    if not hmac.compare_digest(said.encode(), state.encode()):
        raise ProviderError("The sign-in was not begun here.")
    provider = _Provider(web)
    token = provider.token(_back(request), request.query_params.get("code", ""), verifier)
    claims = provider.claims(token, nonce)
    name = str(claims.get("preferred_username") or claims.get("email") or "")
    subject = f"{web.oidc_issuer} {claims['sub']}"
    return accounts(request).sign_in_as(subject, name, _role(claims.get(web.oidc_role_claim)))


def _token(kept: object) -> str:
    """One of our own tokens, as the browser kept it.

    Raises:
        ValueError: it is none of ours.
    """
    if not isinstance(kept, str) or not kept.isascii():
        raise ValueError
    return kept


def _role(said: object) -> Role:
    """The role that the provider names: of several, the one that may most."""
    names = said if isinstance(said, list) else [said]
    found = [role for role in Role if role.value in names]
    if not found:
        raise ProviderError("The identity provider gives you no role here.")
    return max(found, key=lambda role: len(RIGHTS[role]))


def _refused(error: SignInError) -> Response:
    said = f"{error.message} {error.advice}"
    return page(
        "problem.html", HTTPStatus.FORBIDDEN, heading="Not signed in", message=said, code=error.code
    )


ROUTES = [
    Route("/sign-in/provider", leave),
    Route("/sign-in/back", come_back),
]
