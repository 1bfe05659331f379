"""`paperclaim letters`: a letter from its draft to its log, as people type it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ledger import documents
from ledger.answers import FieldAnswer, say
from ledger.database import Database, now
from ledger.documents import LeasedError
from ledger.joins import NotJoinedError
from ledger.steps import Step
from letters.errors import HeadError
from models.state import State, TransitionError
from paperclaim.cli import app
from tests.letters.base import claim, enter, paper

PAYER = {
    "PAPERCLAIM_LETTERS_PAYER": "Fernhill Health Plan",
    "PAPERCLAIM_LETTERS_ADDRESS": '["PO Box 5520", "Springfield IL 62705"]',
}


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAPERCLAIM_DATA", str(tmp_path / "data"))


def run(*arguments: str | Path, **variables: str) -> Result:
    """A command, in this process: there are many."""
    return CliRunner().invoke(app, [str(each) for each in arguments], env=variables)


def test_a_letter_from_draft_to_log(database: Database, tmp_path: Path) -> None:
    dcn = enter(database, claim({"25": ""}))
    assert run("letters", "list").stdout == "none\n"
    assert "Item 25" in run("letters", "draft", dcn).stdout
    out = tmp_path / "preview.pdf"
    assert run("letters", "preview", dcn, "--out", out).exit_code == 0
    assert out.read_bytes().startswith(b"%PDF")
    assert isinstance(run("letters", "send", dcn).exception, HeadError)
    done = run("letters", "send", dcn, "--by", "ada", **PAYER)
    assert done.stdout.startswith(f"{dcn}-1-letter by print")
    assert "to be posted" in run("letters", "list").stdout
    assert run("letters", "print", f"{dcn}-1-letter", "--out", tmp_path / "k.pdf").exit_code == 0
    shown = run("show", dcn).stdout
    assert "clock      30 days left, stopped" in shown
    assert "review to waiting by ada, request 1" in shown
    assert "withdrawn" in run("letters", "withdraw", dcn, "found it").stdout
    log = run("letters", "log", dcn).stdout
    assert [line.split()[4] for line in log.splitlines()] == ["drafted", "sent", "withdrawn"]


def test_a_paper_that_belongs_to_nothing_is_joined_by_hand(database: Database) -> None:
    dcn = enter(database, claim({"25": ""}))
    stray = enter(database, paper(), state=State.INFORMATION)
    assert stray in run("letters", "unmatched").stdout
    assert "unmatched          1" in run("status").stdout
    assert run("letters", "join", stray, dcn, "--by", "ada").stdout == "joined\n"
    assert run("letters", "join", stray, dcn).stdout == "it was joined already\n"
    assert run("letters", "unmatched").stdout == "none\n"
    assert f"belongs to {dcn} as attachment, by person" in run("show", stray).stdout
    taken = run("letters", "unjoin", stray, dcn, "of another patient", "--by", "ada").stdout
    assert taken == f"taken away; {dcn} is review\n"
    assert stray in run("letters", "unmatched").stdout
    assert f"by ada, {stray} taken away: of another patient" in run("show", dcn).stdout
    assert isinstance(run("letters", "unjoin", stray, dcn, "again").exception, NotJoinedError)


def test_a_claim_is_voided_and_its_provider_is_not_asked_any_more(database: Database) -> None:
    dcn = enter(database, claim({"25": ""}))
    run("letters", "draft", dcn)
    run("letters", "send", dcn, **PAYER)
    assert run("move", dcn, "rejected", "not ours", "--by", "ada").stdout == f"{dcn} is rejected\n"
    assert "withdrawn by ada, not ours" in run("letters", "log", dcn).stdout
    assert isinstance(run("move", dcn, "returned", "x").exception, TransitionError)
    assert run("move", dcn, "review", "ours after all").stdout == f"{dcn} is review\n"
    with database.begin() as db:
        documents.lease(db, documents.get(db, dcn), "bob", dt.timedelta(hours=1))
    assert isinstance(run("move", dcn, "voided", "x", "--by", "ada").exception, LeasedError)
    assert run("move", dcn, "voided", "sent twice", "--by", "bob").exit_code == 0
    assert isinstance(run("move", dcn, "review", "x", "--by", "bob").exception, TransitionError)
    shown = run("show", dcn).stdout
    assert "waiting to rejected by ada, not ours" in shown
    assert "review to voided by bob, sent twice" in shown
    with database.begin() as db:
        due = [step.revision for step in db.query(Step) if step.kind == "deliver"]
        assert max(due) == documents.get(db, dcn).revision


def test_a_claim_is_shown_as_it_stands(database: Database) -> None:
    dcn = enter(database, claim({"25": ""}))
    assert "finding    P016 reject (provider): 25" in run("show", dcn).stdout
    with database.begin() as db:
        answer = FieldAnswer(
            dcn=dcn, field="25", action="corrected", text="12-3456789", by="ada", at=now()
        )
        say(db, answer)
    assert "P016" not in run("show", dcn).stdout
