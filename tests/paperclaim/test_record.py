"""Commands on the record: `status`, `show`, `retry`, `token`, and what `doctor` says of it."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlalchemy import text

from config.settings import Database as DatabaseSection
from config.settings import Settings, Store
from intake.taking import quarantine
from ledger import documents, steps
from ledger.database import Database
from ledger.steps import Step, StepState
from letters import desk
from models import dcn as control_numbers
from paperclaim.checks.check import State
from paperclaim.checks.ledger import ledger
from tests.letters.base import claim, enter
from tests.paperclaim.conftest import NAME, Run


@pytest.mark.parametrize("call", [("status",), ("retry",), ("token", "list")])
def test_before_the_first_start_there_is_nothing_and_nothing_is_made(
    run: Run, tmp_path: Path, call: tuple[str, ...]
) -> None:
    done = run(*call)
    assert done.returncode == 1
    assert done.stderr.startswith("ledger.not_started: ")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("run", "no url"),
        ("web", "postgresql+psycopg://db:port/claims"),
        ("status", "nosuch://db/claims"),
        ("doctor", "mysql://hidden-word@db/claims"),
    ],
)
def test_a_url_that_is_none_is_said(run: Run, command: str, url: str) -> None:
    done = run(command, PAPERCLAIM_DATABASE_URL=url, PAPERCLAIM_WEB_PORT="0")
    said = done.stdout if command == "doctor" else done.stderr.splitlines()[-1]
    assert "database.url is not the URL of a database that we can use." in said
    assert "hidden-word" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_newer_versions_record_is_left_alone(run: Run, database: Database) -> None:
    with database.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in ("status", "run"):
        done = run(command, PAPERCLAIM_WEB_PORT="0")
        assert done.returncode == 1, command
        assert done.stderr.splitlines()[-1].startswith("ledger.newer: "), command
        assert "Start the newer version" in done.stderr
        assert "Traceback" not in done.stderr
    assert "fail  database: The database is a newer version's." in run("doctor").stdout


@pytest.mark.usefixtures("database")
def test_an_empty_record_has_a_status(run: Run) -> None:
    assert "none yet" in run("status").stdout


@pytest.mark.usefixtures("database")
def test_what_is_never_taken_from_the_inbox_is_counted(run: Run, tmp_path: Path) -> None:
    inbox = tmp_path / "data" / "inbox"
    inbox.mkdir(parents=True)
    assert "never taken" not in run("status").stdout
    (inbox / "SMITH.png").symlink_to(tmp_path / "elsewhere.png")
    said = run("status").stdout
    assert "never taken        1  (inbox.refused)" in said
    assert "SMITH" not in said


@pytest.mark.usefixtures("database")
def test_files_are_counted_without_the_notes_beside_them(run: Run, tmp_path: Path) -> None:
    inbox, aside = tmp_path / "data" / "inbox", tmp_path / "data" / "quarantine"
    for folder in (inbox / "acme", aside):
        folder.mkdir(parents=True)
    for name in ("a.pdf", "acme/b.pdf", "acme/~$b.pdf", "half.pdf"):
        (inbox / name).touch()
    quarantine(inbox / "half.pdf", aside, "scan.not_whole", "The file is empty.")
    said = run("status").stdout
    assert "quarantine         1\n" in said
    assert "inbox              2\n" in said


def test_a_failure_is_listed_with_its_code_and_its_name_only_when_asked(
    run: Run, failed: int
) -> None:
    plain = run("status").stdout
    assert f"scan {failed} open: pdf.encrypted after 1 attempts" in plain
    assert NAME not in plain
    assert NAME in run("status", "--names").stdout


def test_retry_tries_what_failed_once_more(run: Run, database: Database, failed: int) -> None:
    assert run("retry", str(failed + 1)).stdout == "0 steps are tried again\n"
    assert run("retry", str(failed)).stdout == "1 steps are tried again\n"
    with database.begin() as db:
        assert steps.failures(db) == []
        ticket = steps.notices(db, 10)[-1][1]
        step = db.get(Step, ticket.step_id)
        assert step is not None
        assert (step.state, ticket.attempt) == (StepState.WAITING, 2)


def test_what_waits_to_be_tried_again_is_counted_with_its_code(
    run: Run, database: Database, failed: int
) -> None:
    with database.begin() as db:
        step = steps.need(db, steps.Step(kind=steps.Kind.FOLLOW, scan_id=failed))
        assert steps.again(db, steps.Ticket(step.id, step.attempt), None, "store")
    assert re.search(r"^tried again +1  \(store\)$", run("status").stdout, re.MULTILINE)


def test_who_only_looks_waits_for_no_writer(run: Run, database: Database) -> None:
    dcn = enter(database, claim({"25": ""}))
    with database.begin() as db:
        desk.draft(db, dcn, "ada")
    with database.begin() as db:
        # a writer has the lock from its first statement on
        assert documents.get(db, dcn).dcn == dcn
        for call in (
            ("status",),
            ("show", dcn),
            ("token", "list"),
            ("letters", "list"),
            ("letters", "log", dcn),
            ("letters", "unmatched"),
            ("letters", "preview", dcn, "--out", "preview.pdf"),
        ):
            done = run(*call)
            assert (done.returncode, done.stderr) == (0, ""), call


@pytest.mark.usefixtures("database")
def test_show_takes_control_numbers_only(run: Run) -> None:
    wrong = run("show", "26327P00000124")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("dcn.invalid: ")
    unknown = run("show", control_numbers.make(dt.date(2026, 11, 23), 12))
    assert unknown.stderr.startswith("ledger.unknown: ")


@pytest.mark.usefixtures("database")
def test_a_token_is_shown_once_and_can_be_ended(run: Run) -> None:
    made = run("token", "add", "adjudication").stdout.strip()
    assert made.startswith("pc_")
    assert run("token", "list").stdout == "adjudication\n"
    assert run("token", "add", "adjudication").stderr.startswith("token.name: ")
    assert run("token", "revoke", "adjudication").returncode == 0
    assert run("token", "list").stdout == ""
    assert run("token", "revoke", "adjudication").stderr.startswith("token.unknown: ")


def state(settings: Settings, name: str) -> State:
    return next(check.state for check in ledger(settings) if check.name == name)


def test_doctor_knows_a_record_that_is_not_there_yet(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    assert state(settings, "database") is State.WARN
    assert state(settings, "store") is State.OK
    assert not (tmp_path / "data").exists()


@pytest.mark.usefixtures("database")
def test_doctor_knows_a_record_that_is_well(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    (tmp_path / "data" / "store").mkdir()
    assert (state(settings, "database"), state(settings, "store")) == (State.OK, State.OK)


def test_doctor_knows_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "paperclaim.db").write_bytes(b"not a database, and longer than a header" * 9)
    assert state(Settings(data=tmp_path), "database") is State.FAIL


def test_doctor_knows_a_server_that_does_not_answer_and_keeps_its_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://claims:hidden-word@127.0.0.1:1/claims"
    settings = Settings(data=tmp_path, database=DatabaseSection(url=url))
    [check] = [check for check in ledger(settings) if check.name == "database"]
    assert check.state is State.FAIL
    assert "hidden-word" not in check.said + check.remedy


def test_doctor_knows_a_store_that_is_no_store(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, store=Store(url="nosuch://bucket"))
    assert state(settings, "store") is State.FAIL
