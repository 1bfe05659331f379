"""Prompt-pay clocks: days left, and what waiting for the provider does to them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ledger import clocks, documents, finishing
from ledger.database import Database
from ledger.knowledge import Knowledge
from models.deadline import Clock, Wait, deadline
from models.page import Form
from models.state import State
from tests.letters.base import claim, enter, profile

START = dt.date(2026, 11, 1)


def after(days: int) -> dt.date:
    return START + dt.timedelta(days=days)


@st.composite
def waiting(draw: st.DrawFn) -> tuple[list[Wait], int]:
    """Waits in order, of which the last may be open, and a day that is not before them."""
    marks = sorted(draw(st.lists(st.integers(0, 60), max_size=6)))
    pairs = [Wait(after(a), after(b)) for a, b in zip(marks[::2], marks[1::2], strict=False)]
    if len(marks) % 2:
        pairs.append(Wait(after(marks[-1])))
    return pairs, draw(st.integers(marks[-1] if marks else 0, 90))


@given(waiting(), st.sampled_from(["runs", "pauses", "restarts"]), st.integers(1, 60))
def test_a_clock_counts_every_day_once(
    waits: tuple[list[Wait], int], tolling: str, days: int
) -> None:
    spans, today = waits
    clock = Clock.model_validate({"days": days, "tolling": tolling})
    now = deadline(clock, START, spans, after(today))
    still = sum(((each.end or after(today)) - each.start).days for each in spans)
    if tolling == "runs":
        assert (now.due, now.left, now.stopped) == (after(days), days - today, False)
    elif tolling == "pauses":
        assert now.left == days - (today - still)
        assert now.stopped == bool(spans and spans[-1].end is None)
    elif spans and spans[-1].end is None:
        assert (now.due, now.left, now.stopped) == (None, None, True)
    else:
        begun = spans[-1].end if spans and spans[-1].end else START
        assert now.due == begun + dt.timedelta(days=days)


@given(waiting())
def test_standing_still_it_loses_no_day(waits: tuple[list[Wait], int]) -> None:
    spans, today = waits
    clock = Clock(days=30, tolling="pauses")
    one = deadline(clock, START, spans, after(today))
    next_day = deadline(clock, START, spans, after(today + 1))
    assert one.left is not None
    assert next_day.left == one.left - (not one.stopped)


def test_days_left_of_a_claim_follow_its_history(record: Database, tmp_path: Path) -> None:
    profile(record, tmp_path, "[clocks.group]\ndays = 40\n[clocks.medicare]\ndays = 20")
    dcn = enter(record, claim())
    other = enter(record, claim({"1": "medicare"}))
    hospital = enter(record, claim(name="outpatient"))
    with record.begin() as db:
        one = documents.get(db, dcn)
        today = one.received + dt.timedelta(days=10)
        found = [clocks.days_left(db, documents.get(db, n), today) for n in (dcn, other, hospital)]
        assert [each.left for each in found if each] == [30, 10, 20]
        finishing.settle(db, one, State.WAITING, "ada", "request 1")
        db.flush()
        now = clocks.days_left(db, one, today)
        assert now is not None
        assert (now.stopped, now.left) == (True, 40)
        finishing.settle(db, one, State.REVIEW, "ada")
        finishing.ready(db, one, "ada")
        documents.move(db, one, State.DELIVERED)
        assert clocks.days_left(db, one, today) is None


def test_a_form_of_the_version_before_names_payer_and_business_like_the_current_one(
    record: Database, tmp_path: Path
) -> None:
    text = 'name = "plan"\npayers = ["EXAMPLE HEALTH PLAN"]\n[clocks.medicare]\ndays = 20'
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "plan.toml").write_text(text, encoding="utf-8")
    record.know(Knowledge(tmp_path))
    old = claim({"1": "medicare"}).model_copy(update={"form": Form.CMS1500_0805})
    dcn = enter(record, old)
    with record.begin() as db:
        one = documents.get(db, dcn)
        left = clocks.days_left(db, one, one.received)
    assert left is not None
    assert left.left == 20
