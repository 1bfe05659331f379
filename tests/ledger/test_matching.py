"""Papers find their claim: in the order of the workflow, and never by a name."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import database, documents, identities, joins, scans
from ledger.database import Database, now
from ledger.documents import Found
from ledger.joins import Role
from ledger.matching import match
from ledger.scans import Arrived
from models.clues import Clues
from models.page import Form
from models.reading import DocumentReading, FieldReading
from models.state import State
from pipeline.documents import recheck

NPI, OTHER_NPI = "1234567893", "1679576722"


def field(text: str, value: str | None = None) -> FieldReading:
    return FieldReading(
        text=text, value=value or text, confidence=1, accepted=True, page=1, box=(0, 0, 1, 1)
    )


def claim(
    account: str,
    *,
    npi: str = NPI,
    member: str = "XQ4711",
    day: str = "2026-03-02",
    name: str = "DOE, JANE",
) -> DocumentReading:
    fields = {
        "1a": field(member),
        "2": field(name),
        "25": field("12-3456789", "123456789"),
        "26": field(account),
        "33a": field(npi),
        "24.1.from": field("03 02 26", day),
        "24.1.to": field("03 02 26", day),
        "24.1.procedure": field("99213"),
        "24.1.charges": field("80 00", "80.00"),
    }
    reading = DocumentReading(form=Form.CMS1500, pages=[1], status="review", fields=fields)
    return recheck(reading)


def enter(record: Database, *readings: DocumentReading, state: State = State.REVIEW) -> list[str]:
    with record.begin() as db:
        name = str(len(db.query(scans.Scan).all()))
        arrived = Arrived(name, name.rjust(64, "0"), 1, "a.tif", (), now())
        scan, _ = scans.enter(db, arrived)
        made = documents.create(db, scan, [Found(reading) for reading in readings])
        for document, reading in zip(made, readings, strict=True):
            documents.move(db, document, State.READING)
            documents.move(db, document, State.REVIEW)
            if state is not State.REVIEW:
                documents.move(db, document, state)
            identities.keep(db, document.dcn, reading)
        return [document.dcn for document in made]


def found(record: Database, clues: Clues) -> tuple[str, str] | None:
    with record.begin() as db:
        one = match(db, clues)
        return (one.dcn, one.by) if one else None


def test_in_order_number_account_member(record: Database) -> None:
    first, second, third = enter(
        record, claim("A-17"), claim("B 18"), claim("C19", member="ZZ9", day="2026-04-01")
    )
    clues = Clues(control_numbers=("12345", first), account="b18", providers=(NPI,))
    assert found(record, clues) == (first, "control_number")
    assert found(record, Clues(account="b-18", providers=(NPI,))) == (second, "account")
    assert found(record, Clues(account="B18", providers=("12-3456789",))) == (second, "account")
    april = Clues(member="zz 9", first_day=dt.date(2026, 4, 1), name="Jane Doe")
    assert found(record, april) == (third, "member")


def test_what_is_not_enough_or_speaks_against(record: Database) -> None:
    enter(record, claim("A17"), claim("A17", npi=OTHER_NPI, member="ZZ9"))
    assert found(record, Clues(name="DOE, JANE")) is None
    assert found(record, Clues(account="A17")) is None
    assert found(record, Clues(account="A17", providers=("1000000004",))) is None
    assert found(record, Clues(member="XQ4711")) is None
    assert found(record, Clues(member="XQ4711", first_day=dt.date(2026, 5, 1))) is None
    right = Clues(account="A17", providers=(NPI,), name="Jane Doe")
    assert found(record, right) is not None
    other = Clues(account="A17", providers=(NPI,), name="Peter Roe")
    assert found(record, other) is None
    misread = Clues(account="A17", providers=(NPI,), name="JANF DOE")
    assert found(record, misread) is not None


MARCH = dt.date(2026, 3, 2)
JANE = Clues(first_day=MARCH, name="Jane Doe")


def jane(**said: Any) -> Clues:
    return dataclasses.replace(JANE, **said)


def test_one_misread_character_is_forgiven_where_all_else_agrees(record: Database) -> None:
    (own,) = enter(record, claim("AC05118"))
    for misread in ("ACO5118", "AC0511B", "AC0518"):
        assert found(record, jane(account=misread, providers=(NPI,))) == (own, "account")
    assert found(record, jane(account="AC05118", providers=("123456788",))) is None
    assert found(record, jane(account="AC05118", providers=("1234S6789",))) == (own, "account")
    # the provider was not found on the paper
    assert found(record, jane(account="AC05118")) == (own, "account")
    member = claim("Q99127", member="XQ471108", day="2026-06-01")
    (other,) = enter(record, member)
    june = dt.date(2026, 6, 1)
    misread_member = jane(member="XQ47I108", providers=(NPI,), first_day=june)
    assert found(record, misread_member) == (other, "member")


def test_nothing_is_forgiven_where_something_else_speaks_against(record: Database) -> None:
    enter(record, claim("AC05118"))
    near = jane(account="AC0511B", providers=(NPI,))
    assert found(record, near) is not None
    against: list[dict[str, Any]] = [
        {"name": "Peter Roe"},
        {"name": None},
        {"first_day": None},
        {"first_day": dt.date(2026, 3, 9)},
        {"providers": (OTHER_NPI,)},
        {"providers": ()},
        {"account": "AC05119"},
        {"account": "AC0S11B"},
        {"account": None},
    ]
    for each in against:
        assert found(record, dataclasses.replace(near, **each)) is None, each


def test_who_shares_a_card_is_told_by_name_or_account(record: Database) -> None:
    (own,) = enter(record, claim("ACCOUNT01", name=""))
    enter(record, claim("T70001", member="TW4455", name="ROE, PETER"))
    assert found(record, Clues(member="TW4455", first_day=MARCH)) is None
    peter = Clues(member="TW4455", first_day=MARCH, name="Peter Roe")
    assert found(record, peter) is not None
    assert found(record, dataclasses.replace(peter, name="Paula Roe")) is None
    with_account = Clues(member="TW4455", first_day=MARCH, account="T70001")
    assert found(record, with_account) is not None
    # an account of nine characters and the days tell a claim that names nobody
    assert found(record, Clues(account="ACCOUNT01", first_day=MARCH)) == (own, "account")
    assert found(record, Clues(account="T70001", first_day=MARCH)) is None


@pytest.mark.parametrize("other", ["Paula Roe", "Stephen Roe", "Jean Roe"])
def test_one_of_the_family_is_not_another(record: Database, other: str) -> None:
    first = {"Paula Roe": "PAULO", "Stephen Roe": "STEVEN", "Jean Roe": "JOAN"}[other]
    (own,) = enter(record, claim("T70001", member="TW4455", name=f"ROE, {first}"))
    sibling = Clues(member="TW4455", first_day=MARCH, name=other)
    assert found(record, sibling) is None
    assert found(record, dataclasses.replace(sibling, name=f"{first} Roe")) == (own, "member")
    blurred = dataclasses.replace(sibling, name=f"{first} R0E")
    assert found(record, blurred) == (own, "member")
    assert found(record, dataclasses.replace(sibling, name=f"{first}A Roe")) is None
    # the provider calls the one whom the paper is about by another account
    account = dataclasses.replace(blurred, account="T80002", providers=(NPI,))
    assert found(record, account) is None


def test_a_father_is_not_his_son(record: Database) -> None:
    (dcn,) = enter(record, claim("ACCT7", name="DOE, JOHN JR"))
    day = dt.date(2026, 3, 2)
    with record.begin() as db:
        for name, found in (("John Doe Sr", None), ("John Doe, Jr.", dcn), ("John Doe", dcn)):
            for clues in (
                Clues(member="XQ4711", first_day=day, name=name),
                Clues(account="ACCT7", providers=(NPI,), name=name),
            ):
                joined = match(db, clues)
                assert (joined.dcn if joined else None) == found


def test_a_day_of_printing_among_the_days_is_forgiven(record: Database) -> None:
    (own,) = enter(record, claim("AC05118", member="ABC0017530"))
    paper = jane(member="ABC0017530", last_day=dt.date(2026, 4, 9))
    assert found(record, paper) == (own, "member")
    for against in ({"name": "Janet Doe"}, {"first_day": dt.date(2026, 3, 1)}, {"member": "ABCO1"}):
        assert found(record, dataclasses.replace(paper, **against)) is None, against
    # a letter for a figure needs no provider to tell; two numbers apart do
    assert found(record, jane(member="ABCO017530")) == (own, "member")
    assert found(record, jane(member="ABC0017536")) is None


def test_a_misread_day_is_forgiven_where_account_member_and_name_agree(record: Database) -> None:
    (own,) = enter(record, claim("AC05118"))
    said = jane(account="AC05118", member="XQ4711", first_day=dt.date(2023, 3, 2), last_day=MARCH)
    assert found(record, said) == (own, "account")
    assert found(record, dataclasses.replace(said, last_day=None)) == (own, "account")
    other = dt.date(2026, 4, 2)
    assert found(record, dataclasses.replace(said, first_day=other, last_day=None)) is None
    assert found(record, dataclasses.replace(said, member="XQ4712")) is None
    assert found(record, dataclasses.replace(said, name=None)) is None


def test_nothing_is_forgiven_where_two_claims_come_near(record: Database) -> None:
    enter(record, claim("AC05118"), claim("AC05218"))
    assert found(record, jane(account="AC0518", providers=(NPI,))) is None
    # a twin of the same card, days and provider: her name is told apart, his is not
    enter(record, claim("T70001", member="TW4455", name="ROE, PETER"))
    twin = jane(account="T7O001", providers=(NPI,), name="Paula Roe")
    assert found(record, twin) is None


def test_of_several_the_one_that_waits(record: Database) -> None:
    enter(record, claim("A17"), claim("A17"))
    clues = Clues(account="A17", providers=(NPI,))
    assert found(record, clues) is None
    (waiting,) = enter(record, claim("A17"), state=State.WAITING)
    assert found(record, clues) == (waiting, "account")


def test_a_number_that_another_patient_comes_with_is_told(record: Database) -> None:
    (dcn,) = enter(record, claim("A17"))
    with record.begin() as db:
        one = match(db, Clues(control_numbers=(dcn,), name="Peter Roe"))
        assert one is not None
        assert not one.agrees
        assert match(db, Clues(control_numbers=(dcn,)), besides=[dcn]) is None


def test_claims_of_before_are_noted_once(record: Database) -> None:
    (dcn,) = enter(record, claim("A17"))
    with record.begin() as db:
        db.delete(db.get_one(identities.Identity, dcn))
    with record.begin() as db:
        assert [identities.catch_up(db), identities.catch_up(db)] == [1, 0]
    assert found(record, Clues(account="A17", providers=(NPI,))) == (dcn, "account")


def test_papers_without_a_claim_wait_with_their_age(record: Database) -> None:
    (dcn,) = enter(record, claim("A17"))
    paper = DocumentReading(form=Form.ATTACHMENT, pages=[1], status="information")
    with record.begin() as db:
        scan, _ = scans.enter(db, Arrived("p", "b".rjust(64, "0"), 1, "b.tif", (), now()))
        (attachment,) = documents.create(db, scan, [Found(paper)])
        received = attachment.received
        later = received + dt.timedelta(days=9)
        assert [(u.dcn, u.days) for u in joins.unmatched(db, later)] == [(attachment.dcn, 9)]
        assert joins.join(db, attachment.dcn, dcn, Role.ATTACHMENT, by="account")
        assert joins.join(db, attachment.dcn, dcn, Role.ATTACHMENT, by="account") is None
        assert joins.unmatched(db) == []
        assert [each.paper for each in joins.of_claim(db, dcn)] == [attachment.dcn]
        joins.join(db, attachment.dcn, dcn, Role.NONE, by="person", actor="ada")
        assert joins.of_claim(db, dcn) == []
        assert len(joins.unmatched(db)) == 1


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Database:
    made = database.open(f"sqlite:///{tmp_path_factory.mktemp('m') / 'ledger.db'}")
    enter(made, claim("A17"), claim("A18", npi=OTHER_NPI), claim("A19", member="YY1"))
    return made


@settings(deadline=None)
@given(
    st.builds(
        Clues,
        account=st.sampled_from(["", "A17", "A18", "A19", "A20"]),
        providers=st.lists(st.sampled_from([NPI, OTHER_NPI, "1000000004"]), max_size=2).map(tuple),
        member=st.sampled_from([None, "XQ4711", "YY1", "QQ"]),
        first_day=st.sampled_from([None, dt.date(2026, 3, 2), dt.date(2026, 3, 3)]),
        name=st.sampled_from([None, "Jane Doe", "Peter Roe"]),
    )
)
def test_a_match_holds_every_clue_it_was_found_by(crowd: Database, clues: Clues) -> None:
    with crowd.begin() as db:
        one = match(db, clues)
        if one is None:
            return
        claim_is = db.get_one(identities.Identity, one.dcn)
    assert clues.name != "Peter Roe"
    if one.by == "account":
        assert claim_is.account == clues.account
        # the provider, or all else that a paper can say
        others = clues.first_day is not None or clues.member == claim_is.member
        assert claim_is.npi in clues.providers or (clues.name is not None and others)
    else:
        assert one.by == "member"
        assert claim_is.member == clues.member
        assert claim_is.first_day == clues.first_day
