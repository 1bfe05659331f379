"""The pages' way in, seen from outside: who gets what, and what every answer carries."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import logging
import os
import re
import time
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from config.settings import Settings
from ledger import audit, documents
from ledger import database as databases
from ledger.purging import purge
from ledger.steps import Step
from ledger.store import Store
from letters.decide import decide
from models.state import State
from review import queue, summary
from review.accounts import Accounts
from review.app import create, first_admin
from review.shelf import Shelf
from tests.letters.base import claim, enter
from tests.serving import served

ROOT = Path(__file__).parents[2]
OWN = "three clerks and a kettle"
PAGES = ["/", "/claims/26327P0000001S", "/claims/26327P0000001S/pages/1", "/password"]


@pytest.fixture(scope="module")
def site_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("web") / "data"


@pytest.fixture(scope="module")
def site(site_data: Path) -> Iterator[str]:
    """An installation whose admin has a password of their own."""
    settings = Settings(data=site_data)
    assert first_admin(settings) is not None
    database = databases.open(settings.database_url)
    Accounts(database, dt.timedelta()).change_password("admin", OWN, OWN)
    database.engine.dispose()
    with served(create(settings)) as url:
        yield url


@pytest.fixture
def visitor(site: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=site, timeout=300) as client:
        yield client


def token_of(page: httpx.Response) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found is not None
    return found[1]


@pytest.fixture
def admin(visitor: httpx.Client) -> httpx.Client:
    """Somebody who signed in."""
    form = {"csrf": token_of(visitor.get("/sign-in")), "name": "admin", "password": OWN}
    assert visitor.post("/sign-in", data=form).headers["location"] == "/"
    return visitor


def test_strangers_are_sent_to_sign_in_and_come_back(visitor: httpx.Client) -> None:
    for path in PAGES:
        answer = visitor.get(path)
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/sign-in?next={path}"


def test_a_one_time_password_opens_one_page_only(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with served(create(settings)) as url, httpx.Client(base_url=url, timeout=300) as visitor:
        form = {"name": "admin", "password": first_admin(settings)}
        form["csrf"] = token_of(visitor.get("/sign-in"))
        visitor.post("/sign-in", data=form)
        for path in PAGES[:-1]:
            assert visitor.get(path).headers["location"] == "/password"
        token = token_of(visitor.get("/password"))
        refused = visitor.post("/claims/26327P0000001S/finish", headers={"X-CSRF-Token": token})
        assert (refused.status_code, refused.json()["code"]) == (403, "session.one_time")
        form = {"csrf": token, "password": OWN, "again": OWN}
        assert visitor.post("/password", data=form).headers["location"] == "/"
        assert visitor.get("/").status_code == 200


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org", "/\\example.org", "claims"]
)
def test_signing_in_never_leads_elsewhere(visitor: httpx.Client, elsewhere: str) -> None:
    asked = visitor.get("/sign-in", params={"next": elsewhere})
    assert "example.org" not in asked.text
    form = {"csrf": token_of(asked), "name": "admin", "password": OWN}
    answer = visitor.post("/sign-in", data={**form, "next": elsewhere})
    assert answer.headers["location"] == "/"


def test_every_answer_is_dressed(admin: httpx.Client) -> None:
    for path in [*PAGES, "/sign-in", "/static/review.js", "/nowhere", "/v1/claims", "/v1/health"]:
        headers = admin.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        stored = "no-cache" if path.startswith("/static/") else "no-store"
        assert headers["cache-control"] == stored


def test_pages_hold_nothing_inline(admin: httpx.Client) -> None:
    for path in ("/", "/password", "/sign-in"):
        text = admin.get(path).text
        assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|javascript:", text)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-CSRF-Token": "guess"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://example.org"},
        {"Origin": "null"},
    ],
)
def test_what_another_site_sends_changes_nothing(
    admin: httpx.Client, headers: dict[str, str]
) -> None:
    if headers.keys() & {"Origin", "Sec-Fetch-Site"}:
        headers = {**headers, "X-CSRF-Token": token_of(admin.get("/password"))}
    for path in ("/sign-out", "/lock", "/claims/26327P0000001S/finish"):
        answer = admin.post(path, headers={**headers, "Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["code"]) == (403, "web.forged")
    assert admin.get("/").status_code == 200


def test_another_name_for_our_address_is_refused(visitor: httpx.Client) -> None:
    assert visitor.get("/sign-in", headers={"Host": "example.org"}).status_code == 400


def test_a_locked_session_shows_nothing(admin: httpx.Client) -> None:
    token = token_of(admin.get("/password"))
    admin.post("/lock", headers={"X-CSRF-Token": token})
    assert admin.get("/").headers["location"] == "/sign-in?next=/"
    refused = admin.post("/claims/26327P0000001S/finish", headers={"X-CSRF-Token": token})
    assert refused.status_code == 401
    wrong = admin.post("/unlock", json={"password": "no"}, headers={"X-CSRF-Token": token})
    assert wrong.status_code == 403
    right = admin.post("/unlock", json={"password": OWN}, headers={"X-CSRF-Token": token})
    assert right.status_code == 200
    assert admin.get("/").status_code == 200


def test_after_signing_out_the_cookie_is_worth_nothing(admin: httpx.Client) -> None:
    cookie = admin.cookies["paperclaim_session"]
    admin.post("/sign-out", data={"csrf": token_of(admin.get("/password"))})
    admin.cookies.set("paperclaim_session", cookie)
    assert admin.get("/").status_code == 303


def test_the_session_opens_no_door_of_the_api(admin: httpx.Client) -> None:
    assert admin.get("/v1/claims").status_code == 401


def test_the_trail_as_a_file_holds_what_its_digests_cover(admin: httpx.Client) -> None:
    digest = "0" * 64
    rows = list(csv.DictReader(io.StringIO(admin.get("/audit.csv").text)))
    assert rows
    for row in rows:
        said = [int(row["id"]), *(row[name] for name in ("at", "actor", "action", "dcn"))]
        said += [row["detail"], row["change"]]
        digest = hashlib.sha256((digest + json.dumps(said)).encode()).hexdigest()
        assert row["digest"] == digest


def test_a_trail_longer_than_a_page_is_there_whole_in_its_file(
    admin: httpx.Client, site_data: Path
) -> None:
    """Read in pieces; the page follows only what it shows."""
    database = databases.open(Settings(data=site_data).database_url)
    with database.begin() as db:
        for _ in range(2100):
            audit.note(db, "ana", audit.Act("viewed"))
    database.engine.dispose()
    rows = list(csv.DictReader(io.StringIO(admin.get("/audit.csv").text)))
    assert [int(row["id"]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) > 2100
    assert "the last 200 unbroken" in admin.get("/audit").text


def test_every_file_of_the_pages_is_packed() -> None:
    packed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    files = [p for room in ("static", "templates") for p in (ROOT / "review" / room).iterdir()]
    unpacked = [p.name for p in files if not any(map(p.match, packed["package-data"]["*"]))]
    assert files
    assert unpacked == []


def test_unknown_claims_and_bodies_are_refused_in_words(admin: httpx.Client) -> None:
    token = {"X-CSRF-Token": token_of(admin.get("/password"))}
    assert admin.get("/claims/26327P0000001S").status_code == 404
    assert admin.get("/claims/26327P00000019").status_code == 404
    assert admin.get("/claims/26327P0000001S/pages/1").status_code == 404
    field = "/claims/26327P0000001S/fields/2"
    unknown = admin.post(field, json={"action": "said", "text": "X"}, headers=token)
    assert (unknown.status_code, unknown.json()["code"]) == (409, "ledger.unknown")
    for body in (b"[", b"[1]", b'{"text": 1}', b"{" + b" " * 100_000):
        answer = admin.post(
            field, content=body, headers={**token, "Content-Type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (400, "web.body")


def test_the_log_has_paths_and_kinds_and_no_content(
    admin: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "paperclaim.web")
    admin.get("/sign-in", params={"next": "/SMITH-JANE"})
    admin.post("/unlock", json={"password": "SMITH JANE"})
    assert "GET /sign-in 200" in caplog.text
    assert "SMITH" not in caplog.text


def test_a_bug_is_logged_by_its_place_not_by_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_request: Request) -> Response:
        raise RuntimeError("SMITH JANE")

    caplog.set_level(logging.INFO)
    monkeypatch.setattr(queue, "ROUTES", [Route("/broken", broken)])
    with served(create(Settings(data=tmp_path / "data"))) as url:
        answer = httpx.get(f"{url}/broken", timeout=300)
    assert answer.status_code == 500
    assert "SMITH" not in answer.text
    assert "RuntimeError at" in caplog.text
    assert "SMITH" not in caplog.text


def test_the_queue_is_filtered_by_payer_with_no_payer_in_an_address(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    record = databases.open(settings.database_url)
    one = enter(record, claim({"carrier.1": "MISREAD JANE SMITH"}))
    other = enter(record, claim())
    who = Accounts(record, dt.timedelta(hours=1))
    who.first_admin()
    who.change_password("admin", OWN, OWN)
    with served(create(settings)) as url, httpx.Client(base_url=url, timeout=300) as client:
        client.cookies.set("paperclaim_session", who.sign_in("admin", OWN))
        queue = client.get("/").text
        (key,) = re.findall(r'<option value="([^"]*)">MISREAD JANE SMITH<', queue)
        assert re.fullmatch("[0-9a-f]+", key)
        filtered = client.get("/", params={"payer": key}).text
        assert f"/claims/{one}" in filtered
        assert f"/claims/{other}" not in filtered
        assert f'<option value="{key}" selected>' in filtered
        body = {"csrf": token_of(client.get("/password")), "payer": key}
        assert client.post("/next", data=body).headers["location"] == f"/claims/{one}"
        ahead = client.get(f"/claims/{other}/ahead", params={"payer": key}).json()
        assert ahead["url"] == f"/claims/{one}"
        empty = client.get("/", params={"payer": "0" * 12}).text
        assert f"/claims/{one}" not in empty
    record.engine.dispose()


def test_the_page_of_a_claim_that_was_purged_has_its_history_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    record = databases.open(settings.database_url)
    dcn = enter(record, claim({"2": "MISREAD, JANE"}))
    who = Accounts(record, dt.timedelta(hours=1))
    who.first_admin()
    who.change_password("admin", OWN, OWN)
    with record.begin() as db:
        decide(db, dcn, State.REJECTED, "no member", actor="ana")
        db.execute(update(Step).values(state="done"))
    with served(create(settings)) as url, httpx.Client(base_url=url, timeout=300) as client:
        client.cookies.set("paperclaim_session", who.sign_in("admin", OWN))
        assert "MISREAD" in client.get(f"/claims/{dcn}").text
        purge(record, Store(settings.store_url), dcn, "by order", actor="ana")
        page = client.get(f"/claims/{dcn}")
        assert page.status_code == 200
        assert "MISREAD" not in page.text
        assert "This document is purged" in page.text
        assert "by order" in client.get(f"/claims/{dcn}/history").text
        assert client.get(f"/claims/{dcn}/pages/1").status_code == 404
        token = {"X-CSRF-Token": token_of(client.get("/password"))}
        for path, body in (
            ("fields/2", {"action": "said", "text": "X"}),
            ("finish", {"to": "ready"}),
        ):
            refused = client.post(f"/claims/{dcn}/{path}", json=body, headers=token)
            assert refused.status_code in (400, 409)
        for path in ("/", "/figures", "/quality", "/audit"):
            assert client.get(path).status_code == 200
    with record.read() as db:
        assert documents.get(db, dcn).state == State.PURGED
    record.engine.dispose()


def test_the_summaries_go_on_after_a_document_that_breaks_them_and_say_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(summary, "_EVERY", 0.01)
    settings = Settings(data=tmp_path / "data")
    record = databases.open(settings.database_url)
    dcn = enter(record, claim())
    with record.begin() as db:
        document = documents.get(db, dcn)
        whole, document.reading = document.reading, '{"form": "SMITH JANE"}'
    with served(create(settings)):
        until(lambda: "summaries: " in caplog.text)
        with record.begin() as db:
            documents.get(db, dcn).reading = whole
        until(lambda: bool(Shelf(record).overview(9).rows))
    record.engine.dispose()
    assert "summaries: ValidationError" in caplog.text
    assert "SMITH" not in caplog.text


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 300
    while not true():
        assert time.monotonic() < deadline
        os.sched_yield()
