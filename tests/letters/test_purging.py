"""Purged: what a claim said is nowhere any more; that it was there stays."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from delivery.compose import prepare
from ledger import answers, audit, deliveries, documents, identities, joins, purging, scans, steps
from ledger.answers import Draft, FieldAnswer, Override
from ledger.base import Base
from ledger.database import Database, now
from ledger.documents import Found, PurgedError
from ledger.joins import Role
from ledger.purging import NotPurgedError, purge
from ledger.quality import Entry, Sample
from ledger.requests import Letter
from ledger.scans import Arrival, Arrived, Page, Scan, ScanState
from ledger.steps import Kind, Step
from ledger.store import Store
from ledger.work import item
from letters import desk, posting, replies
from letters.decide import decide
from models.reading import DocumentReading
from models.state import State
from review import summary
from tests.letters.base import HOUSE, claim, day, document, enter, paper, settings, state

SECRET = "SECRETLY"  # noqa: S105 - a name
#: no tax number, so that there is something to ask
ASKED = {"2": f"{SECRET}, JOHN", "25": ""}
BLANK = b"a blank page"


def bring(record: Database, store: Store, name: str, *found: DocumentReading) -> list[str]:
    """A scan with its pages in the store, and a blank one behind them."""
    original = store.put(f"{SECRET} {name}".encode())
    with record.begin() as db:
        arrived = Arrived(name, original, 9, f"{SECRET}.tif", ("acme",), now())
        scan, _ = scans.enter(db, arrived)
        steps.need(db, Step(kind=Kind.OPEN, scan_id=scan.id))
        contents = [*(f"{SECRET} {name} {n}".encode() for n in range(len(found))), BLANK]
        db.add_all(
            Page(
                scan_id=scan.id,
                number=number,
                image=store.put(content),
                media="image/png",
                dpi=300,
                words=[[SECRET, 0, 0, 1, 1, True]],
                reading=SECRET,
            )
            for number, content in enumerate(contents, start=1)
        )
        own = [one.model_copy(update={"pages": [n]}) for n, one in enumerate(found, start=1)]
        made = documents.create(db, scan, [Found(one) for one in own])
        for one, read in zip(made, own, strict=True):
            documents.move(db, one, State.READING)
            documents.move(db, one, State.REVIEW)
            one.revision = 1
            identities.keep(db, one.dcn, read)
            prepare(db, one.dcn, 1)
    done(record)
    return [one.dcn for one in made]


def done(record: Database) -> None:
    """Whatever was to be done is."""
    with record.begin() as db:
        db.execute(text("DELETE FROM outbox"))
        db.execute(update(Step).values(state="done"))


def work_on(record: Database, dcn: str, folder: Path) -> None:
    """All that people and the machine write down about a claim."""
    with record.begin() as db:
        about = {"dcn": dcn, "by": "ana", "at": now()}
        answers.say(db, FieldAnswer(field="3", action="corrected", text=SECRET, **about))
        answers.keep_draft(db, Draft(field="5", text=SECRET, **about))
        db.add(Override(field="6", rules="P016", reason=SECRET, **about))
        db.add(Entry(field="7", action="corrected", text=SECRET, **about))
        sampled = {"form": "cms1500", "field": "2", "owner": "machine", "printer": "1"}
        db.add(Sample(dcn=dcn, confidence=1, text=SECRET, value=SECRET, drawn=now(), **sampled))
        item(db, dcn).reason = SECRET
        desk.draft(db, dcn, "ana")
        letter = desk.send(db, dcn, HOUSE, "ana", day(0)).id
    summary.refresh(record)
    posting.post(record, letter, settings(folder))


def tables(record: Database) -> str:
    """Everything that the record has, as text."""
    with record.begin() as db:
        return "\n".join(
            str([bytes(part) if isinstance(part, memoryview) else part for part in row])
            for table in Base.metadata.sorted_tables
            for row in db.execute(select(table))
        )


def stored(folder: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(f"file://{tmp_path / 'store'}")


def test_what_a_claim_said_is_nowhere_and_that_it_was_there_stays(
    record: Database, store: Store, tmp_path: Path
) -> None:
    (settings(tmp_path).letters_folder).mkdir()
    one, other = bring(record, store, "a", claim(ASKED), claim({"2": "ROE, JANE"}))
    (third,) = bring(record, store, "b", claim({"2": "POE, ANN"}))
    work_on(record, one, tmp_path)
    with pytest.raises(NotPurgedError, match="it is waiting"):
        purge(record, store, one, "by order", actor="ana")
    with record.begin() as db:
        decide(db, one, State.REJECTED, "no answer", actor="ana")
    with pytest.raises(NotPurgedError, match="still to be done"):
        purge(record, store, one, "by order", actor="ana")
    with record.begin() as db:
        for revision in range(2, documents.get(db, one).revision + 1):
            prepare(db, one, revision)
    done(record)
    with record.read() as db:
        before = [(d.sequence, d.digest) for d in deliveries.feed(db, 0, 99, deliveries.Filter())]
        told = len(documents.history(db, one))
    assert SECRET in tables(record)

    purge(record, store, one, "by order", actor="ana")
    # the other claim of the scan keeps its page, and the original that both are on
    assert stored(tmp_path / "store") == sorted(
        [b"SECRETLY a", b"SECRETLY a 1", b"SECRETLY b", b"SECRETLY b 0", BLANK]
    )
    with record.begin() as db:
        decide(db, other, State.VOIDED, "twice", actor="ana")
    done(record)
    purge(record, store, other, "by order", actor="ana")
    assert stored(tmp_path / "store") == sorted([b"SECRETLY b", b"SECRETLY b 0", BLANK])
    with record.begin() as db:
        decide(db, third, State.REJECTED, "no member", actor="ana")
    done(record)
    purge(record, store, third, "by order", actor="ana")
    assert stored(tmp_path / "store") == []

    for dcn in (one, other, third):
        assert state(record, dcn) == State.PURGED
    purging.settle(record)
    summary.refresh(record)
    found = tables(record)
    for said in (SECRET, "ROE", "POE MEDICAL"):
        assert said not in found
    for file in tmp_path.glob("ledger.db*"):
        assert SECRET.encode() not in file.read_bytes()
    with record.read() as db:
        after = [(d.sequence, d.digest) for d in deliveries.feed(db, 0, 99, deliveries.Filter())]
        assert after[: len(before)] == before
        history = documents.history(db, one)
        assert len(history) == told + 1
        assert (history[-1].after, history[-1].reason) == (State.PURGED, "by order")
        assert [entry.action for entry in audit.of_document(db, one)][-1] == "purged"
        assert audit.verify(db) > 0
        assert {scan.state for scan in db.scalars(select(Scan))} == {"purged"}
        assert set(db.scalars(select(Arrival.name))) == {""}


def test_of_what_is_not_purged_no_list_loses_anything(
    record: Database, store: Store, tmp_path: Path
) -> None:
    (settings(tmp_path).letters_folder).mkdir()
    (dcn,) = bring(record, store, "a", claim(ASKED))
    work_on(record, dcn, tmp_path)
    lists = ("answers", "entries", "overrides", "request_log", "letters", "postings")
    for order in (
        *(f"DELETE FROM {table}" for table in (*lists, "deliveries")),  # noqa: S608 - our names
        "UPDATE deliveries SET content = ''",
    ):
        with pytest.raises(DBAPIError), record.begin() as db:
            db.execute(text(order))
    with record.begin() as db:
        decide(db, dcn, State.REJECTED, "no answer", actor="ana")
    done(record)
    purge(record, store, dcn, "by order", actor="ana")
    for order in ("DELETE FROM deliveries", "UPDATE deliveries SET digest = ''"):
        with pytest.raises(DBAPIError), record.begin() as db:
            db.execute(text(order))


def test_by_age_what_rests_since_before_a_day_and_papers_with_their_claim(
    record: Database, store: Store
) -> None:
    old, young, claimed = (enter(record, claim({"2": f"{n}, JOHN"})) for n in "ABC")
    sheet = enter(record, paper("other"), state=State.INFORMATION)
    with record.begin() as db:
        for dcn in (old, young):
            decide(db, dcn, State.REJECTED, "no member", actor="ana")
        joins.join(db, sheet, claimed, Role.ATTACHMENT, by="person", actor="ana")
    done(record)
    long_ago = now() - dt.timedelta(days=365)
    with record.begin() as db:
        for dcn in (old, sheet):
            documents.get(db, dcn).changed = long_ago
    with record.read() as db:
        assert purging.due(db, now() - dt.timedelta(days=1)) == [old, sheet]
    purge(record, store, old, "a year", actor="ana")
    with pytest.raises(NotPurgedError, match="a claim that is kept"):
        purge(record, store, sheet, "a year", actor="ana")
    with record.begin() as db:
        decide(db, claimed, State.REJECTED, "no member", actor="ana")
    done(record)
    with record.read() as db:
        together = purging.with_papers(db, claimed)
    assert together == [claimed, sheet]
    for dcn in together:
        purge(record, store, dcn, "by order", actor="ana")
    with record.read() as db:
        assert purging.due(db, now()) == [young]


def test_nothing_comes_of_what_was_purged(record: Database, store: Store) -> None:
    dcn, sheet = enter(record, claim()), enter(record, paper("other"), state=State.INFORMATION)
    with record.begin() as db:
        decide(db, dcn, State.REJECTED, "no member", actor="ana")
    done(record)
    purge(record, store, dcn, "by order", actor="ana")
    with pytest.raises(PurgedError), record.begin() as db:
        replies.join(db, documents.get(db, sheet), dcn, Role.REPLY, by="person", actor="ana")
    with pytest.raises(NotPurgedError, match="it is purged"):
        purge(record, store, dcn, "again", actor="ana")
    with record.read() as db:
        assert [one.dcn for one in joins.unmatched(db)] == [sheet]
    purge(record, store, sheet, "by order", actor="ana")
    with record.read() as db:
        assert joins.unmatched(db) == []
    assert document(record, dcn).revision == 2
    with record.begin() as db:
        assert db.scalars(select(Letter)).all() == []


def test_of_a_scan_that_failed_nothing_stays_and_it_may_come_again(
    record: Database, store: Store, tmp_path: Path
) -> None:
    bring(record, store, "failed")
    bring(record, store, "tried again")
    kept = bring(record, store, "a claim", claim())[0]
    with record.begin() as db:
        first, second, _ = db.scalars(select(Scan).order_by(Scan.id)).all()
        for scan in (first, second):
            scan.state, scan.error = ScanState.FAILED, "pdf.encrypted"
        db.execute(update(Step).where(Step.scan_id.in_((1, 2))).values(state="failed"))
        tomorrow = now() + dt.timedelta(days=1)
        assert purging.failed(db, now() - dt.timedelta(days=1)) == []
        assert purging.failed(db, tomorrow) == [first.id, second.id]
        steps.retry(db, steps.failures(db, [second.id])[0])
        assert purging.failed(db, tomorrow) == [first.id]
    assert not purging.forget(record, store, second.id, actor="ana")
    assert purging.forget(record, store, first.id, actor="ana")
    assert not purging.forget(record, store, first.id, actor="ana")
    assert not store.has(first.sha256)
    assert store.has(second.sha256)
    # a page that another scan has as well
    assert BLANK in stored(tmp_path / "store")
    with record.begin() as db:
        (noted,) = audit.last(db, 1)
        assert (noted.action, noted.actor, noted.detail) == ("purged", "ana", f"scan {first.id}")
        assert documents.get(db, kept).state == State.REVIEW
        arrived = Arrived("again", first.sha256, 9, "again.tif", (), now())
        assert scans.enter(db, arrived)[1]
