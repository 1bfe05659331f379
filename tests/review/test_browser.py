"""The desk in a real browser, by key alone: `paperclaim web`, Chromium, a claim really read."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from ledger import answers, documents, requests, scans, tokens
from models.state import State
from review.cases import Cases
from service.context import Context
from tests.letters.base import claim as claim_of
from tests.letters.base import enter
from tests.review.browsing import (
    CONFIRMED,
    OWN,
    asked_by_letter,
    away,
    here,
    lit,
    look_through,
    opened,
    send_on,
    serving,
    settle,
    to_check,
)

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")


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
    send_on(page)
    page.wait_for_url(lambda url: url.startswith(f"{site}/claims/") and dcn not in url)
    # the next claim is there before the server has taken this one
    expect(page.locator("#saving")).to_have_text("Saved")

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


def test_a_problem_that_nobody_asked_about_is_sent_on_by_a_second_press(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    settle(desk, dcn)
    page = opened(as_role("processor"), dcn)
    expect(page.locator("details.findings")).to_have_attribute("open", "")
    expect(page.locator("#unasked")).to_be_hidden()
    page.keyboard.down("Control")
    page.keyboard.down("Enter")
    expect(page.locator("#unasked")).to_be_visible()
    expect(page.locator("#unasked")).to_have_text(
        re.compile(r"1 reject, \d pend not asked:\s+Alt A asks, Ctrl Enter again sends on")
    )
    page.keyboard.down("Enter")  # a key that is held down says nothing twice
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.REVIEW
    page.keyboard.press("Control+Enter")
    away(page, dcn)
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.READY


def test_escape_leads_nowhere_and_the_keys_lead_back(claim: Page) -> None:
    field = here(claim)
    focus = claim.locator(f'[data-field="{field}"] input')
    claim.keyboard.press("Escape")
    expect(focus).to_be_focused()
    claim.keyboard.press("Alt+KeyH")
    expect(claim.locator("#history")).to_contain_text("review")
    claim.locator("#history").focus()
    claim.keyboard.press("Escape")
    expect(claim.locator("#history")).to_be_hidden()
    expect(focus).to_be_focused()
    for key in ("Enter", "Tab", "ArrowDown", "ArrowUp"):
        claim.evaluate("document.activeElement.blur()")
        assert claim.evaluate("document.activeElement === document.body")
        claim.keyboard.press(key)
        expect(focus).to_be_focused()
        assert here(claim) == field
    count = to_check(claim)
    claim.keyboard.press("Enter")
    assert here(claim) != field
    assert to_check(claim) == count - 1


def test_a_claim_is_found_by_the_number_that_a_provider_names(
    page: Page, untouched: Iterator[str], site: str
) -> None:
    dcn = next(untouched)
    page.keyboard.press("/")
    expect(page.locator("#find")).to_be_focused()
    page.keyboard.type(f"{dcn[:6].lower()} {dcn[6:]}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/claims/{dcn}")
    page.wait_for_selector("html[data-ready]")
    assert page.title() == f"{dcn} · Paperclaim"
    refused = page.request.get("/find?dcn=12345")
    assert refused.status == 404
    assert "This is not a document control number." in refused.text()


def test_what_waits_for_its_provider_is_listed_and_given_to_nobody(
    page: Page, untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    asked_by_letter(desk, dcn)
    page.goto("/")
    page.get_by_role("link", name=re.compile("waiting$")).focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?shelf=waiting")
    rows = page.locator("tbody tr .dcn")
    expect(rows.filter(has_text=dcn)).to_have_count(1)
    listed = rows.all_inner_texts()
    expect(page.locator("#next")).to_have_count(0)
    with desk.database.read() as db:
        assert {documents.get(db, one).state for one in listed} == {State.WAITING}
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("shelf=waiting"))


def test_a_claim_goes_back_for_a_reason_that_somebody_chose(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context, site: str
) -> None:
    dcn = next(untouched)
    page = opened(as_role("processor"), dcn)
    page.keyboard.press("Alt+KeyB")
    expect(page.locator("#ask-code")).to_be_focused()
    expect(page.locator("#ask-code")).to_have_value("")
    page.get_by_role("button", name="Do it").focus()
    page.keyboard.press("Enter")
    assert page.locator("#ask-code").evaluate("(code) => code.matches(':invalid')")
    expect(page.locator("#ask")).to_be_visible()
    page.locator("#ask-code").select_option("version")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/")
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.RETURNED
        assert documents.history(db, dcn)[-1].reason == "version"


def test_a_field_in_focus_is_shown_on_the_image(claim: Page) -> None:
    for _ in range(3):
        frame, mark = lit(claim)
        assert frame["left"] - 1 <= mark["left"] < mark["right"] <= frame["right"] + 1
        assert frame["top"] - 1 <= mark["top"] < mark["bottom"] <= frame["bottom"] + 1
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
    expect(lock.locator("#unlock-password")).to_be_focused()
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


def test_a_claim_is_taken_over_and_what_was_typed_is_kept(
    as_role: Callable[..., Page], untouched: Iterator[str], site: str
) -> None:
    dcn = next(untouched)
    clerk = opened(as_role("clerk"), dcn)
    field = here(clerk)
    clerk.keyboard.type("MINE")
    expect(clerk.locator("#saving")).to_have_text("Saved")

    lead = opened(as_role("lead"), dcn)
    expect(lead.locator("#banner")).to_contain_text("clerk-one has this claim open")
    assert to_check(lead) == 0
    lead.get_by_role("button", name="Take it over").focus()
    with lead.expect_navigation():
        lead.keyboard.press("Enter")
    expect(lead.locator("#banner")).to_be_hidden()
    assert to_check(lead) > 0
    expect(lead.locator(f'[data-field="{field}"] input')).not_to_have_value("MINE")

    clerk.keyboard.type(" WORDS")
    clerk.keyboard.press("Enter")
    expect(clerk.locator("#lost")).to_contain_text("lead-one has this claim now")
    expect(clerk.locator(f'[data-field="{field}"] input')).to_have_value("MINE WORDS")
    expect(clerk.locator("html")).to_have_attribute("data-ready", dcn)

    lead.keyboard.press("Alt+KeyQ")
    lead.wait_for_url(f"{site}/")
    opened(clerk, dcn)
    expect(clerk.locator("#banner")).to_be_hidden()
    expect(clerk.locator(f'[data-field="{field}"] input')).to_have_value("MINE WORDS")


def test_two_key_blind_and_a_lead_decides(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    cases = Cases(desk.database, desk.store)
    field = next(v.id for v in cases.open(dcn).desk().fields if v.needed and not v.choices)
    settle(desk, dcn, but=field)
    with serving(desk, PAPERCLAIM_QUALITY_REFEREE=json.dumps([field])) as site:

        def keys(role: str, text: str) -> Page:
            page = opened(as_role(role, site), dcn)
            row = page.locator(f'[data-field="{field}"]')
            expect(row.locator("input")).to_have_value("")
            assert row.locator("[data-take]").count() == 0
            assert here(page) == field
            page.keyboard.type(text)
            page.keyboard.press("Enter")
            expect(page.locator("#saving")).to_have_text("Saved")
            return page

        first = keys("clerk", "ONE READING")
        expect(first.locator(f'[data-field="{field}"]')).to_contain_text("waits for another")
        first.keyboard.press("Control+Enter")
        away(first, dcn)
        second = keys("clerk-two", "ANOTHER")
        second.keyboard.press("Control+Enter")
        away(second, dcn)
        referee = opened(as_role("lead", site), dcn)
        row = referee.locator(f'[data-field="{field}"]')
        expect(row).to_have_class(re.compile("disputed"))
        expect(row).not_to_contain_text("ANOTHER")
        referee.keyboard.type("WHAT IS PRINTED")
        send_on(referee)
        away(referee, dcn)
    assert cases.open(dcn).now.fields[field].text == "WHAT IS PRINTED"
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.READY


def test_a_provider_is_asked_with_a_letter_that_was_previewed(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context, site: str
) -> None:
    dcn = next(untouched)
    settle(desk, dcn)
    page = opened(as_role("processor"), dcn)
    page.keyboard.press("Alt+KeyA")
    page.wait_for_url(f"{site}/claims/{dcn}/letter")
    page.wait_for_selector("html[data-ready]")
    shown = "async (image) => { await image.decode(); return image.naturalWidth; }"
    assert page.locator("#preview").evaluate(shown) > 400
    before = page.locator("#preview").get_attribute("src")
    page.locator("#remark").focus()
    page.keyboard.type("Please answer soon.")
    page.keyboard.press("Alt+KeyP")
    expect(page.locator("#preview")).not_to_have_attribute("src", before or "")
    assert page.locator("#preview").evaluate(shown) > 400
    page.keyboard.press("Control+Enter")
    away(page, dcn)
    with desk.database.read() as db:
        assert documents.get(db, dcn).state == State.WAITING
        (request,) = requests.of_claim(db, dcn)
        assert "Please answer soon." in request.draft
        (letter,) = requests.letters(db, request.id)
        assert letter.content.startswith(b"%PDF")


def test_doubts_of_one_look_are_settled_together(page: Page) -> None:
    page.goto("/groups")
    page.wait_for_selector("html[data-ready]")
    tiles = page.locator(".tile")
    count = tiles.count()
    assert count > 1
    first = (tiles.nth(0).get_attribute("data-dcn"), tiles.nth(0).get_attribute("data-field"))
    other = (tiles.nth(1).get_attribute("data-dcn"), tiles.nth(1).get_attribute("data-field"))
    page.keyboard.press("1")
    expect(tiles.nth(0)).to_have_attribute("aria-pressed", "true")
    look_through(page)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    opened(page, first[0] or "")
    expect(page.locator(f'[data-field="{first[1]}"]')).to_have_class(re.compile("needed"))
    if other[0] != first[0]:
        opened(page, other[0] or "")
    expect(page.locator(f'[data-field="{other[1]}"]')).to_have_class(CONFIRMED)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(
    page: Page, untouched: Iterator[str], scheme: str, desk: Context
) -> None:
    dcn = next(untouched)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    axe = Axe()
    paths = ["/", f"/claims/{dcn}", "/groups", "/figures", "/quality", "/quality/check"]
    page.goto("/password")
    box = page.locator("[name=name]").bounding_box()
    assert box is not None
    assert max(box["width"], box["height"]) <= 1
    for path in [*paths, "/audit", "/people", "/password", f"/claims/{dcn}/letter", "/sign-in"]:
        if path.endswith("/letter"):
            settle(desk, dcn)
        page.goto(path)
        if path == f"/claims/{dcn}":
            page.wait_for_selector("html[data-ready]")
        found = axe.run(page, options={"resultTypes": ["violations"]})
        told = [
            (v["id"], [node["target"] for node in v["nodes"][:3]])
            for v in found.response["violations"]
        ]
        assert told == [], path
        if path == f"/claims/{dcn}":
            for key in ("?", "Alt+KeyP", "Alt+KeyH"):
                page.keyboard.press(key)
                found = axe.run(page, options={"resultTypes": ["violations"]})
                assert [v["id"] for v in found.response["violations"]] == [], key
                page.keyboard.press("Escape")


def test_a_total_stands_whole_below_the_charges(page: Page, desk: Context) -> None:
    dcn = enter(desk.database, claim_of(name="inpatient"))
    with desk.database.begin() as db:
        (shown,) = scans.pages(db, documents.waiting(db, State.REVIEW, 1)[0].scan_id)
        image = {"image": shown.image, "media": shown.media, "dpi": shown.dpi, "words": []}
        db.add(scans.Page(scan_id=documents.get(db, dcn).scan_id, number=1, **image))
    opened(page, dcn)
    total = page.locator('[data-field="47.23"] input')
    expect(total).to_be_visible()
    assert total.evaluate("(input) => input.scrollWidth <= input.clientWidth")
    above = page.locator('[data-field="47.1"] input').bounding_box()
    box = total.bounding_box()
    assert above is not None
    assert box is not None
    assert (box["x"], box["width"]) == (above["x"], above["width"])


def test_what_the_reader_missed_on_a_further_page_is_keyed_there(page: Page, desk: Context) -> None:
    """A bill of two pages; on the second, something stands in a box that reads as empty."""
    one = claim_of(name="inpatient")
    facts = [one.page_facts[0].model_copy(update={"number": n}) for n in (1, 2)]
    further = {
        f"{name}#2": field.model_copy(update={"page": 2})
        for name, field in one.fields.items()
        if name.endswith(".1")
    }
    both = {"pages": [1, 2], "page_facts": facts, "fields": {**one.fields, **further}}
    dcn = enter(desk.database, one.model_copy(update=both))
    with desk.database.begin() as db:
        (shown,) = scans.pages(db, documents.waiting(db, State.REVIEW, 1)[0].scan_id)
        image = {"image": shown.image, "media": shown.media, "dpi": shown.dpi, "words": []}
        for number in (1, 2):
            db.add(scans.Page(scan_id=documents.get(db, dcn).scan_id, number=number, **image))
    opened(page, dcn)
    cells = {
        name: page.locator(f'[data-field="{name}"] input').bounding_box()
        for name in ("47.1", "47.1#2")
    }
    assert {box["x"] for box in cells.values() if box} == {cells["47.1"]["x"]}  # type: ignore[index]
    missed = page.get_by_label("48 line 1, page 2")
    missed.focus()
    expect(page.locator("#window .unseen")).to_be_hidden()
    page.keyboard.type("12 50")
    page.keyboard.press("Enter")
    expect(page.locator('[data-field="48.1#2"]')).to_have_class(CONFIRMED)
    with desk.database.read() as db:
        assert answers.latest(db, dcn)["48.1#2"].text == "12 50"
    page.keyboard.press("Alt+KeyF")
    expect(page.get_by_label("81b Value, page 2")).to_be_visible()
    page.keyboard.press("Alt+KeyF")
    page.keyboard.press("Alt+KeyF")
    page.keyboard.press("Alt+KeyQ")


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (853, 480), (640, 360)])
def test_a_field_and_its_place_are_seen_together_at_any_size(
    page: Page, untouched: Iterator[str], width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    opened(page, next(untouched))
    for _ in range(2):
        frame, mark = lit(page)
        bar = page.locator(".bar").bounding_box()
        field = page.locator(".row.here :is(input, select)").bounding_box()
        assert bar is not None
        assert field is not None
        assert bar["y"] + bar["height"] <= frame["top"]
        assert frame["top"] <= mark["top"] < mark["bottom"] <= frame["bottom"]
        assert field["y"] + field["height"] <= height
        assert page.evaluate("document.querySelector('main').scrollTop") == 0
        page.keyboard.press("Enter")


def test_at_twice_the_size_nothing_is_lost(page: Page, untouched: Iterator[str]) -> None:
    page.set_viewport_size({"width": 640, "height": 360})
    opened(page, next(untouched))
    for path in ("", "/", "/figures", "/people"):
        if path:
            page.goto(path)
        assert page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"), path
