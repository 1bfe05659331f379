"""The desk by key, in a real browser: no key says more than was seen, and none says nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from ledger import answers, audit, documents
from models.state import State
from review.cases import Cases
from review.leases import SPAN
from service.context import Context
from tests.review.browsing import (
    CONFIRMED,
    OWN,
    here,
    hold_finish,
    look_through,
    opened,
    send_on,
    settle,
    to_check,
)

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")


def hold(page: Page, key: str, *, times: int = 4) -> None:
    """Hold a key down, with those that go with it."""
    keys = key.split("+")
    for one in keys[:-1]:
        page.keyboard.down(one)
    for _ in range(times):
        page.keyboard.down(keys[-1])
    for one in reversed(keys):
        page.keyboard.up(one)


@pytest.mark.parametrize("key", ["Enter", "Tab", "Alt+KeyN", "Alt+KeyI"])
def test_a_key_that_is_held_down_answers_one_field(claim: Page, key: str) -> None:
    count = to_check(claim)
    assert count > 2
    hold(claim, key)
    assert to_check(claim) == count - 1


def test_finishing_twice_says_nothing_of_the_claim_that_came_next(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    settle(desk, dcn)
    page = as_role("clerk")
    page.clock.install()
    opened(page, dcn)
    root = page.locator("html")
    expect(root).to_have_attribute("data-ahead", re.compile("."))
    following = root.get_attribute("data-ahead") or ""
    page.clock.pause_at(page.evaluate("Date.now()") / 1000 + 1)
    # the server takes the first claim only after the second press: what is told of that stays
    heard = hold_finish(page, dcn)
    send_on(page)
    expect(root).to_have_attribute("data-ready", following)
    count = to_check(page)
    page.keyboard.press("Control+Enter")
    told = page.locator("#saving")
    expect(told).to_contain_text("Nothing was confirmed")
    assert to_check(page) == count
    page.clock.resume()
    heard()
    page.wait_for_url(f"**/{following}")
    expect(told).to_contain_text("Nothing was confirmed")
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.READY
        assert answers.latest(db, following) == {}
    page.keyboard.press("Alt+KeyQ")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()


def test_what_is_typed_in_a_settled_field_is_no_part_of_the_claim_by_itself(
    page: Page, untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    cases = Cases(desk.database, desk.store)
    settle(desk, dcn)
    opened(page, dcn)
    field = page.locator(".row.confirmed:has(input)").first.get_attribute("data-field") or ""
    row = page.locator(f'[data-field="{field}"]')
    before = row.locator("input").input_value()
    row.locator("input").focus()
    page.keyboard.type("SOMETHING ELSE")
    assert to_check(page) == 1
    page.keyboard.press("Escape")
    expect(row.locator("input")).to_have_value(before)
    assert to_check(page) == 0
    page.keyboard.press("End")
    page.keyboard.type(" X")
    page.keyboard.press("ArrowDown")
    assert here(page) != field
    assert to_check(page) == 1
    page.keyboard.press("Control+Enter")
    assert here(page) == field
    expect(page.locator("#saving")).to_have_text("Saved")
    opened(page, dcn)
    expect(row).to_contain_text("typed, and not confirmed")
    assert here(page) == field
    page.keyboard.press("Enter")
    expect(row).to_have_class(CONFIRMED)
    assert to_check(page) == 0
    assert cases.open(dcn).now.fields[field].text == f"{before} X"


def test_the_whole_form_is_there_for_who_only_looks(
    as_role: Callable[..., Page], untouched: Iterator[str]
) -> None:
    dcn = next(untouched)
    opened(as_role("clerk"), dcn)
    for role in ("auditor", "clerk-two"):
        page = opened(as_role(role), dcn)
        count = page.locator(".row").count()
        page.keyboard.press("Alt+KeyF")
        expect(page.locator("#rows[data-whole]")).to_have_count(1)
        expect(page.locator(".row").nth(count)).to_be_attached()
        assert page.locator(".row input:not([readonly])").count() == 0


def test_the_history_is_read_and_left_by_keys(claim: Page) -> None:
    claim.set_viewport_size({"width": 1280, "height": 200})
    field = claim.locator(f'[data-field="{here(claim)}"] input')
    panel = claim.locator("#history")
    for leave in ("Escape", "Tab", "Alt+KeyN"):
        count = to_check(claim)
        claim.keyboard.press("Alt+KeyH")
        expect(panel).to_be_focused()
        claim.keyboard.press("End")
        expect(panel).not_to_have_js_property("scrollTop", 0)
        claim.keyboard.press(leave)
        expect(panel).to_be_hidden()
        expect(field).to_be_focused()
        assert to_check(claim) == count


def test_what_became_of_a_claim_is_said_in_the_queue(
    as_role: Callable[..., Page], untouched: Iterator[str], site: str, desk: Context
) -> None:
    for key, words in (("KeyE", "escalated: it lies with the leads"), ("KeyP", "postponed; it")):
        dcn = next(untouched)
        page = opened(as_role("clerk"), dcn)
        page.keyboard.press(f"Alt+{key}")
        page.locator("#ask-reason").focus()
        page.keyboard.type("two patients on one form")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        page.wait_for_url(f"{site}/")
        expect(page.locator("#told")).to_contain_text(f"{dcn} is {words}")
        with desk.database.read() as db:
            acts = [entry.action for entry in audit.of_document(db, dcn)]
        assert len([act for act in acts if act in ("escalated", "postponed")]) == 1
        page.reload()
        expect(page.locator("#told")).to_be_empty()


def test_a_key_that_is_not_for_this_role_says_so(
    as_role: Callable[..., Page], untouched: Iterator[str]
) -> None:
    page = opened(as_role("clerk"), next(untouched))
    for key in ("KeyO", "KeyB", "KeyA", "KeyY"):
        page.keyboard.press("Alt+KeyZ")
        expect(page.locator("#saving")).to_have_text("Nothing to take back here.")
        page.keyboard.press(f"Alt+{key}")
        expect(page.locator("#saving")).to_contain_text("not for your role")


def test_an_answer_of_an_earlier_visit_is_taken_back_where_it_stands(claim: Page) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    before = row.locator("input").input_value()
    claim.keyboard.press("Alt+KeyI")
    expect(row).to_have_class(re.compile("illegible"))
    expect(claim.locator("#saving")).to_have_text("Saved")
    claim.reload()
    claim.wait_for_selector("html[data-ready]")
    row.locator("input").focus()
    claim.keyboard.press("Alt+KeyZ")
    expect(row).to_have_class(re.compile("needed"))
    expect(row.locator("input")).to_have_value(before)


def test_nothing_is_said_of_a_page_that_nobody_can_see(
    page: Page, untouched: Iterator[str]
) -> None:
    dcn = next(untouched)
    held: list[Route] = []
    page.route("**/pages/1", lambda route: held.insert(0, route))
    page.goto(f"/claims/{dcn}", wait_until="domcontentloaded")
    unseen = page.locator(".window .unseen")
    expect(unseen).to_have_text("The image of this page is not here yet.")
    expect(page.locator(".row.here input")).to_be_focused()
    count = to_check(page)
    for key in ("Enter", "Alt+KeyN", "Control+Enter"):
        page.keyboard.press(key)
        assert to_check(page) == count
    held.pop(0).fulfill(status=409)
    expect(unseen).to_contain_text("can't be fetched")
    page.unroute("**/pages/1")
    expect(unseen).to_be_hidden()
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Enter")
    assert to_check(page) == count - 1


def test_what_is_typed_when_the_session_has_ended_is_saved_in_the_next(
    claim: Page,
) -> None:
    row = claim.locator(f'[data-field="{here(claim)}"]')
    claim.context.clear_cookies()
    claim.keyboard.type("AFTER THE SHIFT")
    claim.keyboard.press("Enter")
    expect(claim.locator("#unlock-password")).to_be_focused()
    claim.keyboard.type("wrong password")
    claim.keyboard.press("Enter")
    expect(claim.locator("#lock-problem")).to_contain_text("wrong")
    claim.keyboard.type(OWN)
    claim.keyboard.press("Enter")
    expect(claim.locator("#lock")).to_be_hidden()
    expect(row).to_have_class(CONFIRMED)
    claim.reload()
    claim.wait_for_selector("html[data-ready]")
    expect(row.locator("input")).to_have_value("AFTER THE SHIFT")


def test_what_is_typed_under_another_session_is_kept_for_its_writer(
    claim: Page, cookie_of: Callable[[str], str], site: str, desk: Context
) -> None:
    dcn = claim.url.rpartition("/")[2]
    field = here(claim)
    claim.context.add_cookies(
        [{"name": "paperclaim_session", "value": cookie_of("lead"), "url": site}]
    )
    claim.keyboard.type("MINE")
    expect(claim.locator("#unlock-password")).to_be_focused()
    claim.keyboard.type(OWN)
    claim.keyboard.press("Enter")
    expect(claim.locator("#saving")).to_have_text("Saved")
    with desk.database.read() as db:
        assert answers.drafts(db, dcn, "admin")[field] == "MINE"
        assert answers.drafts(db, dcn, "lead-one") == {}


def test_what_is_refused_is_not_called_saved(claim: Page, desk: Context) -> None:
    dcn = claim.url.rpartition("/")[2]
    with desk.database.begin() as db:
        documents.move(db, documents.get(db, dcn), State.RETURNED, "lead-one", "other")
    claim.keyboard.type("TOO LATE")
    claim.keyboard.press("Enter")
    expect(claim.locator("#saving")).to_contain_text("not in review any more")
    expect(claim.locator("#saving")).to_have_class(re.compile("bad"))


def test_what_a_rule_weighs_stays_lit_after_the_server_has_spoken(claim: Page) -> None:
    row = claim.locator('[data-field="33a"]')
    row.locator("input").focus()
    lit = claim.locator("#findings li.lit", has_text="NPI in item 33a")
    expect(lit).to_be_visible()
    claim.keyboard.type("1")
    claim.keyboard.press("Control+KeyZ")
    other = claim.locator(".row.needed").first
    other.locator("input, select").first.focus()
    claim.keyboard.press("Alt+KeyN")
    row.locator("input").focus()
    expect(claim.locator("#saving")).to_have_text("Saved")
    expect(lit).to_be_visible()


def test_a_lead_goes_on_where_a_priority_was_raised(
    as_role: Callable[..., Page], untouched: Iterator[str]
) -> None:
    dcn = next(untouched)
    lead = as_role("lead")
    lead.goto("/")
    raise_it = lead.get_by_label(f"Raise the priority of {dcn}")
    raise_it.focus()
    lead.keyboard.press("Enter")
    expect(lead.locator("#told")).to_have_text(f"{dcn} has priority 1.")
    expect(raise_it).to_be_focused()
    lead.keyboard.press("Enter")
    expect(lead.locator("#told")).to_have_text(f"{dcn} has priority 2.")


def test_a_lead_puts_back_what_somebody_put_aside(
    as_role: Callable[..., Page], untouched: Iterator[str], site: str
) -> None:
    dcn = next(untouched)
    clerk = opened(as_role("clerk"), dcn)
    clerk.keyboard.press("Alt+KeyK")
    expect(clerk.locator("#saving")).to_have_text("Nobody put this claim aside.")
    clerk.keyboard.press("Alt+KeyE")
    clerk.keyboard.type("who pays?")
    clerk.keyboard.press("Enter")
    clerk.wait_for_url(f"{site}/")
    lead = opened(as_role("lead"), dcn)
    expect(lead.locator("#aside")).to_have_text("who pays?")
    lead.keyboard.press("Alt+KeyK")
    lead.wait_for_url(f"{site}/")
    expect(lead.locator("#told")).to_have_text(f"{dcn} is back among the others.")
    opened(lead, dcn)
    expect(lead.locator("#aside")).to_be_hidden()
    lead.keyboard.press("Alt+KeyQ")
    expect(lead.get_by_role("heading", name="To review")).to_be_visible()


def test_no_address_of_groups_has_what_stands_on_a_claim(page: Page) -> None:
    page.goto("/groups")
    page.wait_for_selector("html[data-ready]")
    looks = page.locator("nav[aria-label=Looks] a")
    assert looks.count() > 1
    for look in looks.all():
        assert re.fullmatch(r"/groups\?look=[0-9a-f]{12}", look.get_attribute("href") or "")
    other = looks.nth(1)
    named = other.inner_text()
    other.focus()
    page.keyboard.press("Enter")
    expect(page.locator("nav[aria-label=Looks] [aria-current]")).to_have_text(named)


def test_groups_that_can_not_be_sent_say_so_and_are_sent_again(page: Page) -> None:
    page.goto("/groups")
    page.wait_for_selector("html[data-ready]")
    look_through(page)
    page.context.set_offline(True)
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_have_text("Not reached. Try again.")
    page.context.set_offline(False)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_no_doubt_is_confirmed_that_lies_below_the_screen(page: Page, desk: Context) -> None:
    page.set_viewport_size({"width": 640, "height": 360})
    page.goto("/groups")
    page.wait_for_selector("html[data-ready]")
    last = page.locator(".tile").last
    dcn, field = last.get_attribute("data-dcn") or "", last.get_attribute("data-field") or ""
    expect(last).not_to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("Nothing was confirmed")
    with desk.database.read() as db:
        assert field not in answers.latest(db, dcn)
    look_through(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with desk.database.read() as db:
        assert field in answers.latest(db, dcn)


def test_what_somebody_typed_is_not_confirmed_at_a_glance(page: Page, desk: Context) -> None:
    page.goto("/groups")
    page.wait_for_selector("html[data-ready]")
    tile = page.locator(".tile").first
    dcn, field = tile.get_attribute("data-dcn") or "", tile.get_attribute("data-field") or ""
    Cases(desk.database, desk.store).keep_draft(dcn, field, "TYPED", by="admin")
    page.reload()
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(f'.tile[data-dcn="{dcn}"][data-field="{field}"]')).to_have_count(0)
    hold(page, "1")
    expect(page.locator(".tile").first).to_have_attribute("aria-pressed", "true")


def test_where_everything_is_open_at_others_the_queue_says_so(
    as_role: Callable[..., Page], desk: Context
) -> None:
    page = as_role("clerk-two")
    page.goto("/")
    with desk.database.begin() as db:
        for document in documents.waiting(db, State.REVIEW, 50):
            documents.steal(db, document, "lead-one", SPAN)
    page.keyboard.press("Enter")
    expect(page.locator("#told")).to_contain_text("Nothing here is free for you")
    with desk.database.begin() as db:
        for document in documents.waiting(db, State.REVIEW, 50):
            documents.release(document, "lead-one")
