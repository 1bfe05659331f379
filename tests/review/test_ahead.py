"""The claim after this one is on the desk before this one is saved: nothing goes wrong by it."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from bench.attachments import scanned
from ledger import answers, audit, documents, finishing, scans, steps
from ledger.database import now
from ledger.documents import Document
from ledger.joins import Role
from letters import replies
from models.page import Form
from models.reading import DocumentReading, Entity, PageFacts
from models.state import State
from review.cases import Cases
from review.leases import Leases
from samples.attachments import facts, papers
from samples.files import Sheet, write
from samples.scan import make_scan
from samples.style import Style
from service.context import Context
from tests.review.browsing import (
    CONFIRMED,
    asked_by_letter,
    away,
    here,
    hold_finish,
    lit,
    opened,
    send_on,
    settle,
    to_check,
)

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")


def fetched(page: Page) -> str:
    """The claim that is fetched by now to come next."""
    root = page.locator("html")
    expect(root).to_have_attribute("data-ahead", re.compile("."))
    return root.get_attribute("data-ahead") or ""


def ready_to_finish(page: Page, desk: Context, dcn: str) -> Page:
    settle(desk, dcn)
    opened(page, dcn)
    assert to_check(page) == 0
    return page


def test_a_refused_claim_comes_back_and_what_was_typed_stays(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    page = ready_to_finish(as_role("clerk"), desk, dcn)
    following = fetched(page)
    Leases(desk.database).steal(dcn, "lead-one")
    # the server hears of it only after something was typed in the claim that came next
    heard = hold_finish(page, dcn)
    send_on(page)
    expect(page.locator("html")).to_have_attribute("data-ready", following)
    field = here(page)
    page.keyboard.type("TYPED TOO SOON")
    page.keyboard.press("Enter")
    heard()
    expect(page.locator("#lost")).to_contain_text("lead-one has this claim now")
    expect(page.locator("html")).to_have_attribute("data-ready", dcn)
    assert page.url.endswith(dcn)
    with desk.database.read() as db:
        assert answers.latest(db, following) == {}
        assert answers.drafts(db, following, "clerk-one") == {field: "TYPED TOO SOON"}
        assert documents.get(db, following).leased_by is None
    Leases(desk.database).give_back(dcn, "lead-one")


def test_a_claim_that_comes_back_is_worked_on_though_the_next_was_finished_as_well(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    cases = Cases(desk.database, desk.store)
    page = ready_to_finish(as_role("clerk"), desk, dcn)
    settle(desk, fetched(page))
    opened(page, dcn)
    following = fetched(page)
    heard = hold_finish(page, dcn)
    send_on(page)
    expect(page.locator("html")).to_have_attribute("data-ready", following)
    send_on(page)
    cases.answer(dcn, "26", ("said", "ANOTHER"), by="clerk-one")
    cases.keep_draft(dcn, "26", "A THIRD", by="clerk-one")
    heard()
    expect(page.locator("html")).to_have_attribute("data-ready", dcn)
    assert here(page) == "26"
    page.keyboard.press("Enter")
    expect(page.locator('[data-field="26"]')).to_have_class(CONFIRMED)
    page.unroute(f"**/claims/{dcn}/finish")
    page.keyboard.press("Control+Enter")  # of its problem they were told before
    page.wait_for_url(f"**/{following}")
    page.wait_for_selector("html[data-ready]")
    send_on(page)
    away(page, following)
    with desk.database.read() as db:
        states = {documents.get(db, each).state for each in (dcn, following)}
    assert states == {State.READY}


def test_what_is_said_before_the_claim_is_ours_is_saved_when_it_is(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    page = ready_to_finish(as_role("clerk"), desk, dcn)
    following = fetched(page)
    heard = hold_finish(page, dcn)
    send_on(page)
    expect(page.locator("html")).to_have_attribute("data-ready", following)
    field = here(page)
    page.keyboard.type("QUICK")
    page.keyboard.press("Enter")
    expect(page.locator(f'[data-field="{field}"]')).to_have_class(re.compile("unsaved"))
    heard()
    expect(page.locator(f'[data-field="{field}"]')).to_have_class(CONFIRMED)
    assert page.url.endswith(following)
    with desk.database.read() as db:
        assert answers.latest(db, following)[field].text == "QUICK"
        assert documents.get(db, following).leased_by == "clerk-one"
        assert documents.get(db, dcn).state == State.READY
    page.keyboard.press("Alt+KeyQ")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()


def test_a_claim_that_changed_since_it_was_fetched_is_fetched_anew(
    as_role: Callable[..., Page], untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    cases = Cases(desk.database, desk.store)
    page = ready_to_finish(as_role("clerk"), desk, dcn)
    following = fetched(page)
    field = next(v.id for v in cases.open(following).desk().fields if v.needed and not v.choices)
    cases.answer(following, field, ("said", "BY SOMEBODY ELSE"), by="ben")
    Leases(desk.database).give_back(following, "ben")
    send_on(page)
    expect(page.locator(f'[data-field="{field}"] input')).to_have_value("BY SOMEBODY ELSE")
    expect(page.locator(f'[data-field="{field}"] .by')).to_have_text("corrected by ben")
    page.wait_for_selector("html[data-ready]")
    page.keyboard.press("Alt+KeyQ")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()


def test_characters_in_doubt_are_marked_until_something_else_is_typed(claim: Page) -> None:
    row = claim.locator(".row.needed", has=claim.locator(".glyphs b")).first
    field = row.get_attribute("data-field")
    row = claim.locator(f'[data-field="{field}"]')
    row.locator("input").focus()
    glyphs = row.locator(".glyphs")
    expect(glyphs).to_be_visible()
    assert glyphs.text_content() == row.locator("input").input_value()
    style = "(e) => getComputedStyle(e).font + getComputedStyle(e).paddingLeft"
    assert glyphs.evaluate(style) == row.locator("input").evaluate(style)
    claim.keyboard.press("End")
    claim.keyboard.type("X")
    expect(glyphs).to_be_hidden()
    claim.keyboard.press("Escape")
    expect(glyphs).to_be_visible()


def test_a_key_is_put_elsewhere(claim: Page) -> None:
    claim.keyboard.press("F1")
    claim.locator('[data-rekey="illegible"]').focus()
    claim.keyboard.press("Enter")
    claim.keyboard.press("KeyJ")
    expect(claim.locator('#help [data-key="illegible"]')).to_have_text("Alt J")
    claim.keyboard.press("Escape")
    expect(claim.locator("#help")).to_be_hidden()
    row = claim.locator(f'[data-field="{here(claim)}"]')
    claim.keyboard.press("Alt+KeyJ")
    expect(row).to_have_class(re.compile("illegible"))
    claim.reload()
    claim.wait_for_selector("html[data-ready]")
    expect(claim.locator("#hand kbd").nth(1)).to_have_text("Alt J")


def test_a_lead_puts_a_claim_before_others(
    as_role: Callable[..., Page], untouched: Iterator[str], site: str
) -> None:
    dcn = next(untouched)
    lead = as_role("lead")
    lead.goto("/")
    lead.get_by_label(f"Raise the priority of {dcn}").focus()
    lead.keyboard.press("Enter")
    first = lead.locator("tbody tr").first
    expect(first).to_contain_text(dcn)
    expect(first).to_contain_text("priority 1")
    opened(lead, dcn)
    lead.keyboard.press("Alt+KeyY")
    expect(lead.locator("#ask-priority")).to_be_focused()
    lead.keyboard.type("0")
    lead.keyboard.press("Enter")
    expect(lead.locator("#priority")).to_be_hidden()
    lead.keyboard.press("Alt+KeyQ")
    lead.wait_for_url(f"{site}/")
    expect(lead.locator("tbody tr", has_text=dcn)).not_to_contain_text("priority")


def test_what_a_provider_sent_is_shown_beside_what_it_is_compared_with(
    page: Page, untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    paper = join_reply(desk, dcn, asked_by_letter(desk, dcn))
    opened(page, dcn)
    row = page.locator('[data-field="33a"]')
    assert here(page) == "33a"
    expect(row.locator("input")).to_have_value("1234567893")
    expect(row).to_contain_text(f"the provider sent this ({paper})")
    thumb = page.locator(".strip button.page")
    expect(thumb).to_contain_text("Reply sheet, page 1, 3 values")
    expect(thumb).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".sheet:not([hidden])")).to_have_attribute("data-dcn", paper)
    frame, mark = lit(page)
    assert frame["left"] - 1 <= mark["left"] < mark["right"] <= frame["right"] + 1
    expect(row.locator(".snippet")).to_be_visible()
    page.keyboard.press("ArrowUp")
    shown = page.locator(".sheet:not([hidden])")
    expect(shown).to_have_attribute("data-dcn", dcn)
    page.keyboard.press("ArrowDown")
    expect(shown).to_have_attribute("data-dcn", paper)
    # once it is answered there is nothing to compare: the field is shown where it is printed
    page.keyboard.press("Enter")
    expect(row).to_have_class(CONFIRMED)
    row.locator("input").focus()
    expect(shown).to_have_attribute("data-dcn", dcn)
    page.keyboard.press("Alt+KeyZ")
    expect(shown).to_have_attribute("data-dcn", dcn)


def join_reply(desk: Context, dcn: str, asked: list[list[str]]) -> str:
    """A reply sheet about a claim comes in and is joined to it; its control number."""
    with desk.database.begin() as db:
        claim = documents.get(db, dcn)
        (scanned,) = scans.pages(db, claim.scan_id)
        scan, _ = scans.enter(
            db, scans.Arrived(f"to {dcn}", dcn.rjust(64, "f"), 1, "r.tif", (), now())
        )
        image = {"image": scanned.image, "media": scanned.media, "dpi": scanned.dpi, "words": []}
        db.add(scans.Page(scan_id=scan.id, number=1, **image))
        (paper,) = documents.create(db, scan, [documents.Found(reply(dcn, asked))])
        documents.move(db, paper, State.READING)
        documents.move(db, paper, State.INFORMATION)
        assert replies.join(db, paper, dcn, Role.REPLY, by="bar code")
        return paper.dcn


def test_a_paper_that_comes_while_somebody_works_is_on_the_page_that_asks_about_it(
    page: Page, untouched: Iterator[str], desk: Context
) -> None:
    dcn = next(untouched)
    asked = asked_by_letter(desk, dcn)
    with desk.database.begin() as db:
        finishing.settle(db, documents.get(db, dcn), State.REVIEW, "admin", "they called")
    opened(page, dcn)
    expect(page.locator(".strip")).to_have_count(0)
    paper = join_reply(desk, dcn, asked)
    page.locator('[data-field="26"] input').focus()
    page.keyboard.type("A1")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.wait_for_selector("html[data-ready]")
    expect(page.locator(".strip button.page")).to_contain_text("Reply sheet, page 1, 3 values")
    assert here(page) == "33a"
    expect(page.locator(".sheet:not([hidden])")).to_have_attribute("data-dcn", paper)
    expect(page.locator('[data-field="26"]')).to_have_class(CONFIRMED)


def reply(dcn: str, asked: list[list[str]]) -> DocumentReading:
    """A reply sheet on which the provider wrote their number."""
    size = {"width": 1700, "height": 2200}
    facts_of = PageFacts(number=1, form=Form.ATTACHMENT, method="rules", quality=1, **size)
    told = [("control_number", dcn), ("request", "1")]
    heard = [("answer", "1234567893" if fields == ["33a"] else "") for fields in asked]
    entities = [
        Entity(
            label=label, text=text, value=text, confidence=0.4, page=1, box=(200, at, 700, at + 60)
        )
        for at, (label, text) in enumerate(told + heard, start=400)
    ]
    return DocumentReading(
        form=Form.ATTACHMENT,
        kind="reply_sheet",
        pages=[1],
        status="information",
        page_facts=[facts_of],
        entities=entities,
    )


@pytest.fixture
def with_paper(desk: Context, work_off: Callable[[Context], None], tmp_path: Path) -> str:
    """A claim that came with an authorization, both really read."""
    style = Style("liberation-mono", "red", "clean-300-grey", points=10)
    yesterday = now().date() - dt.timedelta(days=1)
    sheets = list(make_scan(Form.CMS1500, 5, style, today=yesterday, faults=("bad_npi",)).sheets)
    rng = random.Random(5)
    paper = papers.draw("prior_authorization", facts.make(rng), rng, "test", "liberation-sans")
    made = scanned(paper, "clean-300-grey", rng)
    sheets.append(Sheet(np.asarray(made.page.pixels, np.uint8), (300, 300)))
    scan = write(sheets, tmp_path / "two.pdf")
    with desk.database.begin() as db:
        arrived = scans.Arrived(
            key="with a paper",
            sha256=desk.store.put_file(scan),
            size=scan.stat().st_size,
            name=scan.name,
            tags=(),
            at=now(),
        )
        entered, _ = scans.enter(db, arrived)
        steps.need(db, steps.Step(kind=steps.Kind.OPEN, scan_id=entered.id))
    work_off(desk)
    with desk.database.read() as db:
        return db.scalars(select(Document.dcn).where(Document.scan_id == entered.id)).one()


def test_what_came_with_a_claim_lies_in_a_strip_and_says_where_it_says_it(
    page: Page, with_paper: str, desk: Context
) -> None:
    opened(page, with_paper)
    thumb = page.locator(".strip button.page")
    expect(thumb).to_contain_text("Prior authorization")
    page.keyboard.press("PageDown")
    expect(thumb).to_have_attribute("aria-pressed", "true")
    found = page.locator("#entities li:not([hidden])")
    said = found.filter(has_text="authorization").first
    expect(said).to_be_visible()
    boxes = page.locator(".sheet:not([hidden]) .entity")
    assert boxes.count() == found.count() > 2
    said.locator("button").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".sheet:not([hidden]) .mark")).to_have_count(1)
    frame, mark = lit(page)
    assert frame["left"] <= mark["left"] < mark["right"] <= frame["right"]
    with desk.database.read() as db:
        seen = [e.detail for e in audit.of_document(db, with_paper) if e.action == "viewed"]
    assert {"page 1", "page 2"} <= set(seen)
    page.keyboard.press("Alt+KeyQ")
    expect(page.get_by_role("heading", name="To review")).to_be_visible()
