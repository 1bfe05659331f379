"""Several people for one field; accepted fields looked at once more; groups; figures."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.settings import Quality
from ledger import documents, people, work
from ledger.database import now
from ledger.quality import MACHINE, Entry, Sample, checked
from models.page import Form
from models.reading import FieldReading
from models.role import Role
from models.state import State
from review import figures, rates
from review.cases import Cases
from review.policy import Policy, policy_of, verdict
from review.sampling import SampleError, Sampling, draw
from review.shelf import Next, Shelf
from review.summary import refresh
from review.words import look
from service.context import Context
from tests.review.browsing import knowing

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
FIELD = "26"


def keyed(*texts: str) -> list[Entry]:
    return [
        Entry(id=n, dcn="x", field=FIELD, action="said", text=text, by=f"person {n}", at=now())
        for n, text in enumerate(texts)
    ]


def read_as(text: str) -> FieldReading:
    return FieldReading(
        text=text, value=text, confidence=0.5, accepted=False, page=1, box=(0, 0, 1, 1)
    )


@pytest.mark.parametrize(
    ("policy", "texts", "expected"),
    [
        (Policy.SINGLE, ["AB1"], ("AB1", False)),
        (Policy.AGREE, ["AB1"], ("AB1", False)),
        (Policy.AGREE, ["AB2"], (None, True)),
        (Policy.AGREE, ["AB2", "ab2 "], ("ab2 ", False)),
        (Policy.AGREE, ["AB2", "AB1"], ("AB1", False)),
        (Policy.AGREE, ["AB2", "AB3", "AB4"], ("AB4", False)),
        (Policy.DOUBLE, ["AB1"], (None, False)),
        (Policy.DOUBLE, ["AB1", "AB1"], ("AB1", False)),
        (Policy.DOUBLE, ["AB1", "AB2"], (None, True)),
        (Policy.DOUBLE, ["AB1", "AB2", "AB3"], ("AB3", False)),
        (Policy.REFEREE, ["AB1", "AB2"], (None, True)),
        (Policy.REFEREE, [], (None, False)),
    ],
)
def test_what_settles_a_field(
    policy: Policy, texts: list[str], expected: tuple[str | None, bool]
) -> None:
    found = verdict(policy, Form.CMS1500, FIELD, read_as("AB1"), keyed(*texts))
    assert (found.settled.text if found.settled else None, found.disputed) == expected


def test_of_several_policies_the_strictest_counts() -> None:
    quality = Quality(agree=("24.*",), double=("24.*.charges", "1a"), referee=("1a",))
    assert policy_of(quality, "1a") is Policy.REFEREE
    assert policy_of(quality, "24.3.charges#2") is Policy.DOUBLE
    assert policy_of(quality, "24.3.units") is Policy.AGREE
    assert policy_of(quality, "2") is Policy.SINGLE


@pytest.fixture
def dcn(context: Context) -> str:
    refresh(context.database)
    found = Shelf(context.database).ahead("ana")
    assert found is not None
    with context.database.begin() as db:
        for name, role in (("ana", Role.CLERK), ("ben", Role.CLERK), ("lee", Role.LEAD)):
            user = people.User(name=name, password="", role=role, created=now())
            user.subject, user.disabled, user.one_time = "", False, False
            db.add(user)
    return found.dcn


def settle(cases: Cases, dcn: str, by: str) -> None:
    """Say what stands in the input until nothing is in doubt for this person."""
    while left := [view for view in cases.open(dcn, by).desk().fields if view.needed]:
        for view in left:
            cases.answer(dcn, view.id, ("said", view.text or "X"), by=by)


def test_two_key_blind_and_a_lead_decides(context: Context, dcn: str) -> None:
    plain = Cases(context.database, context.store)
    field = next(v.id for v in plain.open(dcn).desk().fields if v.needed and not v.choices)
    cases = Cases(context.database, context.store, Quality(referee=(field,)))

    def view(user: str) -> tuple[str, str, bool, bool]:
        found = next(v for v in cases.open(dcn, user).desk().fields if v.id == field)
        assert found.text == "" or found.waits
        assert found.alternatives == []
        assert not any("%" in why for why in found.why)
        return found.text, found.state, found.needed, found.waits

    assert view("ana") == ("", "doubt", True, False)
    cases.answer(dcn, field, ("said", "FIRST"), by="ana")
    assert view("ana") == ("FIRST", "confirmed", False, True)
    settle(cases, dcn, "ana")
    assert cases.finish(dcn, by="ana") == (None, Next())
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.REVIEW
    shelf = Shelf(context.database)
    assert shelf.ahead("ana") is None
    assert shelf.next("ben") == dcn
    assert view("ben") == ("", "doubt", True, False)
    cases.answer(dcn, field, ("said", "SECOND"), by="ben")
    assert cases.finish(dcn, by="ben") == (None, Next())
    assert shelf.next("lee") == dcn
    assert view("lee") == ("", "disputed", True, False)
    cases.answer(dcn, field, ("said", "THIRD"), by="lee")
    assert cases.finish(dcn, knowing(cases, dcn), by="lee") == (None, Next())
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.READY
    assert cases.open(dcn).spoken[field].text == "THIRD"


def finished(context: Context, dcn: str) -> None:
    cases = Cases(context.database, context.store)
    settle(cases, dcn, "ana")
    cases.finish(dcn, dataclasses.replace(knowing(cases, dcn), keys=31), by="ana")


def test_accepted_fields_are_drawn_checked_and_corrected(context: Context, dcn: str) -> None:
    finished(context, dcn)
    refresh(context.database, sample=1.0)
    with context.database.begin() as db:
        document = documents.get(db, dcn)
        assert draw(db, document, "", 1.0) == 0
    sampling = Sampling(context.database)
    mine = sampling.next("ana")
    with context.database.begin() as db:
        assert mine is None or db.get_one(Sample, mine.id).owner == MACHINE
    look = sampling.next("lee")
    assert look is not None
    assert look.dcn == dcn
    with context.database.begin() as db:
        sample = db.get_one(Sample, look.id)
        assert sample.owner in ("ana", MACHINE)
        text = sample.text
    assert sampling.check(look.id, ("said", text.lower()), "lee") is None
    with pytest.raises(SampleError):
        sampling.check(look.id, ("said", text), "lee")
    other = sampling.next("lee")
    assert other is not None
    pair = sampling.check(other.id, ("said", "SOMETHING ELSE"), "lee")
    assert pair is not None
    assert "SOMETHING ELSE" in pair
    assert not sampling.decide(other.id, "SOMETHING ELSE", "lee")
    with context.database.begin() as db:
        done = checked(db)
        assert [sample.right for sample in done] == [True, False]
        (rate,) = rates.by(done, lambda _sample: "all")
        assert (rate.count, rate.wrong) == (2, 1)
        corrected = documents.get(db, dcn)
        assert (corrected.state, corrected.revision) == (State.READY, 3)
    now_read = Cases(context.database, context.store).open(dcn).now.fields
    assert now_read[other.view.id].text == "SOMETHING ELSE"


def test_intervals_are_wilsons() -> None:
    # Newcombe (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    for wrong, count, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        found = rates.rate("", count, wrong)
        assert found.low == pytest.approx(low, abs=5e-5)
        assert found.high == pytest.approx(high, abs=5e-5)


def sampled(confidence: float, *, right: bool, owner: str = MACHINE) -> Sample:
    return Sample(
        id=0,
        dcn="x",
        form=Form.CMS1500,
        field="26",
        owner=owner,
        printer="",
        confidence=confidence,
        text="A",
        value="A",
        drawn=now(),
        checked_at=now(),
        right=right,
    )


def test_risky_fields_are_looked_at_more_and_weigh_less() -> None:
    # 10 000 fields, a tenth of them risky: a hundredth of those is wrong, of the others none
    risky = [sampled(0.99, right=n >= 4) for n in range(400)]
    others = [sampled(0.9999, right=True) for _ in range(900)]
    found = rates.weighed("", [*risky, *others])
    assert found.share == pytest.approx(0.001)
    assert found.low < 0.001 < found.high
    assert found.high > rates.rate("", 4000, 4).high
    alike = rates.weighed("", others)
    assert (alike.low, alike.high) == (rates.rate("", 900, 0).low, rates.rate("", 900, 0).high)


def test_more_wrong_fields_than_the_dial_tolerates_raise_an_alarm() -> None:
    since = now() - dt.timedelta(days=1)
    bad = [sampled(0.9999, right=n >= 8) for n in range(400)]
    alarm = rates.drifted(bad, since, 0.001)
    assert alarm is not None
    assert alarm.wrong == 8
    assert rates.drifted(bad, since, 0.02) is None
    assert rates.drifted(bad[7:], since, 0.001) is None
    assert rates.drifted(bad, now() + dt.timedelta(days=1), 0.001) is None
    persons = [sampled(0.5, right=False, owner="ana") for _ in range(50)]
    assert rates.drifted(persons, since, 0.001) is None


@given(st.integers(0, 500), st.integers(0, 500))
def test_an_interval_holds_its_share(count: int, wrong: int) -> None:
    found = rates.rate("", count, min(wrong, count))
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_doubts_of_one_look_stand_together(context: Context, dcn: str) -> None:
    with context.database.begin() as db:
        looks = dict(work.looks(db))
        assert looks
        name = next(iter(looks))
        found = work.alike(db, name, "ana", 100)
        read = Cases(context.database, context.store).open(dcn).read
        assert len(found) == looks[name]
        assert all(look(read.fields[field]) == name for _, field in found)
        documents.lease(db, documents.get(db, dcn), "ben", dt.timedelta(minutes=3))
        assert work.alike(db, name, "ana", 100) == []
        assert work.alike(db, name, "ben", 100) == found


def test_the_figures_count_what_happened(context: Context, dcn: str) -> None:
    today = now().astimezone().date()
    with context.database.read() as db:
        found = {figure.name: figure for figure in figures.figures(db, today)}
        assert sum(float(str(row[1])) for row in found["ages"].rows) == 1
        assert sum(float(str(row[1])) for row in found["days-left"].rows) == 1
    finished(context, dcn)
    refresh(context.database)
    with context.database.read() as db:
        found = {figure.name: figure for figure in figures.figures(db, today)}
        assert found["finished"].points()[-1][1] == 1
        assert found["straight-through"].rows[-1][1:] == (0.0, 0, 1)
        (row,) = found["people"].rows
        assert row[:2] == ("ana", 1)
        assert row[-1] == 31
        assert figures.figure(db, today, "nothing") is None
        total = sum(float(str(row[-1])) for row in found["findings"].rows)
        assert total == sum(float(str(row[1])) for row in found["findings-by-rule"].rows)
