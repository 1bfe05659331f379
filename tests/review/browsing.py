"""The desk in a real browser: `paperclaim web` as its own process, windows, what is on them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from config.settings import Quality
from ledger import documents
from letters import desk as letters
from review.cases import Along, Cases
from review.saying import enter
from service.context import Context
from tests.letters.base import HOUSE, asked_of

#: a pointer that points at nothing: whatever it does is swallowed before any page hears of it
NO_POINTER = """
for (const name of ["pointerdown", "pointerup", "mousedown", "mouseup"]) {
  window.addEventListener(name, (event) => {
    event.stopImmediatePropagation();
    event.preventDefault();
  }, true);
}
window.addEventListener("click", (event) => {
  if (event.detail) { event.stopImmediatePropagation(); event.preventDefault(); }
}, true);
"""
#: classes of a row that nobody has to look at any more
CONFIRMED = re.compile(r"^(?!.*(needed|unsaved)).*confirmed")
#: milliseconds: nothing waits that long but on a machine that does a lot beside
PATIENCE = 180_000
expect.set_options(timeout=PATIENCE)
OWN = "three clerks and a kettle"
#: what each server writes, by where its pages are
_LOGS: dict[str, Path] = {}


@contextlib.contextmanager
def serving(desk: Context, **more: str) -> Iterator[str]:
    """`paperclaim web` on an installation, a process of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    env = {
        **os.environ,
        "PAPERCLAIM_DATA": str(desk.settings.data),
        "PAPERCLAIM_WEB_PORT": str(port),
        "PAPERCLAIM_WEB_GRACE_SECONDS": "0",
        "PAPERCLAIM_LETTERS_PAYER": "Example Health Plan",
        "PAPERCLAIM_LETTERS_ADDRESS": '["PO Box 1", "Springfield IL 62701"]',
        **more,
    }
    log = desk.settings.data / "web.log"
    with (
        log.open("ab") as output,
        subprocess.Popen(
            [sys.executable, "-m", "paperclaim", "web"], env=env, stdout=output, stderr=output
        ) as server,
    ):
        url = f"http://127.0.0.1:{port}"
        _LOGS[url] = log
        try:
            _wait_for(url, server)
            yield url
        finally:
            server.terminate()
            server.wait(timeout=300)


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        assert server.poll() is None
        try:
            if httpx.get(f"{url}/v1/health").status_code == 200:
                return
        except httpx.TransportError:
            os.sched_yield()
    pytest.fail("the server did not start")


def _complaints(site: str) -> list[str]:
    """What a server wrote of its own mistakes, which pages don't tell."""
    return [line for line in _LOGS[site].read_text().splitlines() if " ERROR " in line]


@contextlib.contextmanager
def window(browser: Browser, site: str, state: StorageState | None = None) -> Iterator[Page]:
    """A browser window; what its console complains of is a failure."""
    with browser.new_context(
        base_url=site,
        viewport={"width": 1280, "height": 720},
        reduced_motion="reduce",
        storage_state=state,
    ) as context:
        context.add_init_script(NO_POINTER)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        troubles: list[str] = []
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console",
            lambda said: troubles.append(said.text) if said.type in ("error", "warning") else None,
        )
        yield page
        expected = ("401", "403", "409", "ERR_INTERNET_DISCONNECTED")
        left = [t for t in troubles if not any(code in t for code in expected)]
        assert left == [], (left, _complaints(site))


def opened(page: Page, dcn: str) -> Page:
    page.goto(f"/claims/{dcn}")
    page.wait_for_selector("html[data-ready]")
    return page


def to_check(page: Page) -> int:
    return int(page.locator("#count-needed").inner_text())


def here(page: Page) -> str:
    """The id of the field in focus."""
    return page.locator(".row.here").get_attribute("data-field") or ""


def look_through(page: Page) -> None:
    """Look at every tile of the group screen: what was not in sight is not confirmed."""
    page.wait_for_load_state("load")
    for tile in page.locator(".tile").all():
        tile.evaluate(
            """async (tile) => {
                tile.scrollIntoView({ block: "center" });
                for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
            }"""
        )


def hold_finish(page: Page, dcn: str) -> Callable[[], None]:
    """Keep the server from hearing that a claim is finished, until what comes back is called."""
    held: list[Callable[[], None]] = []
    page.route(f"**/claims/{dcn}/finish", lambda route: held.append(route.continue_))

    def heard() -> None:
        held[0]()

    return heard


def away(page: Page, dcn: str) -> None:
    """Close the claim that came after one."""
    page.wait_for_url(lambda url: dcn not in url)
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Alt+KeyQ")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()


def send_on(page: Page) -> None:
    """Finish a claim with a problem of the provider's that nobody asked about."""
    page.keyboard.press("Control+Enter")
    expect(page.locator("#unasked")).to_be_visible()
    page.keyboard.press("Control+Enter")


def knowing(cases: Cases, dcn: str) -> Along:
    """What somebody says who sends a claim on with all that nobody asked about."""
    return Along(sure=frozenset(cases.open(dcn).desk().goes_with))


def settle(desk: Context, dcn: str, by: str = "admin", but: str = "") -> None:
    """Confirm what is read in all fields but one: an answer may raise another question."""
    cases = Cases(desk.database, desk.store)
    while left := [v for v in cases.open(dcn).desk().fields if v.needed and v.id != but]:
        *most, last = left
        with desk.database.begin() as db:  # a claim is checked anew after each answer but these
            for view in most:
                enter(db, documents.get(db, dcn), view.id, ("said", view.text), by, Quality())
        cases.answer(dcn, last.id, ("said", last.text), by=by)
    with desk.database.begin() as db:  # the claim is nobody's again
        documents.release(documents.get(db, dcn), by)


def asked_by_letter(desk: Context, dcn: str) -> list[list[str]]:
    """Send the letter about a claim; the fields of each of its questions."""
    settle(desk, dcn)
    with desk.database.begin() as db:
        letters.draft(db, dcn)
        letters.send(db, dcn, HOUSE, "admin")
        return [item.fields for item in asked_of(db, dcn)[0].draft.items]


def lit(page: Page) -> tuple[dict[str, float], dict[str, float]]:
    """(the window, the mark of what is lit in it) as left, top, right, bottom on the screen.

    Both in one look: when the window changes its size, the mark is made anew.
    """
    expect(page.locator(".mark:not(.other)")).to_have_count(1)
    frame, mark = page.evaluate(
        """() => ["#window", ".mark:not(.other)"].map((what) =>
             document.querySelector(what).getBoundingClientRect().toJSON())"""
    )
    return frame, mark
