"""What comes back finds its claim, and the claim moves on."""

from __future__ import annotations

from pathlib import Path

import pytest

from codes.tables import Tables
from delivery.compose import compose, current, prepare
from edits.known import CODES, ROSTERS
from edits.rosters import Rosters
from ledger import answers, clocks, documents, identities, joins, requests, scans, steps
from ledger.database import Database, now
from ledger.joins import NotJoinedError, Role
from ledger.scans import Arrived, Scan
from ledger.store import Store
from letters import desk, follow, replies
from models.page import Form
from models.reading import DocumentReading, Entity, FieldReading, PageFacts, PageReading
from models.state import State
from review.cases import Cases
from service import arrivals
from service.arrivals import Beside
from tests.letters.base import HOUSE, asked_of, claim, day, document, enter, paper, profile, state
from tests.letters.test_desk import BROKEN, events, sent


@pytest.fixture
def url(tmp_path: Path) -> str:
    """One kind of database will do here."""
    return f"sqlite:///{tmp_path / 'ledger.db'}"


def page(
    number: int,
    form: Form,
    fields: dict[str, FieldReading] | None = None,
    *,
    barcodes: tuple[str, ...] = (),
    entities: tuple[Entity, ...] = (),
    kind: str | None = None,
) -> PageReading:
    facts = PageFacts(number=number, width=9, height=9, form=form, method="rules", quality=1)
    return PageReading(
        facts=facts,
        fields=fields or {},
        barcodes=list(barcodes),
        entities=list(entities),
        kind=kind,
    )


def sheet(number: int, dcn: str) -> PageReading:
    return page(number, Form.ATTACHMENT, barcodes=(f"PAPERCLAIM:1:REPLY:{dcn}:1",))


def said(label: str, text: str) -> Entity:
    return Entity(label=label, text=text, value=text, confidence=1, page=1, box=(0, 0, 1, 1))


def filled(number: int, dcn: str, *written: str) -> PageReading:
    """A sheet with something written, or nothing, in each of its boxes."""
    boxes = [
        Entity(label="answer", text=text, value=None, confidence=0.4, page=number, box=(0, 0, 1, 1))
        for text in written
    ]
    return sheet(number, dcn).model_copy(update={"entities": boxes})


def arrive(record: Database, *pages: PageReading) -> list[str]:
    """Pages as a scan, entered as the assembling step does."""
    with record.begin() as db:
        name = f"r{db.query(Scan).count()}"
        arrived = Arrived(name, name[1:].rjust(64, "f"), 1, "a.tif", ("all",), now())
        scan, _ = scans.enter(db, arrived)
        beside = arrivals.beside(db, scan, 0.001)
    found = arrivals.gathered(pages, beside)
    with record.begin() as db:
        arrivals.enter(db, db.get_one(Scan, scan.id), found)
        rows = db.query(documents.Document).filter_by(scan_id=scan.id)
        return [each.dcn for each in rows.order_by(documents.Document.ordinal)]


def form(changes: dict[str, str]) -> dict[str, FieldReading]:
    return claim({**BROKEN, **changes}).fields


def test_a_reply_sheet_brings_the_pages_behind_it_home(record: Database) -> None:
    dcn, other = sent(record), sent(record)
    papers = arrive(
        record,
        sheet(1, dcn),
        page(2, Form.BLANK),
        page(3, Form.ATTACHMENT),
        sheet(4, other),
        page(5, Form.ATTACHMENT, kind="eob"),
    )
    assert len(papers) == 2
    assert [state(record, each) for each in papers] == ["information"] * 2
    assert (state(record, dcn), state(record, other)) == ("review", "review")
    assert events(record, dcn)[-1] == "answered"
    with record.begin() as db:
        made = compose(db, documents.get(db, dcn), 3)
        assert [(a.dcn, a.role, a.kind, a.pages) for a in made.attachments] == [
            (papers[0], "reply", "reply_sheet", [1]),
            (papers[0], "reply", None, [3]),
        ]
        last = documents.history(db, dcn)[-1]
        assert (last.before, last.after, last.actor) == ("waiting", "review", "system")
        assert last.reason == f"{papers[0]} joined"


def test_the_same_reply_again_changes_nothing_twice(record: Database) -> None:
    dcn = sent(record)
    arrive(record, sheet(1, dcn))
    before = events(record, dcn), document(record, dcn).revision
    arrive(record, sheet(1, dcn))
    assert events(record, dcn)[:-1] == before[0]
    assert document(record, dcn).revision == before[1]


def test_a_sheet_of_a_claim_that_nobody_knows_waits_unmatched(record: Database) -> None:
    (dcn,) = arrive(record, sheet(1, "26324P00000124"))
    with record.begin() as db:
        assert [each.dcn for each in joins.unmatched(db)] == [dcn]


@pytest.mark.parametrize("with_sheet", [True, False])
def test_a_corrected_form_is_laid_before_a_person(record: Database, *, with_sheet: bool) -> None:
    dcn = sent(record)
    corrected = page(2, Form.CMS1500, form({"25": "12-3456789", "24.2.pointer": "B"}))
    papers = arrive(record, *([sheet(1, dcn)] if with_sheet else []), corrected)
    assert state(record, dcn) == "review"
    assert state(record, papers[-1]) == "information"
    with record.begin() as db:
        assert answers.drafts(db, dcn) == {"25": "12-3456789", "24.2.pointer": "B"}
        roles = {each.role for each in joins.of_claim(db, dcn)}
        assert roles == ({"reply", "correction"} if with_sheet else {"correction"})
        # nothing was entered by itself: the claim is as broken as it was
        assert {f.rule for f in current(db, documents.get(db, dcn)).findings} >= {"P016"}


def test_papers_find_the_claim_and_not_its_correction(record: Database) -> None:
    dcn = sent(record)
    (corrected,) = arrive(record, page(1, Form.CMS1500, form({"25": "12-3456789"})))
    with record.begin() as db:
        prepare(db, corrected, 1)
        npi = current(db, documents.get(db, dcn)).fields["33a"].value or ""
    about = (said("account_number", "DOE-1001"), said("npi", npi))
    (first,) = arrive(record, page(1, Form.ATTACHMENT, kind="eob", entities=about))
    # a person may say so of what came as a claim of its own
    (own,) = arrive(record, page(1, Form.CMS1500, form({"26": "DOE-1001"})))
    with record.begin() as db:
        replies.join(db, documents.get(db, own), dcn, Role.CORRECTION, by="person", actor="ada")
    (second,) = arrive(record, page(1, Form.ATTACHMENT, kind="eob", entities=about))
    with record.begin() as db:
        found = [each.paper for each in joins.of_claim(db, dcn)]
        assert identities.catch_up(db) == 0
    assert found == [corrected, first, own, second]


def test_what_is_written_on_a_sheet_is_laid_before_a_person(
    record: Database, tmp_path: Path
) -> None:
    dcn = sent(record, {**BROKEN, "1": ""})
    with record.begin() as db:
        asked = [item.fields for item in asked_of(db, dcn)[0].draft.items]
    assert asked == [["1"], ["24.2.pointer"], ["25"]]
    (paper_,) = arrive(record, filled(1, dcn, "Group", "", "12-3456789"))
    assert state(record, dcn) == "review"
    with record.begin() as db:
        assert answers.drafts(db, dcn) == {"1": "group", "25": "12-3456789"}
        # nothing was entered by itself
        claim_ = current(db, documents.get(db, dcn))
        assert {f.rule for f in claim_.findings} >= {"P016", "I001"}
        made = compose(db, documents.get(db, dcn), 3).attachments[0].entities
        told = [(e.field, e.text) for e in made if e.label == "answer"]
        assert told == [("1", "Group"), ("25", "12-3456789")]
    cases = Cases(record, Store(str(tmp_path / "store")))
    rows = {view.id: view for view in cases.open(dcn, "ada").desk().fields if view.needed}
    assert {name: view.text for name, view in rows.items()} == {"1": "group", "25": "12-3456789"}
    assert paper_ in rows["25"].why[0]
    cases.answer(dcn, "25", ("said", "12-3456789"), by="ada")
    assert [v.id for v in cases.open(dcn, "ada").desk().fields if v.needed] == ["1"]
    with record.begin() as db:
        documents.release(documents.get(db, dcn), "ada")
    unjoin(record, paper_, dcn)
    with record.begin() as db:
        assert answers.drafts(db, dcn) == {}


def test_a_sheet_of_several_pages_is_one(record: Database) -> None:
    dcn = sent(record)
    papers = arrive(record, filled(1, dcn, "B"), filled(2, dcn, "12-3456789"))
    assert len(papers) == 1
    with record.begin() as db:
        assert answers.drafts(db, dcn) == {"24.2.pointer": "B", "25": "12-3456789"}


def test_boxes_that_are_not_as_many_as_questions_suggest_nothing(record: Database) -> None:
    dcn = sent(record)
    arrive(record, filled(1, dcn, "12-3456789"))
    with record.begin() as db:
        assert answers.drafts(db, dcn) == {}
        (made,) = compose(db, documents.get(db, dcn), 3).attachments
        assert [(e.field, e.text) for e in made.entities if e.label == "answer"] == [
            (None, "12-3456789")
        ]


def test_another_claim_behind_a_sheet_is_a_claim_of_its_own(record: Database) -> None:
    dcn = sent(record)
    other = form({"26": "OTHER99", "1a": "ZZZ987654321", "2": "ROE, RICHARD"})
    papers = arrive(record, sheet(1, dcn), page(2, Form.CMS1500, other))
    assert state(record, papers[1]) == "review"
    with record.begin() as db:
        assert joins.of_paper(db, papers[1]) == []


def test_another_visit_of_the_same_patient_corrects_nothing(record: Database) -> None:
    dcn = sent(record)
    visit = form({"24.1.procedure": "80053", "24.2.procedure": "36415"})
    (other,) = arrive(record, page(1, Form.CMS1500, visit))
    assert (state(record, dcn), state(record, other)) == ("waiting", "review")


def test_the_same_claim_again_is_told_apart(record: Database) -> None:
    (first,) = arrive(record, page(1, Form.CMS1500, claim().fields))
    (again,) = arrive(record, page(1, Form.CMS1500, claim().fields))
    replaced = claim({"22.code": "7", "22.original_ref": first}).fields
    (replacement,) = arrive(record, page(1, Form.CMS1500, replaced))
    unknown = claim({"22.code": "7", "22.original_ref": "26324P00000124"}).fields
    (stray,) = arrive(record, page(1, Form.CMS1500, unknown))

    def rules(dcn: str) -> set[str]:
        reading = DocumentReading.model_validate_json(document(record, dcn).reading)
        return {finding.rule for finding in reading.findings} & {"C003", "C005"}

    assert [rules(each) for each in (first, again, replacement, stray)] == [
        set(),
        {"C005"},
        set(),
        {"C003"},
    ]
    assert [state(record, each) for each in (first, again)] == ["ready", "review"]
    # looked at again, the first one is not a copy of the second
    with record.begin() as db:
        assert current(db, documents.get(db, first)).findings == []


def test_papers_alone_complete_a_claim(record: Database) -> None:
    dcn = enter(record, claim({"11d": "yes", "9": "DOE, JOHN", "9a": "GRP 1", "9d": "OTHER PLAN"}))
    with record.begin() as db:
        found = current(db, documents.get(db, dcn)).findings
        assert [(f.rule, f.cause) for f in found if f.severity != "warn"] == [("I027", "provider")]
        desk.draft(db, dcn)
        desk.send(db, dcn, HOUSE, "ada", day(0))
    about = (said("account_number", "DOE-1001"), said("npi", "1316933676"))
    with record.begin() as db:
        npi = current(db, documents.get(db, dcn)).fields["33a"].value or ""
    about = (said("account_number", "DOE-1001"), said("npi", npi))
    arrive(record, page(1, Form.ATTACHMENT, kind="eob", entities=about))
    assert state(record, dcn) == State.READY
    assert events(record, dcn)[-1] == "answered"
    with record.begin() as db:
        told = [(each.before, each.after) for each in documents.history(db, dcn)][-2:]
        assert told == [("waiting", "review"), ("review", "ready")]
        kinds = [(s.kind, s.revision) for s in db.query(steps.Step) if s.dcn == dcn]
        assert kinds.count(("deliver", 3)) == 1


def test_papers_without_any_clue_wait(record: Database) -> None:
    dcn = sent(record)
    (stray,) = arrive(record, page(1, Form.ATTACHMENT, entities=(said("patient", "JANE DOE"),)))
    assert state(record, dcn) == "waiting"
    with record.begin() as db:
        assert [each.dcn for each in joins.unmatched(db)] == [stray]


def test_assembling_drafts_and_a_profile_sends(record: Database, tmp_path: Path) -> None:
    (waits,) = arrive(record, page(1, Form.CMS1500, form({"26": "A1"})))
    profile(record, tmp_path, '[letters]\nsend = "auto"')
    (goes,) = arrive(record, page(1, Form.CMS1500, form({"26": "A2", "2": "ROE, RICHARD"})))
    with record.begin() as db:
        assert [r.state for r in requests.of_claim(db, waits)] == ["draft"]
        assert [r.state for r in requests.of_claim(db, goes)] == ["draft"]
        asked = [s.dcn for s in db.query(steps.Step) if s.kind == "follow"]
    assert asked == [goes]


def test_beside_a_scan_with_loose_papers_nobody_says_what_came_along() -> None:
    beside = Beside(day(0), (), None, 0.001)
    eob = {"11d": "yes", "9": "DOE, JOHN", "9a": "GRP 1", "9d": "OTHER PLAN"}
    alone = page(2, Form.CMS1500, claim(eob).fields)
    for pages, fires in (([alone], True), ([page(1, Form.ATTACHMENT), alone], False)):
        found = [f for one in arrivals.gathered(pages, beside) for f in one.reading.findings]
        assert any(finding.rule == "I027" for finding in found) == fires
    assert paper().status == "information"


def test_lists_and_rosters_that_are_loaded_are_asked(record: Database, tmp_path: Path) -> None:
    members, codes = tmp_path / "members.csv", tmp_path / "codes.csv"
    members.write_text("id,last,first,birth_date\nXYZ123456789,ROE,RICHARD,1950-01-01\n")
    codes.write_text("code,valid_from,valid_to,text\n99214,2020-01-01,,x\n")
    Rosters(tmp_path / ROSTERS).load("member", members)
    Tables(tmp_path / CODES).load("hcpcs", codes)
    profile(record, tmp_path, '[rules.I023]\non = false\n[rules.P016]\nmessage = "Tax number?"')
    (dcn,) = arrive(record, page(1, Form.CMS1500, claim({"25": ""}).fields))
    with record.begin() as db:
        found = current(db, documents.get(db, dcn)).findings
        first = DocumentReading.model_validate_json(documents.get(db, dcn).reading).findings
    assert found == first
    told = {finding.rule: finding.message for finding in found}
    assert told["P016"] == "Tax number?"
    assert {"I006", "S013"} <= told.keys()


def unjoin(record: Database, paper_dcn: str, dcn: str) -> None:
    with record.begin() as db:
        paper = documents.get(db, paper_dcn)
        replies.unjoin(db, paper, dcn, "of another patient", actor="ada")


def test_a_paper_joined_by_mistake_is_taken_away_and_the_answer_waited_for(
    record: Database,
) -> None:
    dcn = sent(record)
    with record.begin() as db:
        due = requests.of_claim(db, dcn)[0].next_on
    corrected = page(2, Form.CMS1500, form({"25": "12-3456789"}))
    (sheet_, paper_) = arrive(record, sheet(1, dcn), corrected)
    unjoin(record, paper_, dcn)
    # the sheet itself is still an answer
    assert (state(record, dcn), state(record, paper_)) == ("review", "review")
    assert events(record, dcn)[-1] == "unjoined"
    unjoin(record, sheet_, dcn)
    assert state(record, dcn) == "waiting"
    with record.begin() as db:
        (request,) = requests.of_claim(db, dcn)
        assert (request.state, request.next_on) == ("sent", due)
        assert answers.drafts(db, dcn) == {}
        assert joins.of_claim(db, dcn) == []
        assert compose(db, documents.get(db, dcn), 9).attachments == []
        last = documents.history(db, dcn)[-2:]
        assert [(c.before, c.after, c.actor) for c in last] == [
            ("review", "review", "ada"),
            ("review", "waiting", "ada"),
        ]
        assert last[1].reason == f"{sheet_} taken away: of another patient"
        waits = clocks.waits(documents.history(db, dcn))
        assert [wait.end is None for wait in waits] == [False, True]
        # the real answer is one
        assert [each.dcn for each in joins.unmatched(db)] == [sheet_]
    assert events(record, dcn)[-1] == "reopened"
    arrive(record, page(1, Form.BLANK), sheet(2, dcn))
    assert (state(record, dcn), events(record, dcn)[-1]) == ("review", "answered")


def test_the_schedule_goes_on_where_it_was_before_the_wrong_answer(record: Database) -> None:
    dcn = sent(record)
    (stray,) = arrive(record, sheet(1, dcn))
    with record.begin() as db:
        (request,) = requests.of_claim(db, dcn)
        follow.follow_step(db, request)
        follow.follow(db, request.id, HOUSE, day(31))
    unjoin(record, stray, dcn)
    with record.begin() as db:
        assert follow.due(db, day(31)) == 1
        (request,) = requests.of_claim(db, dcn)
        follow.follow(db, request.id, HOUSE, day(31))
    assert events(record, dcn)[-2:] == ["reopened", "reminded"]


def test_a_claim_decided_with_a_wrong_paper_is_looked_at_again(record: Database) -> None:
    dcn = enter(record, claim(), state=State.READY)
    stray = enter(record, paper("eob"), state=State.INFORMATION)
    with record.begin() as db:
        replies.join(db, documents.get(db, stray), dcn, Role.ATTACHMENT, by="person", actor="ada")
        documents.move(db, documents.get(db, dcn), State.DELIVERED)
    before = document(record, dcn).revision
    unjoin(record, stray, dcn)
    assert (state(record, dcn), state(record, stray)) == ("review", "information")
    assert document(record, dcn).revision == before + 1
    with pytest.raises(NotJoinedError):
        unjoin(record, stray, dcn)
