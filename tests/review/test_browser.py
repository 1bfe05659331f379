"""The desk in a real browser, by key alone: `paperclaim web`, Chromium, a claim really read."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from config.settings import Settings
from ledger import documents, scans, tokens
from ledger.database import now
from models.reading import DocumentReading
from models.state import State
from review.app import first_admin
from service import context as contexts
from service.context import Context

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
#: claims laid on the desk beside the one that was read
TESTS = 7
#: classes of a row that nobody has to look at any more
CONFIRMED = re.compile(r"^(?!.*(needed|unsaved)).*confirmed")
#: milliseconds: nothing waits that long but on a machine that does a lot beside
expect.set_options(timeout=60_000)
OWN = "three clerks and a kettle"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium")
    assert program is not None, "apt-get install chromium"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def desk(desk_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """An installation in which the claim that was read lies on the desk once for each test."""
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(desk_data, data)
    made = contexts.connect(Settings(data=data), migrate=True)
    with made.database.begin() as db:
        (read,) = documents.waiting(db, State.REVIEW, 2)
        (page,) = scans.pages(db, read.scan_id)
        found = documents.Found(DocumentReading.model_validate_json(read.reading))
        for number in range(TESTS):
            arrived = scans.Arrived(f"copy-{number}", f"{number:064}", 1, "scan.tif", (), now())
            scan, _ = scans.enter(db, arrived)
            db.add(
                scans.Page(
                    scan_id=scan.id,
                    number=1,
                    image=page.image,
                    media=page.media,
                    dpi=page.dpi,
                    words=[],
                )
            )
            (document,) = documents.create(db, scan, [found])
            documents.move(db, document, State.READING)
            documents.move(db, document, State.REVIEW)
    yield made
    made.database.engine.dispose()


@pytest.fixture(scope="module")
def site(desk: Context) -> Iterator[str]:
    """`paperclaim web` on that installation."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "PAPERCLAIM_DATA": str(desk.settings.data),
        "PAPERCLAIM_WEB_PORT": str(port),
    }
    log = desk.settings.data / "web.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, "-m", "paperclaim", "web"], env=env, stdout=output, stderr=output
        ) as server,
    ):
        url = f"http://127.0.0.1:{port}"
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=20)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None
        try:
            if httpx.get(f"{url}/v1/health").status_code == 200:
                return
        except httpx.TransportError:
            os.sched_yield()
    pytest.fail("the server did not start")


@contextlib.contextmanager
def window(browser: Browser, site: str, state: StorageState | None = None) -> Iterator[Page]:
    """A browser window; what its console complains of is a failure."""
    with browser.new_context(
        base_url=site,
        viewport={"width": 1280, "height": 720},
        reduced_motion="reduce",
        storage_state=state,
    ) as context:
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None,
        )
        yield page
        expected = ("401", "403", "ERR_INTERNET_DISCONNECTED")
        assert [t for t in troubles if not any(code in t for code in expected)] == []


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: str, desk: Context) -> StorageState:
    """The cookies of the admin, who signed in for the first time, by key."""
    password = first_admin(desk.settings)
    assert password is not None
    with window(browser, site) as page:
        page.goto("/")
        page.keyboard.type("admin")
        page.keyboard.press("Tab")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/password")
        page.keyboard.type(OWN)
        page.keyboard.press("Tab")
        page.keyboard.type(OWN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="To review")).to_be_visible()
        return page.context.storage_state()


@pytest.fixture
def page(browser: Browser, site: str, signed_in: StorageState) -> Iterator[Page]:
    """The queue, open."""
    with window(browser, site, signed_in) as opened:
        opened.goto("/")
        yield opened


@pytest.fixture(scope="module")
def untouched(desk: Context) -> Iterator[str]:
    """Control numbers, the youngest first: the queue begins at the other end."""
    with desk.database.begin() as db:
        waiting = documents.waiting(db, State.REVIEW, 1 + TESTS)
    return reversed([document.dcn for document in waiting])


@pytest.fixture
def claim(page: Page, untouched: Iterator[str]) -> Page:
    """A claim that no other test has touched."""
    page.goto(f"/claims/{next(untouched)}")
    page.wait_for_selector("html[data-ready]")
    return page


def to_check(page: Page) -> int:
    return int(page.locator("#count-needed").inner_text())


def here(page: Page) -> str:
    """The id of the field in focus."""
    return page.locator(".row.here").get_attribute("data-field") or ""


def test_a_claim_from_the_queue_to_its_json_by_keys_alone(
    page: Page, desk: Context, work_off: Callable[[Context], None], site: str
) -> None:
    page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready]")
    count = to_check(page)
    assert count > 3
    dcn = page.url.rsplit("/", 1)[1]
    assert page.title() == f"{dcn} · Paperclaim"

    first = here(page)
    page.keyboard.type("TYPED OVER")
    page.keyboard.press("Tab")
    second = here(page)
    page.keyboard.press("Alt+KeyN")
    third = here(page)
    page.keyboard.press("Alt+KeyI")
    for _ in range(count - 3):
        page.keyboard.press("Enter")
    expect(page.locator("#saving")).to_have_text("Saved")
    while to_check(page):  # what was said may raise another question
        page.keyboard.press("Enter")
        expect(page.locator("#saving")).to_have_text("Saved")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(lambda url: url.startswith(f"{site}/claims/") and dcn not in url)

    work_off(desk)
    with desk.database.begin() as db:
        assert documents.get(db, dcn).state == State.DELIVERED
        token = tokens.add(db, "downstream")
    written = (desk.settings.outbox / f"{dcn}.r2.json").read_bytes()
    served = httpx.get(f"{site}/v1/claims/{dcn}", headers={"Authorization": f"Bearer {token}"})
    assert served.content == written
    out = json.loads(written)
    assert out["status"] == "ready"
    assert out["fields"][first]["text"] == "TYPED OVER"
    assert out["fields"][first]["confirmation"]["by"] == "admin"
    assert out["not_present"][second]["action"] == "not_present"
    assert out["fields"][third]["confirmation"]["action"] == "illegible"
    log = (desk.settings.data / "web.log").read_text()
    assert "TYPED OVER" not in log
    assert f"POST /claims/{dcn}/finish 200" in log


def test_a_field_in_focus_is_shown_on_the_image(claim: Page) -> None:
    for _ in range(3):
        expect(claim.locator(".mark:not(.other)")).to_have_count(1)
        frame = claim.locator("#window").bounding_box()
        mark = claim.locator(".mark:not(.other)").bounding_box()
        assert frame is not None
        assert mark is not None
        assert frame["x"] <= mark["x"] + 1
        assert mark["x"] + mark["width"] <= frame["x"] + frame["width"] + 1
        assert frame["y"] <= mark["y"] + 1
        assert mark["y"] + mark["height"] <= frame["y"] + frame["height"] + 1
        expect(claim.locator(".row.here .snippet")).to_be_visible()
        claim.keyboard.press("Enter")
    assert claim.evaluate("document.scrollingElement.scrollTop") == 0


def test_nothing_typed_is_lost_in_a_reload(claim: Page) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    claim.keyboard.type("HALF A WO")
    expect(claim.locator("#saving")).to_have_text("Saved")
    claim.reload()
    claim.wait_for_selector("html[data-ready]")
    expect(row.locator("input")).to_have_value("HALF A WO")
    expect(row).to_have_class(re.compile("needed"))


def test_nothing_typed_is_lost_by_walking_away(claim: Page, site: str) -> None:
    url = claim.url
    row = claim.locator(f'[data-field="{here(claim)}"]')
    claim.keyboard.type("HALF A WORD")
    claim.keyboard.press("Alt+KeyQ")
    claim.wait_for_url(f"{site}/")
    claim.goto(url)
    expect(row.locator("input")).to_have_value("HALF A WORD")


def test_an_answer_is_taken_back_by_key(claim: Page) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    before = claim.locator(".row.here input").input_value()
    claim.keyboard.type("WRONG")
    claim.keyboard.press("Enter")
    expect(row).to_have_class(CONFIRMED)
    claim.keyboard.press("Alt+KeyZ")
    expect(row).to_have_class(re.compile("needed.* here|here.* needed"))
    expect(row.locator("input")).to_have_value(before)


def test_a_locked_desk_goes_on_where_it_was(claim: Page) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    (cookie,) = claim.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    claim.evaluate(
        "fetch('/lock', {method: 'POST', headers: "
        "{'X-CSRF-Token': document.getElementById('desk').dataset.csrf}})"
    )
    claim.keyboard.type("AFTER THE BREAK")
    claim.keyboard.press("Enter")
    lock = claim.locator("#lock")
    expect(lock).to_be_visible()
    claim.keyboard.type("wrong password")
    claim.keyboard.press("Enter")
    expect(claim.locator("#lock-problem")).to_contain_text("wrong")
    claim.keyboard.type(OWN)
    claim.keyboard.press("Enter")
    expect(lock).to_be_hidden()
    expect(claim.locator("#saving")).to_have_text("Saved")
    expect(row).to_have_class(CONFIRMED)


def test_what_can_not_be_sent_is_kept_and_sent_again(claim: Page) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    claim.context.set_offline(True)
    claim.keyboard.type("OFFLINE")
    claim.keyboard.press("Enter")
    expect(claim.locator("#saving")).to_contain_text("Not saved")
    claim.context.set_offline(False)
    expect(claim.locator("#saving")).to_have_text("Saved")
    claim.reload()
    claim.wait_for_selector("html[data-ready]")
    expect(row.locator("input")).to_have_value("OFFLINE")
    expect(row).to_have_class(CONFIRMED)
