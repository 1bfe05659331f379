"""Who has a claim: opened, seen by others, taken over, put aside, opened again."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from ledger import audit, documents, finishing, steps, work
from ledger.audit import AuditError
from ledger.database import now
from ledger.work import Wanted
from models.role import RIGHTS, Right, Role
from models.state import State
from review.case import CaseError
from review.cases import Cases
from review.leases import Leases, LostError
from review.shelf import Shelf, ShelfError
from review.summary import refresh
from service.context import Context
from tests.review.browsing import knowing

#: with the other tests of the claim that is read for them: it is read once
pytestmark = pytest.mark.xdist_group("desk")
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def shelf(context: Context) -> Shelf:
    refresh(context.database)
    return Shelf(context.database)


@pytest.fixture
def leases(context: Context) -> Leases:
    return Leases(context.database)


@pytest.fixture
def cases(context: Context) -> Cases:
    return Cases(context.database, context.store)


@pytest.fixture
def dcn(shelf: Shelf) -> str:
    found = shelf.next("ana")
    assert found is not None
    return found


def test_an_opened_claim_is_seen_by_others_and_not_given_to_them(
    shelf: Shelf, leases: Leases, dcn: str
) -> None:
    (row,) = shelf.overview(10).rows
    assert row.holder == "ana"
    assert shelf.next("ben") is None
    held = leases.take(dcn, "ben")
    assert held is not None
    assert held.told() == "ana has this claim open"
    leases.give_back(dcn, "ana")
    assert shelf.next("ben") == dcn


def test_a_claim_that_was_taken_over_is_lost_and_what_was_typed_is_kept(
    cases: Cases, leases: Leases, dcn: str, context: Context
) -> None:
    leases.steal(dcn, "lee")
    with pytest.raises(LostError, match="lee has this claim now"):
        cases.answer(dcn, "2", ("said", "DOE, JANE"), by="ana")
    with pytest.raises(LostError):
        leases.keep(dcn, "ana")
    with pytest.raises(LostError):
        cases.finish(dcn, by="ana")
    cases.keep_draft(dcn, "2", "DOE, JANE", by="ana")
    assert cases.open(dcn, "ana").drafts == {"2": "DOE, JANE"}
    with context.database.begin() as db:
        stolen = [e for e in audit.of_document(db, dcn) if e.action == "stolen"]
        assert [(e.actor, e.detail) for e in stolen] == [("lee", "from ana")]


def test_what_is_put_aside_comes_back(shelf: Shelf, cases: Cases, dcn: str) -> None:
    with pytest.raises(ShelfError):
        shelf.postpone(dcn, "ana", " ", now() + HOUR)
    with pytest.raises(ShelfError):
        shelf.postpone(dcn, "ana", "waits for the roster", now() - HOUR)
    shelf.postpone(dcn, "ana", "waits for the roster", now() + HOUR)
    assert shelf.next("ana") is None
    (row,) = shelf.overview(10, Wanted(shelf="postponed")).rows
    assert row.aside.endswith("waits for the roster")
    shelf.call_back(dcn, "lee")
    assert shelf.next("ana") == dcn
    shelf.escalate(dcn, "ana", "two patients on one form")
    assert shelf.next("ana") is None
    assert shelf.next("lee", Wanted(shelf="escalated")) == dcn
    assert cases.open(dcn, "lee").aside == "two patients on one form"


def test_a_claim_goes_back_to_its_sender_with_a_reason(
    shelf: Shelf, dcn: str, context: Context
) -> None:
    with pytest.raises(ShelfError):
        shelf.give_back(dcn, "ana", "because", "")
    shelf.give_back(dcn, "ana", "version", "08/05")
    with context.database.begin() as db:
        assert documents.get(db, dcn).state == State.RETURNED
        last = documents.history(db, dcn)[-1]
        assert (last.actor, last.reason) == ("ana", "version: 08/05")


def test_the_last_finished_claim_is_opened_again(
    cases: Cases, shelf: Shelf, dcn: str, context: Context
) -> None:
    with pytest.raises(CaseError):
        cases.reopen_last("ana")
    while left := [view for view in cases.open(dcn).desk().fields if view.needed]:
        for view in left:
            cases.answer(dcn, view.id, ("said", view.text), by="ana")
    cases.finish(dcn, knowing(cases, dcn), by="ana")
    assert cases.last_finished("ana") == dcn
    assert cases.last_finished("ben") is None
    assert cases.reopen_last("ana") == dcn
    with context.database.begin() as db:
        document = documents.get(db, dcn)
        assert (document.state, document.revision) == (State.REVIEW, 3)
    refresh(context.database)
    assert shelf.next("ana") == dcn


def test_what_is_taken_back_in_time_never_went_out(dcn: str, context: Context) -> None:
    cases = Cases(context.database, context.store, grace=HOUR)
    with context.database.read() as db:
        before = documents.get(db, dcn).revision
        told = {ticket.step_id for _, ticket in steps.notices(db, 100)}
    while left := [view for view in cases.open(dcn).desk().fields if view.needed]:
        for view in left:
            cases.answer(dcn, view.id, ("said", view.text), by="ana")
    for _ in range(2):
        cases.finish(dcn, knowing(cases, dcn), by="ana")
        with context.database.read() as db:
            assert documents.get(db, dcn).revision == before + 1
            assert {ticket.step_id for _, ticket in steps.notices(db, 100)} == told
            assert steps.untold(db) == []
        cases.reopen_last("ana")
        with context.database.read() as db:
            document = documents.get(db, dcn)
            assert (document.state, document.revision) == (State.REVIEW, before)
    cases.finish(dcn, knowing(cases, dcn), by="ana")
    with context.database.begin() as db:
        # what has to be told now takes along what waited
        finishing.tell(db, documents.get(db, dcn))
    with context.database.read() as db:
        new = [t.step_id for _, t in steps.notices(db, 100) if t.step_id not in told]
        assert [db.get_one(steps.Step, one).revision for one in new] == [before + 1, before + 2]


def test_an_override_lets_a_field_pass_for_a_reason(cases: Cases, dcn: str) -> None:
    field = next(v for v in cases.open(dcn).desk().fields if v.id == "33a")
    with pytest.raises(CaseError):
        cases.override(dcn, "33a", (field.text, " "), by="ana")
    cases.override(dcn, "33a", (field.text, "the provider says so"), by="ana")
    field = next(v for v in cases.open(dcn).desk().fields if v.id == "33a")
    assert field.state == "confirmed"
    assert field.why[0] == "let pass: the provider says so"


def test_overdue_comes_first_then_soon_then_priority_then_age(
    shelf: Shelf, dcn: str, context: Context
) -> None:
    today = now().astimezone().date()
    with context.database.begin() as db:
        (read,) = documents.waiting(db, State.REVIEW, 2)
        scan = db.get_one(work.Summary, dcn)
        made = []
        for number, (due, received, priority) in enumerate(
            [(30, 0, 0), (30, -1, 0), (30, 0, 5), (3, 0, 0), (-1, 0, 0)]
        ):
            twin = documents.Document(
                dcn=f"twin-{number}",
                scan_id=read.scan_id,
                ordinal=number + 10,
                form=read.form,
                state=State.REVIEW,
                received=today,
                reading=read.reading,
                changed=now(),
            )
            db.add(twin)
            db.flush()
            db.add(
                work.Summary(
                    **{
                        **{c.key: getattr(scan, c.key) for c in work.Summary.__table__.columns},
                        "dcn": twin.dcn,
                        "due": today + dt.timedelta(days=due),
                        "received": today + dt.timedelta(days=received),
                    }
                )
            )
            work.item(db, twin.dcn).priority = priority
            made.append(twin.dcn)
        db.get_one(work.DeskItem, made[0]).priority = 0
        documents.move(db, read, State.RETURNED, "ana")
    order = [row.dcn for row in shelf.overview(10).rows]
    assert order == ["twin-4", "twin-3", "twin-2", "twin-1", "twin-0"]
    assert shelf.overview(10).rows[0].urgent == "overdue"
    taken = [shelf.next(user) for user in ("ana", "ben", "kim", "lee", "max", "zoe")]
    assert taken == [*order, None]
    assert shelf.overview(10, Wanted(payer="nobody")).rows == []
    assert len(shelf.overview(10, Wanted(form="cms1500", batch="north")).rows) == 5


def test_the_trail_can_be_followed_and_only_grows(cases: Cases, dcn: str, context: Context) -> None:
    cases.answer(dcn, "2", ("said", "SECRET NAME"), by="ana")
    with context.database.read() as db:
        count = audit.verify(db)
        entries = audit.of_document(db, dcn)
    assert count >= 2
    assert [e.action for e in entries] == ["opened", "edited"]
    assert "SECRET" not in " ".join(e.detail + e.change for e in entries)
    for verb in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit"):
        with pytest.raises(SQLAlchemyError), context.database.begin() as db:
            db.execute(text(verb))


@pytest.mark.parametrize(
    "attack",
    [
        "UPDATE audit SET actor = 'nobody' WHERE id = 1",
        "DELETE FROM audit WHERE id = 1",
        "DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)",
        "UPDATE audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 2",
    ],
)
def test_whoever_gets_past_the_database_breaks_the_chain(
    attack: str, cases: Cases, dcn: str, context: Context
) -> None:
    cases.answer(dcn, "2", ("said", "DOE"), by="ana")
    with context.database.begin() as db:
        db.execute(text("DROP TRIGGER audit_no_update"))
        db.execute(text("DROP TRIGGER audit_no_delete"))
        db.execute(text(attack))
    with pytest.raises(AuditError), context.database.read() as db:
        audit.verify(db)


def test_who_reads_waits_for_nobody_who_writes(context: Context, dcn: str) -> None:
    with context.database.begin() as writer:
        writer.execute(text("UPDATE documents SET leased_by = 'x'"))
        with context.database.read() as reader:
            assert documents.get(reader, dcn).leased_by == "ana"


def test_every_role_has_its_rights() -> None:
    assert RIGHTS[Role.ADMIN] == frozenset(Right)
    assert all(Right.LOOK in rights for rights in RIGHTS.values())
    assert Right.KEY not in RIGHTS[Role.QA] | RIGHTS[Role.AUDITOR]
    assert Right.DECIDE not in RIGHTS[Role.CLERK]
