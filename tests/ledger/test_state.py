"""The states of a document: one table, and whoever tries something else is refused."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from ledger import database, documents, finishing, scans, steps
from ledger.database import Database, now
from ledger.documents import Document, Found
from ledger.scans import Arrived
from ledger.steps import Kind
from models.page import Form
from models.reading import DocumentReading
from models.state import RESTING, TRANSITIONS, Actor, State, TransitionError, check

CLAIM = DocumentReading(form=Form.UB04, pages=[1], status="review")


@pytest.mark.parametrize(("before", "after"), [*itertools.product(State, State)])
def test_every_pair_is_allowed_by_the_table_or_refused(before: State, after: State) -> None:
    for actor in Actor:
        if actor in TRANSITIONS[before].get(after, ()):
            check(before, after, actor)
        else:
            with pytest.raises(TransitionError):
                check(before, after, actor)


def test_every_state_is_reached_and_only_a_purged_document_can_not_go_on() -> None:
    reached, front = set(), {State.RECEIVED}
    while front:
        reached |= front
        front = {after for state in front for after in TRANSITIONS[state]} - reached
    assert reached == set(State) == set(TRANSITIONS)
    assert [state for state, after in TRANSITIONS.items() if not after] == [State.PURGED]
    assert set(TRANSITIONS[State.VOIDED]) == {State.PURGED}
    assert State.DELIVERED in RESTING


def test_only_a_person_gives_a_claim_back_or_rejects_it_in_review() -> None:
    for after in (State.RETURNED, State.REJECTED, State.VOIDED):
        assert TRANSITIONS[State.REVIEW][after] == {Actor.PERSON}


class Documents(RuleBasedStateMachine):
    """Anybody tries anything; the record holds only what the table allows."""

    count = itertools.count()

    def __init__(self, record: Database) -> None:
        super().__init__()
        self.record = record

    @initialize()
    def enter(self) -> None:
        key = f"{next(self.count):064}"
        with self.record.begin() as db:
            scan, _ = scans.enter(db, Arrived(key, key, 1, "a.tif", (), now()))
            (document,) = documents.create(db, scan, [Found(CLAIM)])
            self.dcn = document.dcn
        self.path = [State.RECEIVED]

    @rule(to=st.sampled_from(State), actor=st.sampled_from(["system", "kim"]))
    def move(self, to: State, actor: str) -> None:
        who = Actor.SYSTEM if actor == "system" else Actor.PERSON
        allowed = who in TRANSITIONS[self.path[-1]].get(to, ())
        try:
            with self.record.begin() as db:
                documents.move(db, db.get_one(Document, self.dcn), to, actor)
        except TransitionError:
            assert not allowed
        else:
            assert allowed
            self.path.append(to)

    @rule()
    def finish(self) -> None:
        allowed = Actor.PERSON in TRANSITIONS[self.path[-1]].get(State.READY, ())
        try:
            with self.record.begin() as db:
                step = finishing.ready(db, db.get_one(Document, self.dcn), "kim")
                assert step.kind == Kind.DELIVER
        except TransitionError:
            assert not allowed
        else:
            self.path.append(State.READY)

    @invariant()
    def the_history_tells_the_way(self) -> None:
        if not hasattr(self, "path"):
            return
        with self.record.begin() as db:
            document = documents.get(db, self.dcn)
            told = documents.history(db, self.dcn)
            assert [change.after for change in told] == self.path
            assert [change.before for change in told] == ["", *self.path[:-1]]
            assert document.state == self.path[-1]
            delivers = db.scalars(select(steps.Step).where(steps.Step.dcn == self.dcn)).all()
            assert [s.revision for s in delivers] == list(range(1, document.revision + 1))


def test_documents_whoever_tries_whatever(tmp_path_factory: pytest.TempPathFactory) -> None:
    record = database.open(f"sqlite:///{tmp_path_factory.mktemp('states') / 'ledger.db'}")
    run_state_machine_as_test(
        lambda: Documents(record),  # type: ignore[arg-type] # any maker of one will do
        settings=settings(
            max_examples=25,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    record.engine.dispose()
