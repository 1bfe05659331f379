"""From the inbox to the record: taken once, entered once, or left where it is."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import logging
import os
import threading
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select, text

from config.settings import Settings, Watch
from ledger import scans, steps
from ledger.database import NewerDatabaseError
from ledger.scans import Arrival, Scan, ScanState
from ledger.store import Store
from service.context import Context, connect, prepare
from service.watcher import Watcher


def drop(settings: Settings, name: str, shade: int = 200) -> Path:
    path = settings.inbox / name
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("L", (30, 40), shade).save(path)
    return path


def watcher(context: Context) -> Watcher:
    ticks = itertools.count(step=10)
    return Watcher(context, clock=lambda: float(next(ticks)))


def looks(watching: Watcher, count: int = 3) -> int:
    return sum(watching.look() for _ in range(count))


def arrivals(context: Context) -> list[tuple[str, list[str], bool]]:
    with context.database.begin() as db:
        found = db.scalars(select(Arrival).order_by(Arrival.id))
        return [(a.name, a.tags, a.duplicate) for a in found]


def test_a_file_is_taken_with_the_tags_of_its_folders(context: Context) -> None:
    path = drop(context.settings, "north/dental/a.png")
    assert looks(watcher(context)) == 1
    assert not path.exists()
    assert arrivals(context) == [("a.png", ["north", "dental"], False)]
    with context.database.begin() as db:
        scan = db.scalars(select(Scan)).one()
        assert steps.open_steps(db) == 1
    assert context.store.has(scan.sha256)
    assert list(context.work.iterdir()) == []


def test_the_same_bytes_again_are_a_second_arrival_and_never_a_second_scan(
    context: Context,
) -> None:
    watching = watcher(context)
    for name in ("a.png", "b.png"):
        drop(context.settings, name)
        assert looks(watching) == 1
    assert [(name, twice) for name, _, twice in arrivals(context)] == [
        ("a.png", False),
        ("b.png", True),
    ]
    with context.database.begin() as db:
        assert scans.counts(db) == {"taken": 1}
        assert steps.open_steps(db) == 1


def test_what_was_purged_stays_so_whoever_brings_it_again(context: Context) -> None:
    watching = watcher(context)
    drop(context.settings, "a.png")
    looks(watching)
    with context.database.begin() as db:
        scan = db.scalars(select(Scan)).one()
        scan.state = ScanState.PURGED
        open_before = steps.open_steps(db)
    context.store.remove(scan.sha256)
    drop(context.settings, "again.png")
    assert looks(watching) == 1
    assert arrivals(context)[-1] == ("again.png", [], True)
    assert not context.store.has(scan.sha256)
    with context.database.begin() as db:
        assert steps.open_steps(db) == open_before


def test_what_a_purge_takes_away_meanwhile_is_entered_at_the_next_look(context: Context) -> None:
    """The bytes were in the store, of a scan that failed, when the file came again."""

    class Purged(Store):
        def put_file(self, source: Path) -> str:
            key = super().put_file(source)
            self.remove(key)
            return key

    watching = watcher(dataclasses.replace(context, store=Purged(context.settings.store_url)))
    drop(context.settings, "a.png")
    looks(watching)
    assert arrivals(context) == []
    looks(watcher(context))
    assert [name for name, _, _ in arrivals(context)] == ["a.png"]
    with context.database.begin() as db:
        assert context.store.has(db.scalars(select(Scan)).one().sha256)


def test_without_room_files_stay_where_they_are_and_it_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = Settings(data=tmp_path / "d", watch=Watch(quiet_seconds=0, reserve_mb=1 << 40))
    prepare(settings)
    context = connect(settings, migrate=True)
    path = drop(settings, "a.png")
    watching = watcher(context)
    assert looks(watching) == 0
    assert path.exists()
    assert [r.getMessage().split(":")[0] for r in caplog.records] == ["disk.low"]
    roomy = settings.model_copy(update={"watch": Watch(quiet_seconds=0, reserve_mb=0)})
    watching.context = Context(roomy, context.database, context.store)
    assert looks(watching) == 1
    context.database.engine.dispose()


def test_a_store_that_is_away_loses_nothing(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    store = context.settings.data / "store"
    store.rename(store.with_name("away"))
    store.touch()
    drop(context.settings, "SMITH JOHN.png")
    watching = watcher(context)
    assert looks(watching) == 0
    assert arrivals(context) == []
    assert "SMITH" not in caplog.text
    store.unlink()
    store.with_name("away").rename(store)
    watching.look()
    assert [name for name, _, _ in arrivals(context)] == ["SMITH JOHN.png"]
    assert list(context.work.iterdir()) == []


def test_what_can_not_be_read_in_the_work_folder_stops_nothing_and_is_told_once(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    (context.work / "a.scan").mkdir()
    (context.work / "b.scan").symlink_to(context.work / "nowhere")
    for odd in ("c.part", "d.arrival.json"):
        (context.work / odd).mkdir()
    drop(context.settings, "a.png")
    watching = watcher(context)
    assert looks(watching) == 1
    assert [name for name, _, _ in arrivals(context)] == ["a.png"]
    told = ["a file could not be entered yet: intake.take"] * 2
    assert caplog.messages == told
    # what ends a while is told again when it comes back
    (context.work / "a.scan").rmdir()
    looks(watching)
    (context.work / "a.scan").mkdir()
    looks(watching)
    assert caplog.messages == [*told, told[0]]


def test_what_is_never_taken_is_told_once_and_without_its_name(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    link = context.settings.inbox / "SMITH JOHN.png"
    link.symlink_to(drop(context.settings, "a.png"))
    watching = watcher(context)
    assert looks(watching) == 1
    told = [one for one in caplog.messages if one.startswith("inbox.refused")]
    assert told == ["inbox.refused: something stays in the inbox (symlink)"]
    assert "SMITH" not in caplog.text
    # taken away and put there again, it is news again
    link.unlink()
    looks(watching)
    link.symlink_to(context.settings.inbox)
    looks(watching)
    assert caplog.text.count("inbox.refused") == 2


def test_events_or_not_a_file_is_found(context: Context) -> None:
    stop = threading.Event()
    watching = Watcher(context)
    thread = threading.Thread(target=watching.run, args=(stop,))
    thread.start()
    try:
        drop(context.settings, "a.png")
        deadline = threading.Event()
        for _ in range(6000):
            if arrivals(context):
                break
            deadline.wait(0.05)
        assert len(arrivals(context)) == 1
    finally:
        stop.set()
        thread.join(300)
    assert not thread.is_alive()


def test_an_event_about_a_name_that_is_no_text_is_heard_like_any_other(
    settings: Settings, capfd: pytest.CaptureFixture[str]
) -> None:
    slow = Watch(quiet_seconds=0, poll_seconds=86_400, reserve_mb=0)
    settings = settings.model_copy(update={"watch": slow})
    prepare(settings)
    context = connect(settings, migrate=True)
    stop, pause = threading.Event(), threading.Event()
    thread = threading.Thread(target=Watcher(context).run, args=(stop,))
    thread.start()
    try:
        hidden = drop(settings, ".hidden.png")
        for _ in range(6000):
            # back and forth: listening may have begun only now
            if arrivals(context):
                break
            named = settings.inbox / os.fsdecode(b"SMITH\xff.png")
            with contextlib.suppress(FileNotFoundError):
                (hidden if hidden.exists() else named).rename(named if hidden.exists() else hidden)
            pause.wait(0.2)
        assert [name for name, _, _ in arrivals(context)] == ["SMITH?.png"]
    finally:
        stop.set()
        thread.join(300)
    assert not thread.is_alive()
    assert "SMITH" not in "".join(capfd.readouterr())
    context.database.engine.dispose()


@pytest.mark.parametrize("events", [True, False])
def test_told_to_stop_it_does_not_wait_for_its_next_look(
    settings: Settings, caplog: pytest.LogCaptureFixture, events: object
) -> None:
    """With a day between two looks, and where the inbox is away and nothing tells of it."""
    slow = Watch(quiet_seconds=0, poll_seconds=86_400, reserve_mb=0)
    settings = settings.model_copy(update={"watch": slow})
    prepare(settings)
    context = connect(settings, migrate=True)
    if events:
        drop(settings, "a.png")
    else:
        settings.inbox.rmdir()
    stop, pause = threading.Event(), threading.Event()
    thread = threading.Thread(target=Watcher(context).run, args=(stop,))
    thread.start()
    for _ in range(6000):
        if arrivals(context) or "could not be looked at" in caplog.text:
            break
        pause.wait(0.05)
    stop.set()
    thread.join(300)
    assert not thread.is_alive()
    context.database.engine.dispose()


def test_a_file_that_never_becomes_whole_is_set_aside_with_its_reason(
    context: Context, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    path = drop(context.settings, "half.png")
    path.write_bytes(path.read_bytes()[:-20])
    settings = context.settings
    ticks = itertools.count(step=400)
    watching = Watcher(context, clock=lambda: float(next(ticks)))
    assert looks(watching, 4) == 0
    assert not path.exists()
    assert sorted(p.name for p in settings.quarantine.iterdir()) == [
        "half.png",
        "half.png.reason.json",
    ]
    assert "half" not in caplog.text


def test_nobody_else_on_the_machine_reads_what_is_kept(context: Context) -> None:
    data = context.settings.data
    kept = [data / "store", data / "work", data / "paperclaim.db"]
    assert [path.stat().st_mode & 0o077 for path in kept] == [0, 0, 0]


def test_who_only_works_leaves_a_newer_versions_record_alone(context: Context) -> None:
    with context.database.begin() as db:
        db.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NewerDatabaseError):
        connect(context.settings)
