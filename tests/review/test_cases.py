from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger import answers, documents
from ledger.database import now
from letters import desk as letters
from models.reading import REPLY_SHEET, Finding
from models.state import State
from review import words
from review.case import CaseError
from review.cases import Along, Cases
from review.desk import State as Shown
from review.shelf import Next, Shelf
from review.summary import refresh
from samples.attachments.papers import KINDS
from service.context import Context
from tests.letters.base import HOUSE
from tests.review.browsing import knowing, settle

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
SCHEMA = Path(__file__).parents[2] / "docs" / "schema" / "claim-1.json"


@pytest.fixture
def cases(context: Context) -> Cases:
    return Cases(context.database, context.store)


@pytest.fixture
def shelf(context: Context) -> Shelf:
    refresh(context.database)
    return Shelf(context.database)


@pytest.fixture
def dcn(shelf: Shelf) -> str:
    found = shelf.ahead("ana")
    assert found is not None
    return found.dcn


def test_every_doubt_has_words_and_is_documented() -> None:
    root = Path(__file__).parents[2]
    code = re.compile(
        r'"((?:hand|ink|kind|line|mark|page|readers?|roster|text)\.[a-z]+|illegible)"'
    )
    rooms = ("models", "intake", "extractors", "pipeline", "edits", "delivery")
    sources = [p.read_text() for room in rooms for p in (root / room).rglob("*.py")]
    codes = {found for text in sources for found in code.findall(text)} - {"reader.invalid"}
    assert len(codes) > 12
    documented = re.findall(r"^\| `([a-z.]+)`", (root / "docs/doubts.md").read_text(), re.MULTILINE)
    assert codes == set(documented)
    assert codes == set(words.DOUBTS)


def doubtful(cases: Cases, dcn: str) -> list[str]:
    return [view.id for view in cases.open(dcn).desk().fields if view.needed]


def delivered(context: Context, dcn: str, revision: int) -> dict[str, object]:
    claim: dict[str, object] = json.loads(
        (context.settings.outbox / f"{dcn}.r{revision}.json").read_bytes()
    )
    jsonschema.validate(claim, json.loads(SCHEMA.read_bytes()))
    return claim


def test_the_queue_tells_what_waits(cases: Cases, shelf: Shelf, dcn: str) -> None:
    overview = shelf.overview(10)
    assert [row.dcn for row in overview.rows] == [dcn]
    row = overview.rows[0]
    assert (row.form, row.pages, row.tags) == ("CMS-1500", 1, ["north"])
    assert row.remaining == len(doubtful(cases, dcn)) > 0
    assert dict(overview.counts)["review"] == overview.shelves["open"] == 1
    assert overview.failures == []
    reasons = dict(overview.filters["reason"])
    assert reasons["P005"] == "The NPI in … is not valid: at least one digit is wrong (P005)"
    assert not reasons.keys() & set(reasons.values())


def test_what_is_for_our_people_says_so_to_nobody(cases: Cases, dcn: str) -> None:
    case = cases.open(dcn)
    told = Finding(
        rule="D009",
        severity="pend",
        cause="capture",
        fields=["26"],
        message="(Ours) Print lies beside its boxes.",
    )
    now = case.now.model_copy(update={"findings": [told]})
    laid = dataclasses.replace(case, now=now).desk()
    assert [f.message for f in laid.findings] == ["Print lies beside its boxes."]
    (view,) = (v for v in laid.fields if v.id == "26")
    assert view.why[-1] == "Print lies beside its boxes."
    assert words.reason("D009").startswith("Print lies beside its boxes")
    assert words.reason("I021") == "The state in … is no USPS abbreviation (I021)"
    assert words.reason("house.rule") == "house rule"


@pytest.mark.parametrize(("cause", "said"), [("capture", "Not sure yet: "), ("provider", "")])
def test_what_may_be_misread_is_told_as_nobody_s_fault(
    cases: Cases, dcn: str, cause: Literal["capture", "provider"], said: str
) -> None:
    case = cases.open(dcn)
    told = Finding(rule="P005", severity="reject", cause=cause, fields=["33a"], message="Wrong.")
    now = case.now.model_copy(update={"findings": [told]})
    laid = dataclasses.replace(case, now=now).desk()
    assert [f.message for f in laid.findings] == [f"{said}Wrong."]
    (view,) = (v for v in laid.fields if v.id == "33a")
    assert view.why[-1] == f"{said}Wrong."


def test_what_came_with_a_claim_has_a_name_and_no_code() -> None:
    names = {words.paper(kind) for kind in (*KINDS, REPLY_SHEET)}
    assert {"Explanation of benefits", "Prior authorization", "Reply sheet"} <= names
    assert "Eob" not in names


def test_fields_stand_in_the_order_of_the_form(cases: Cases, dcn: str) -> None:
    numbers = [view.number for view in cases.open(dcn).desk().fields]
    items = [int("".join(c for c in n if c.isdigit()) or 0) for n in numbers]
    assert items == sorted(items)
    assert numbers[0] == ""
    assert numbers[-1] == "33b"


def test_every_box_lies_on_the_upright_page(cases: Cases, dcn: str) -> None:
    for view in cases.open(dcn).desk().fields:
        assert view.box is not None
        x0, y0, x1, y1 = view.box
        assert 0 <= x0 < x1 <= 1
        assert 0 <= y0 < y1 <= 1


def test_an_answer_settles_a_field_and_can_be_withdrawn(cases: Cases, dcn: str) -> None:
    field = doubtful(cases, dcn)[0]
    read = cases.open(dcn).read.fields[field].text
    cases.answer(dcn, field, ("said", read), by="ana")
    assert field not in doubtful(cases, dcn)
    assert cases.open(dcn).spoken[field].action == "confirmed"
    cases.answer(dcn, field, ("withdrawn", ""), by="ana")
    assert field in doubtful(cases, dcn)


def test_three_blanks_part_the_items_of_item_19_and_stay(cases: Cases, dcn: str) -> None:
    typed = " ONE  TWO    THREE "
    for field, text in (("19", "ONE TWO   THREE"), ("26", "ONE TWO THREE")):
        case = cases.answer(dcn, field, ("said", typed), by="ana")
        assert case.now.fields[field].text == text


def test_what_is_typed_is_kept_until_it_is_confirmed(cases: Cases, dcn: str) -> None:
    field = doubtful(cases, dcn)[0]
    cases.keep_draft(dcn, field, "half a wo", by="ana")
    cases.keep_draft(dcn, field, "half a word", by="ana")
    view = next(v for v in cases.open(dcn).desk().fields if v.id == field)
    assert (view.text, view.needed) == ("half a word", True)
    cases.answer(dcn, field, ("said", "A WHOLE WORD"), by="ana")
    view = next(v for v in cases.open(dcn).desk().fields if v.id == field)
    assert (view.text, view.needed, view.by) == (
        "A WHOLE WORD",
        False,
        "corrected by ana",
    )


def test_what_nobody_confirmed_is_no_part_of_a_claim_that_went_on(
    cases: Cases, dcn: str, context: Context
) -> None:
    settle(context, dcn, "ana")
    read = cases.open(dcn).now.fields["26"].text
    cases.keep_draft(dcn, "26", "SOMETHING ELSE", by="ana")
    case, _ = cases.finish(dcn, knowing(cases, dcn), by="ana")
    assert case is not None
    assert [view.id for view in case.desk().fields if view.needed] == ["26"]
    assert next(v for v in cases.open(dcn, "ana").desk().fields if v.id == "26").start == read
    # a lead who takes it over has not typed it: what is put aside so is not shown as the claim's
    with context.database.begin() as db:
        documents.move(db, documents.get(db, dcn), State.RETURNED, "lee", "other")
    view = next(v for v in cases.open(dcn, "ana").desk().fields if v.id == "26")
    assert (view.text, view.needed) == (read, False)


@pytest.mark.parametrize(
    ("code", "unread"), [("reader.silent", True), ("page.more", False), ("", False)]
)
def test_a_page_is_keyed_from_its_image_where_nothing_of_it_was_read(
    cases: Cases, dcn: str, code: str, *, unread: bool
) -> None:
    case = cases.open(dcn)
    facts = case.now.page_facts[0].model_copy(update={"doubts": [code] if code else []})
    now = case.now.model_copy(update={"page_facts": [facts]})
    (page,) = dataclasses.replace(case, now=now).desk().pages
    assert (bool(page.why), page.unread) == (bool(code), unread)


def test_a_claim_in_doubt_is_not_finished(cases: Cases, dcn: str, context: Context) -> None:
    still, following = cases.finish(dcn, by="ana")
    assert following == Next()
    assert still is not None
    assert still.desk().remaining > 0
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.REVIEW


def test_a_finished_claim_goes_out_with_who_said_what(
    cases: Cases, dcn: str, context: Context, work_off: Callable[[Context], None]
) -> None:
    assert delivered(context, dcn, 1)["status"] == "review"
    first = doubtful(cases, dcn)[0]
    cases.answer(dcn, first, ("said", "CORRECTED"), by="ana")
    cases.answer(dcn, "19", ("illegible", ""), by="ana")
    cases.answer(dcn, "26", ("not_present", ""), by="ana")
    cases.answer(dcn, "3.sex", ("said", "F"), by="ana")
    settle(context, dcn, by="ana")
    assert cases.finish(dcn, knowing(cases, dcn), by="ana") == (None, Next())
    work_off(context)
    claim = delivered(context, dcn, 2)
    fields = claim["fields"]
    assert isinstance(fields, dict)
    assert claim["status"] == "ready"
    assert fields[first]["text"] == "CORRECTED"
    assert fields[first]["confirmation"]["action"] == "corrected"
    assert fields["19"]["text"] == ""
    assert fields["19"]["confirmation"]["action"] == "illegible"
    assert fields["3.sex"]["value"] == "F"
    assert "26" not in fields
    absent = claim["not_present"]
    assert isinstance(absent, dict)
    assert absent["26"]["by"] == "ana"
    assert all(field["accepted"] for field in fields.values())
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.DELIVERED
    assert Shelf(context.database).ahead("ana") is None


def test_what_nobody_asked_about_is_not_sent_on_unseen(
    cases: Cases, dcn: str, context: Context
) -> None:
    settle(context, dcn, by="ana")
    still, following = cases.finish(dcn, by="ana")
    assert following == Next()
    assert still is not None
    laid = still.desk()
    assert (laid.remaining, laid.goes_with, laid.counted) == (
        0,
        ["P005", "P027"],
        "1 reject, 1 pend",
    )
    half = Along(sure=frozenset({"P005"}))
    assert cases.finish(dcn, half, by="ana")[0] is not None
    assert cases.finish(dcn, knowing(cases, dcn), by="ana") == (None, Next())
    with context.database.read() as db:
        assert documents.get(db, dcn).state == State.READY


def test_what_was_let_pass_is_sent_on(cases: Cases, dcn: str, context: Context) -> None:
    settle(context, dcn, by="ana")
    text = cases.open(dcn).now.fields["33a"].text
    cases.override(dcn, "33a", (text, "the provider says so"), by="ana")
    assert cases.open(dcn).desk().goes_with == ["P027"]
    cases.override(dcn, "23", ("", "no laboratory of theirs"), by="ana")
    assert cases.finish(dcn, by="ana") == (None, Next())


def test_what_was_asked_by_letter_is_sent_on(cases: Cases, dcn: str, context: Context) -> None:
    settle(context, dcn, by="ana")
    with context.database.begin() as db:
        letters.draft(db, dcn)
    assert cases.open(dcn).desk().goes_with == ["P005", "P027"]
    with context.database.begin() as db:
        letters.send(db, dcn, HOUSE, "ana")
        letters.withdraw(db, dcn, "ana", "they called")
    assert cases.open(dcn).desk().goes_with == []
    assert cases.finish(dcn, by="ana") == (None, Next())


def test_after_finishing_nothing_can_be_said(cases: Cases, dcn: str, context: Context) -> None:
    settle(context, dcn, by="ana")
    assert cases.finish(dcn, knowing(cases, dcn), by="ana") == (None, Next())
    with pytest.raises(CaseError):
        cases.answer(dcn, "26", ("said", "X"), by="ana")
    with pytest.raises(CaseError):
        cases.keep_draft(dcn, "26", "X", by="ana")
    with pytest.raises(CaseError):
        cases.finish(dcn, by="ana")


@pytest.mark.parametrize(
    ("field", "action", "text"),
    [("no such field", "said", "X"), ("26", "shout", "X"), ("26", "said", "X" * 5000)],
)
def test_what_no_page_of_ours_sends_is_refused(
    cases: Cases, dcn: str, field: str, action: str, text: str
) -> None:
    with pytest.raises(CaseError):
        cases.answer(dcn, field, (action, text), by="ana")


def test_a_page_comes_as_its_image_and_no_other_page_does(cases: Cases, dcn: str) -> None:
    image, turns = cases.page(dcn, 1)
    assert len(image) > 1000
    assert turns == 0
    with pytest.raises(CaseError):
        cases.page(dcn, 2)


SAYINGS = st.tuples(
    st.sampled_from(["2", "26", "3.sex", "24.1.charges", "1a"]),
    st.sampled_from(["said", "not_present", "illegible", "withdrawn", "draft"]),
    st.sampled_from(["", "DOE, JANE", "12", "F", " 104 50 "]),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(sayings=st.lists(SAYINGS, max_size=8))
def test_the_last_word_counts_and_the_reading_never_changes(
    sayings: list[tuple[str, str, str]], cases: Cases, dcn: str, context: Context
) -> None:
    with context.database.begin() as db:
        before = documents.get(db, dcn).reading
        for field in ("2", "26", "3.sex", "24.1.charges", "1a"):
            answers.say(
                db,
                answers.FieldAnswer(
                    dcn=dcn,
                    field=field,
                    action="withdrawn",
                    text="",
                    by="ana",
                    at=now(),
                ),
            )
    expected: dict[str, tuple[str, str]] = {}
    drafts: dict[str, str] = {}
    for field, action, text in sayings:
        if action == "draft":
            cases.keep_draft(dcn, field, text, by="ana")
            drafts[field] = text
            continue
        cases.answer(dcn, field, (action, text), by="ana")
        expected[field] = (action, " ".join(text.split()))
        drafts.pop(field, None)
    case = cases.open(dcn)
    assert case.drafts == drafts
    assert set(case.spoken) == {f for f, (action, _) in expected.items() if action != "withdrawn"}
    shown = {view.id: view for view in case.desk().fields}
    for field, (action, text) in expected.items():
        if action == "said" and text and field not in drafts:
            assert shown[field].text == text
            assert not shown[field].needed
        if action == "illegible" and field not in drafts:
            assert shown[field].state is Shown.ILLEGIBLE
    for field, text in drafts.items():
        # what is typed and not confirmed is asked about, or it would be left behind unseen
        assert shown[field].needed or text.split() == shown[field].start.split()
    with context.database.begin() as db:
        assert documents.get(db, dcn).reading == before
