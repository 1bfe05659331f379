"""The letter's page in a real browser: what is typed there, whose claim it is, what is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from ledger import documents, requests
from letters import desk as asking
from models.state import State
from review.cases import Cases
from review.leases import Leases
from service.context import Context
from tests.review.browsing import OWN, away, opened, settle

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
ME = "processor-one"


@pytest.fixture
def dcn(untouched: Iterator[str], desk: Context) -> str:
    """A claim that the provider can be asked about."""
    found = next(untouched)
    settle(desk, found)
    return found


@pytest.fixture
def letter(as_role: Callable[..., Page], dcn: str) -> Page:
    """Its letter, open at a processor."""
    page = as_role("processor")
    page.clock.install()
    return shown(page, dcn)


def shown(page: Page, dcn: str) -> Page:
    page.goto(f"/claims/{dcn}/letter")
    page.wait_for_selector("html[data-ready]")
    return page


def moved(desk: Context, dcn: str) -> None:
    """The provider's street is corrected on the claim, in another window."""
    Cases(desk.database, desk.store).answer(dcn, "33.2", ("said", "77 OTHER ST"), by=ME)


def previewed(page: Page) -> None:
    before = page.locator("#preview").get_attribute("src")
    page.keyboard.press("Alt+KeyP")
    expect(page.locator("#preview")).not_to_have_attribute("src", before or "")


def events(desk: Context, dcn: str) -> list[str]:
    with desk.database.read() as db:
        return [entry.event for entry in asking.log(db, dcn)]


def test_a_letter_that_was_looked_at_goes_where_the_claim_says(
    letter: Page, dcn: str, desk: Context
) -> None:
    previewed(letter)
    assert events(desk, dcn) == ["drafted"]
    moved(desk, dcn)
    letter.keyboard.press("Control+Enter")
    expect(letter.locator("#problem")).to_contain_text("The claim has changed since.")
    shown(letter, dcn)
    expect(letter.locator("#to-lines")).to_have_value(re.compile("77 OTHER ST"))
    letter.keyboard.press("Control+Enter")
    away(letter, dcn)  # the next claim was opened
    assert events(desk, dcn) == ["drafted", "sent"]
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.WAITING
        (request,) = requests.of_claim(db, dcn)
        assert "77 OTHER ST" in request.draft


def test_an_edited_letter_says_that_its_claim_went_on(
    letter: Page, dcn: str, desk: Context
) -> None:
    letter.locator("#remark").focus()
    letter.keyboard.type("Please answer soon.")
    previewed(letter)
    assert events(desk, dcn) == ["drafted", "edited"]
    previewed(letter)
    assert events(desk, dcn) == ["drafted", "edited"]
    expect(letter.locator("#stale")).to_have_count(0)
    moved(desk, dcn)
    shown(letter, dcn)
    expect(letter.locator("#stale")).to_contain_text("another address or other findings")
    letter.keyboard.press("Control+Enter")
    expect(letter.locator("#problem")).to_contain_text("Withdraw the draft")
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.REVIEW


def test_the_claim_stays_ours_while_its_letter_is_written(
    letter: Page, dcn: str, desk: Context
) -> None:
    with letter.expect_response("**/letter/lease") as kept:
        letter.clock.run_for(31_000)
    assert kept.value.ok
    Leases(desk.database).steal(dcn, "lead-one")
    with letter.expect_response("**/letter/lease"):
        letter.clock.run_for(31_000)
    problem = letter.locator("#problem")
    expect(problem).to_contain_text("lead-one has this claim now")
    expect(problem).to_contain_text("on this page only")
    expect(problem).not_to_contain_text("What you typed is kept")


def test_a_letter_nobody_sits_at_is_covered_and_goes_on_where_it_was(
    letter: Page, dcn: str, desk: Context
) -> None:
    sent: list[str] = []
    letter.on("request", lambda request: sent.append(request.url))
    letter.locator("#remark").focus()
    letter.clock.fast_forward(60 * 60 * 1000)
    expect(letter.locator("#unlock-password")).to_be_focused()
    assert [url for url in sent if url.endswith("/lease")] == []
    letter.keyboard.type(OWN)
    letter.keyboard.press("Enter")
    expect(letter.locator("#lock")).to_be_hidden()
    # the session itself ends while they write: the next one takes the words along
    letter.context.clear_cookies()
    expect(letter.locator("#remark")).to_be_focused()
    letter.keyboard.type("Call us.")
    letter.clock.run_for(1000)
    expect(letter.locator("#unlock-password")).to_be_focused()
    before = letter.locator("#preview").get_attribute("src") or ""
    letter.keyboard.type(OWN)
    letter.keyboard.press("Enter")
    expect(letter.locator("#preview")).not_to_have_attribute("src", before)
    with desk.database.read() as db:
        last = requests.of_claim(db, dcn)[-1]
        assert asking.asked(db, last).draft.remark == "Call us."


def test_what_was_typed_last_is_kept_by_leaving(letter: Page, dcn: str, site: str) -> None:
    letter.clock.pause_at(letter.evaluate("Date.now()") / 1000 + 1)  # nothing is saved by waiting
    letter.locator("#remark").focus()
    letter.keyboard.type("By key.")
    letter.keyboard.press("Alt+KeyQ")
    letter.wait_for_url(f"{site}/claims/{dcn}")
    shown(letter, dcn)
    expect(letter.locator("#remark")).to_have_value("By key.")


def test_a_server_that_is_away_is_told_of(letter: Page, dcn: str, site: str) -> None:
    problem = letter.locator("#problem")
    letter.locator("#remark").focus()
    letter.context.set_offline(True)
    letter.keyboard.type("Offline.")
    letter.keyboard.press("Control+Enter")
    expect(problem).to_have_text("Not reached; nothing was saved.")
    letter.keyboard.press("Alt+KeyQ")
    expect(problem).to_contain_text("Leave once more")
    letter.context.set_offline(False)
    letter.keyboard.press("Alt+KeyQ")
    letter.wait_for_url(f"{site}/claims/{dcn}")
    shown(letter, dcn)
    expect(letter.locator("#remark")).to_have_value("Offline.")


def test_who_asks_too_early_is_back_at_the_claim_by_a_key(
    as_role: Callable[..., Page], untouched: Iterator[str], site: str
) -> None:
    dcn = next(untouched)
    page = opened(as_role("processor"), dcn)
    page.keyboard.press("Alt+KeyA")
    page.wait_for_url(f"{site}/claims/{dcn}/letter")
    expect(page.locator("main")).to_contain_text("still in doubt")
    expect(page.get_by_role("link", name="Back to the claim")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"html[data-ready='{dcn}']")
    assert page.url == f"{site}/claims/{dcn}"
