"""Signing in with an identity provider: a small one that really runs, keys, codes, PKCE and all."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from playwright.sync_api import Browser, expect
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from config.settings import Settings, Web
from ledger import answers
from ledger import database as databases
from review.app import create
from tests.letters.base import claim, enter
from tests.review.browsing import PATIENCE
from tests.serving import served

CLIENT = "paperclaim"
SECRET = "kept between the two"  # noqa: S105 - of a provider that lives for this test


class Provider:
    """An OpenID Connect provider that lets everybody in who knows the way."""

    def __init__(self) -> None:
        self.url = ""
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig", "alg": "RS256"})
        self.asked: dict[str, dict[str, str]] = {}
        #: what it was asked for each sign-in, in order
        self.ways: list[dict[str, str]] = []
        #: what the next ID token says otherwise
        self.claims: dict[str, Any] = {}
        #: what it is signed with, where not with the key that everybody may see
        self.forged: RSAKey | None = None

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.about),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/keys", self.keys),
            ]
        )

    async def about(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            }
        )

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"]
        code = secrets.token_urlsafe(8)
        self.asked[code] = asked
        self.ways.append(asked)
        return RedirectResponse(f"{asked['redirect_uri']}?code={code}&state={asked['state']}", 303)

    async def token(self, request: Request) -> Response:
        form = {key: values[0] for key, values in parse_qs((await request.body()).decode()).items()}
        asked = self.asked.pop(form.get("code", ""), None)
        basic = base64.b64encode(f"{CLIENT}:{quote(SECRET)}".encode()).decode()
        challenge = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        sent = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
        known = request.headers.get("authorization") == f"Basic {basic}"
        if asked is None or not known or asked["code_challenge"] != sent:
            return JSONResponse({"error": "invalid_grant"}, 400)
        claims = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-17",
            "exp": int(time.time()) + 60,
            "iat": int(time.time()),
            "nonce": asked["nonce"],
            "preferred_username": "kim",
            "role": ["processor", "clerk"],
            **self.claims,
        }
        signed = jwt.encode({"alg": "RS256", "kid": "one"}, claims, self.forged or self.key)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": signed})

    async def keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


@pytest.fixture
def provider() -> Iterator[Provider]:
    made = Provider()
    with served(made.app()) as url:
        made.url = url
        yield made


@pytest.fixture
def visitor(provider: Provider, tmp_path: Path) -> Iterator[httpx.Client]:
    web = Web(oidc_issuer=provider.url, oidc_client=CLIENT, oidc_secret=SecretStr(SECRET))
    with (
        served(create(Settings(data=tmp_path / "data", web=web))) as url,
        httpx.Client(base_url=url, timeout=300) as client,
    ):
        yield client


def come_back(visitor: httpx.Client) -> httpx.Response:
    """To the provider and back."""
    assert "/sign-in/provider" in visitor.get("/sign-in").text
    away = visitor.get("/sign-in/provider").headers["location"]
    back = httpx.get(away, timeout=300).headers["location"]
    return visitor.get(f"/sign-in/back?{urlsplit(back).query}")


def test_who_the_provider_vouches_for_is_let_in_with_their_role(
    visitor: httpx.Client, provider: Provider
) -> None:
    assert come_back(visitor).status_code == 200
    queue = visitor.get("/")
    assert queue.status_code == 200
    assert "kim" in queue.text
    assert "processor" in queue.text
    assert visitor.get("/people").status_code == 403
    visitor.cookies.clear()
    provider.claims = {"role": "lead", "preferred_username": "another name"}
    come_back(visitor)
    queue = visitor.get("/")
    assert "kim" in queue.text
    assert visitor.get("/figures").status_code == 200


def test_a_locked_page_goes_on_when_its_person_has_signed_in_again(
    browser: Browser, visitor: httpx.Client, provider: Provider, tmp_path: Path
) -> None:
    """They have no password here: they say who they are to the provider, in another window."""
    database = databases.open(Settings(data=tmp_path / "data").database_url)
    dcn = enter(database, claim({"26": ""}))
    with browser.new_context(base_url=str(visitor.base_url)) as context:
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_text("Sign in with your organisation's account").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="To review")).to_be_visible()
        page.goto(f"/claims/{dcn}")
        page.locator('[data-field="1a"] input').focus()
        page.keyboard.press("Control+A")
        page.context.clear_cookies()
        page.keyboard.type("A1B2")
        lock = page.locator("#lock")
        expect(lock).to_be_visible()
        provider.claims = {"sub": "u-18", "preferred_username": "lee"}
        with page.context.expect_page() as other:
            page.keyboard.press("Enter")
        expect(other.value.get_by_role("heading", name="To review")).to_be_visible()
        expect(page.locator("#lock-problem")).to_have_text("Somebody else signed in there.")
        provider.claims = {}
        with page.context.expect_page() as own:
            page.keyboard.press("Enter")
        expect(own.value.get_by_role("heading", name="To review")).to_be_visible()
        expect(lock).to_be_hidden()
        expect(page.locator("#saving")).to_have_text("Saved")
    assert "prompt" not in provider.ways[0]
    assert {asked.get("prompt") for asked in provider.ways[1:]} == {"login"}
    with database.read() as db:
        assert answers.drafts(db, dcn, "kim") == {"1a": "A1B2"}
    database.engine.dispose()


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "somebody else"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1},
        {"nonce": "of another sign-in"},
        {"role": "king"},
        {"role": None},
        {"preferred_username": "", "email": ""},
        {"preferred_username": "kim lee"},
        {"preferred_username": "system"},
        {"preferred_username": "k" * 65},
    ],
)
def test_a_word_that_does_not_hold_lets_nobody_in(
    visitor: httpx.Client, provider: Provider, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert come_back(visitor).status_code == 403
    assert visitor.get("/").status_code == 303


def test_of_several_roles_the_one_that_may_most_counts(
    visitor: httpx.Client, provider: Provider
) -> None:
    provider.claims = {"role": ["lead", "auditor", "clerk"]}
    come_back(visitor)
    assert visitor.get("/groups").status_code == 200
    assert visitor.get("/audit").status_code == 403


def test_a_forged_signature_lets_nobody_in(visitor: httpx.Client, provider: Provider) -> None:
    provider.forged = RSAKey.generate_key(2048)
    assert come_back(visitor).status_code == 403
    assert visitor.get("/").status_code == 303


def test_a_sign_in_that_was_not_begun_here_is_refused(visitor: httpx.Client) -> None:
    away = visitor.get("/sign-in/provider").headers["location"]
    back = urlsplit(httpx.get(away, timeout=300).headers["location"]).query
    visitor.cookies.clear()
    assert visitor.get(f"/sign-in/back?{back}").status_code == 403
    visitor.get("/sign-in/provider")
    assert visitor.get(f"/sign-in/back?{back}").status_code == 403
    assert visitor.get("/sign-in/back", params={"state": "é"}).status_code == 403


def test_without_a_provider_there_is_no_such_way(tmp_path: Path) -> None:
    with served(create(Settings(data=tmp_path / "data"))) as url:
        assert httpx.get(f"{url}/sign-in/provider", timeout=300).status_code == 404
        assert httpx.get(f"{url}/sign-in/back", timeout=300).status_code == 404
        assert "/sign-in/provider" not in httpx.get(f"{url}/sign-in", timeout=300).text
