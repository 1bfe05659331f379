"""Steps that fail: tried again or given up where people see it, with no word of what they read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text

from extractors.readers import Readers
from extractors.sighting import Sighting
from extractors.strip import Strip
from intake.inbox import candidates
from intake.taking import take
from ledger import documents, finishing, scans, steps
from ledger.database import now
from ledger.scans import Page
from ledger.steps import Kind, Notice, Step, Ticket
from ledger.store import StoreError
from service import faults, owner
from service import steps as work
from service.context import Context
from service.watcher import enter as enter_file
from tests.crash.conftest import page
from tests.letters.base import claim, enter

NOBODY: Readers = None  # type: ignore[assignment] # no page is read here
LEASE = dt.timedelta(minutes=1)


def taken(context: Context, content: bytes) -> Ticket:
    (context.settings.inbox / "scan.png").write_bytes(content)
    (found,) = candidates(context.settings.inbox)
    enter_file(context, take(found, context.work))
    with context.database.begin() as db:
        return steps.notices(db, 9)[-1][1]


def test_a_file_that_is_no_scan_fails_at_once_and_is_shown(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    ticket = taken(context, b"%PDF-1.4 SECRET")
    assert work.run(context, ticket, NOBODY) == "failed"
    with context.database.begin() as db:
        (failed,) = steps.failures(db)
        (scan,) = scans.failed(db)
        assert failed.attempt == 1
        assert scan.error == failed.error
        assert scan.error is not None
    assert "SECRET" not in caplog.text


def test_a_failed_scan_that_is_dropped_again_is_tried_again(context: Context) -> None:
    ticket = taken(context, b"%PDF-1.4")
    assert work.run(context, ticket, NOBODY) == "failed"
    assert taken(context, b"%PDF-1.4") == Ticket(ticket.step_id, 2)
    with context.database.begin() as db:
        assert scans.failed(db) == []


def test_what_may_go_better_is_tried_again_and_then_given_up(context: Context) -> None:
    ticket = taken(context, b"content")
    (original,) = (p for p in (context.settings.data / "store").rglob("*") if p.is_file())
    original.unlink()
    outcomes = []
    for _ in range(context.settings.work.attempts):
        outcomes.append(work.run(context, ticket, NOBODY))
        ticket = Ticket(ticket.step_id, ticket.attempt + 1)
    assert outcomes == ["again", "again", "again", "failed"]
    with context.database.begin() as db:
        assert [s.error for s in steps.failures(db)] == ["store.damaged"]


def test_a_further_attempt_has_its_pause_and_an_outage_as_many_as_it_takes(
    context: Context,
) -> None:
    dcn = enter(context.database, claim())
    with context.database.begin() as db:
        step = finishing.ready(db, documents.get(db, dcn), "ana")
        ticket = Ticket(step.id, step.attempt)
        for notice, _ in steps.notices(db, 9):
            steps.told(db, notice)
    elsewhere = context.settings.outbox.rename(context.settings.data / "elsewhere")
    pauses = []
    for attempt in range(1, context.settings.work.attempts + 3):
        assert work.run(context, Ticket(ticket.step_id, attempt), NOBODY) == "again"
        with context.database.begin() as db:
            (announced,) = db.scalars(select(Notice).where(Notice.step_id == ticket.step_id))
            pauses.append((announced.due - now()).total_seconds())
            assert ticket.step_id not in [told.step_id for _, told in steps.notices(db, 9)]
            assert [one.error for one in steps.paused(db)] == ["delivery.outbox"]
            steps.told(db, announced.id)
    assert [round(pause, -1) for pause in pauses] == [0, 20, 120, 300, 300, 300]
    elsewhere.rename(context.settings.outbox)
    assert work.run(context, Ticket(ticket.step_id, attempt + 1), NOBODY) == "done"
    delivered = [path.name for path in context.settings.outbox.iterdir()]
    assert delivered == [f"{dcn}.r{step.revision}.json"]
    with context.database.begin() as db:
        assert steps.paused(db) == []


class Full:
    """A reader that finds no room for its temporary file."""

    name = "full"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        with Path("/dev/full").open("wb", buffering=0) as device:
            device.write(b"x")
        return [Sighting(self.name, ()) for _ in strips]


def test_a_full_disk_and_a_database_that_is_away_count_for_no_attempt(context: Context) -> None:
    sheet = io.BytesIO()
    page(1).save(sheet, "PNG")
    opening = taken(context, sheet.getvalue())
    assert work.run(context, opening, NOBODY) == "done"
    with context.database.begin() as db:
        reading = steps.notices(db, 9)[-1][1]
    full = Readers(first=Full(), witness=Full())
    many = context.settings.work.attempts + 2
    for attempt in range(1, many):
        assert work.run(context, Ticket(reading.step_id, attempt), full) == "again"
        with context.database.begin() as db:
            assert [one.error for one in steps.paused(db)] == ["disk.full"]
    with context.database.begin() as db:
        db.execute(text("ALTER TABLE pages RENAME TO elsewhere"))
    assert work.run(context, Ticket(reading.step_id, many), full) == "again"
    with context.database.begin() as db:
        db.execute(text("ALTER TABLE elsewhere RENAME TO pages"))
        assert [one.error for one in steps.paused(db)] == ["database.away"]
        # a worker that dies now is the first that counts
        assert steps.begin(db, Ticket(reading.step_id, many + 1), LEASE, "dead") is not None
        assert steps.again(
            db, Ticket(reading.step_id, many + 1), context.settings.work.attempts, "worker.lost"
        )


def test_a_page_that_a_purge_takes_away_while_it_is_stored_again_is_stored_once_more(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many blank pages have the same bytes."""
    tickets = []
    for level in (1, 9):
        sheet = io.BytesIO()
        page(1).save(sheet, "PNG", compress_level=level)
        tickets.append(taken(context, sheet.getvalue()))
    first, second = tickets
    assert work.run(context, first, NOBODY) == "done"
    with context.database.begin() as db:
        purged = db.scalars(select(Page)).one()
        purged.media = ""
    gone: list[str] = []

    def point(name: str) -> None:
        if name == "open.stored" and not gone:
            context.store.remove(purged.image)
            gone.append(name)

    monkeypatch.setattr(work, "point", point)
    assert work.run(context, second, NOBODY) == "again"
    assert work.run(context, Ticket(second.step_id, 2), NOBODY) == "done"
    assert gone
    assert context.store.has(purged.image)


def test_a_store_that_went_away_is_waited_for_and_not_made_anew(context: Context) -> None:
    ticket = taken(context, b"content")
    folder = context.settings.data / "store"
    folder.rename(folder.with_name("away"))
    for attempt in range(1, context.settings.work.attempts + 2):
        assert work.run(context, Ticket(ticket.step_id, attempt), NOBODY) == "again"
        with context.database.begin() as db:
            assert [one.error for one in steps.paused(db)] == ["store"]
    with pytest.raises(StoreError):
        context.store.put(b"more")
    assert not folder.exists()


@pytest.mark.parametrize("where", ["deliver.hidden", "deliver.written"])
def test_a_file_that_is_taken_away_at_once_never_comes_twice(
    context: Context, where: str, tmp_path: Path
) -> None:
    """Killed before the record knows that it was delivered, after somebody has fetched it."""
    dcn = enter(context.database, claim())
    with context.database.begin() as db:
        step = finishing.ready(db, documents.get(db, dcn), "ana")
        ticket = Ticket(step.id, step.attempt)
    order = tmp_path / "order"
    order.write_text(where)
    code = (
        "import worker, service.context, service.steps, ledger.steps; "
        "context = service.context.connect(worker.load_settings()); "
        f"service.steps.run(context, ledger.steps.Ticket({ticket.step_id}, 1), None)"
    )
    env = {
        **os.environ,
        "PAPERCLAIM_DATA": str(context.settings.data),
        "PCTEST_KILL": str(order),
    }
    killed = subprocess.run([sys.executable, "-c", code], env=env, check=False)
    assert killed.returncode == -signal.SIGKILL
    fetched = [path.read_bytes() for path in context.settings.outbox.glob("[!.]*")]
    for path in context.settings.outbox.glob("[!.]*"):
        path.unlink()
    with context.database.begin() as db:
        assert steps.again(db, ticket, 4, "worker.killed")
    assert work.run(context, Ticket(ticket.step_id, 2), NOBODY) == "done"
    fetched += [path.read_bytes() for path in context.settings.outbox.iterdir()]
    assert len(fetched) == 1


def test_what_a_person_tries_again_is_due_at_once(context: Context) -> None:
    ticket = taken(context, b"%PDF-1.4")
    assert work.run(context, ticket, NOBODY) == "failed"
    with context.database.begin() as db:
        for notice, _ in steps.notices(db, 9):
            steps.told(db, notice)
        (failed,) = steps.failures(db)
        steps.retry(db, failed)
        assert [told for _, told in steps.notices(db, 9)] == [Ticket(ticket.step_id, 2)]


def test_a_scan_that_the_machine_was_too_busy_for_is_tried_again(context: Context) -> None:
    """Time and memory are the machine's matter, not the file's: nobody has to send it again."""
    picture = io.BytesIO()
    Image.new("L", (2550, 3300), 255).save(picture, "PNG")
    ticket = taken(context, picture.getvalue())
    limits = context.settings.limits.model_copy(update={"seconds": 1e-6})
    settings = context.settings.model_copy(update={"limits": limits})
    busy = dataclasses.replace(context, settings=settings)
    assert work.run(busy, ticket, NOBODY) == "again"
    with context.database.begin() as db:
        assert steps.failures(db) == []


def test_a_bug_is_named_by_its_type_only(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    taken(context, b"content")
    with context.database.begin() as db:
        steps.need(db, Step(kind=Kind.READ, scan_id=1, number=7))
    with context.database.begin() as db:
        ticket = steps.notices(db, 9)[-1][1]
    assert work.run(context, ticket, NOBODY) == "again"
    with context.database.begin() as db:
        assert db.get_one(Step, ticket.step_id).error == "bug.NoResultFound"


def test_an_attempt_that_is_not_the_steps_does_nothing(context: Context) -> None:
    ticket = taken(context, b"content")
    assert work.run(context, Ticket(ticket.step_id, 9), NOBODY) == "stale"
    with context.database.begin() as db:
        steps.begin(db, ticket, LEASE, owner.me())
    assert work.run(context, ticket, NOBODY) == "stale"


def test_a_job_never_raises(tmp_path: Path) -> None:
    # RQ would keep the exception's text in Redis
    code = "import worker; worker.do(1, 1); print('silent')"
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "PAPERCLAIM_DATA": str(tmp_path / "none"),
            "PAPERCLAIM_DATABASE_URL": "postgresql+psycopg://x:SECRET@127.0.0.1:1/x",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == "silent\n"
    assert "SECRET" not in ended.stderr


def test_a_dead_process_is_known_on_its_own_machine_only() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = owner.of(child.pid)
    assert not owner.gone(name)
    assert not owner.gone(owner.me())
    child.send_signal(signal.SIGKILL)
    child.communicate()
    assert owner.gone(name)
    assert not owner.gone("elsewhere/" + name)
    for stranger in (None, "lost+found", f"{name.rsplit('/', 2)[0]}/x/y"):
        assert not owner.gone(stranger)


def test_temporary_files_of_the_dead_are_removed(tmp_path: Path) -> None:
    above = tmp_path / "tmp"
    code = (
        "import sys, tempfile, pathlib; from service.scratch import Scratch;"
        "own = Scratch.use(pathlib.Path(sys.argv[1]));"
        "name = tempfile.mkstemp()[1]; open(name, 'w').write('claim'); print(name, flush=True);"
        "input()"
    )
    command = [sys.executable, "-c", code, str(above)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}

    def started() -> tuple[subprocess.Popen[str], Path]:
        child = subprocess.Popen(command, **pipes)  # type: ignore[call-overload]
        return child, Path(child.stdout.readline().strip())

    dead, left = started()
    alive, used = started()
    dead.kill()
    dead.communicate()
    assert left.exists()
    # what is nobody's stays: a file system of its own has such a folder
    (above / "lost+found").mkdir()
    third, _ = started()
    assert not left.exists()
    assert used.exists()
    assert (above / "lost+found").is_dir()
    for child in (alive, third):
        child.communicate("")


def test_a_job_leaves_no_picture_where_names_look_like_patterns(tmp_path: Path) -> None:
    """pytesseract looks for its own files by a pattern, and finds none in such a folder."""
    data = tmp_path / "data [1]"
    script = """
import numpy, tempfile, worker, service.context
from pathlib import Path
from extractors.readers.tesseract import TesseractReader
from extractors.strip import Strip

def run(*_):
    paper = numpy.full((40, 200), 255, numpy.uint8)
    TesseractReader().read([Strip("1a", "name", paper, (0, 0, 200, 40))])
    print(len(list(Path(tempfile.gettempdir()).iterdir())))

settings = worker.load_settings()
service.context.prepare(settings)
service.context.connect(settings, migrate=True)
worker.run = run
worker.do(1, 1)
print(len(list(Path(tempfile.gettempdir()).iterdir())))
"""
    env = {**os.environ, "PAPERCLAIM_DATA": str(data)}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=env, check=True, capture_output=True, text=True
    )
    during, after = map(int, ended.stdout.split())
    assert during > 0
    assert after == 0


def test_no_boundary_kills_unless_a_test_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PCTEST_KILL", raising=False)
    for name in faults.POINTS:
        faults.point(name)


def test_pages_of_a_scan_become_steps_and_pictures(context: Context, tmp_path: Path) -> None:
    sheets = [Image.new("L", (200, 260), shade) for shade in (250, 251, 252)]
    path = tmp_path / "s.tif"
    sheets[0].save(path, save_all=True, append_images=sheets[1:])
    ticket = taken(context, path.read_bytes())
    assert work.run(context, ticket, NOBODY) == "done"
    with context.database.begin() as db:
        pages = scans.pages(db, 1)
        assert [p.number for p in pages] == [1, 2, 3]
        assert all(context.store.has(p.image) for p in pages)
        assert scans.unread(db, 1) == 3
        assert steps.open_steps(db) == 3
