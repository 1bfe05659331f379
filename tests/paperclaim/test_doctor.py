"""`paperclaim doctor` on real programs: what is wrong is found, and its remedy is said."""

from __future__ import annotations

import contextlib
import itertools
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as redis_client
from pydantic import SecretStr

from config.settings import Database, Folders, Redis, Settings, Store, Watch
from intake.errors import FolderError, FoldersOverlapError
from intake.folders import room
from paperclaim.checks.check import Check, State
from paperclaim.checks.folders import folders
from paperclaim.checks.ledger import ledger
from paperclaim.checks.programs import programs
from paperclaim.checks.queue import queue
from service.context import connect, prepare
from service.watcher import Watcher
from tests.paperclaim.conftest import Run


def named(checks: Iterator[Check]) -> dict[str, Check]:
    return {check.name: check for check in checks}


@contextlib.contextmanager
def server(folder: Path, *options: str) -> Iterator[str]:
    """A Redis of this test's own; its URL."""
    folder.mkdir(parents=True)
    socket = folder / "redis.sock"
    call = ["redis-server", "--port", "0", "--unixsocket", str(socket), "--dir", str(folder)]
    process = subprocess.Popen([*call, *options], stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 300
        with redis_client.Redis(unix_socket_path=str(socket)) as client:
            while time.monotonic() < deadline:
                with contextlib.suppress(redis_client.ConnectionError):
                    client.ping()
                    break
                assert process.poll() is None
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait()


def test_this_machine_has_every_program() -> None:
    found = named(programs())
    assert {check.state for check in found.values()} == {State.OK}, found


def test_without_programs_each_missing_one_names_its_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = named(programs())
    for name, package in (
        ("redis-server", "redis-server"),
        ("tesseract", "tesseract-ocr"),
        ("tesseract data", "tesseract-ocr-eng"),
        ("pdftoppm", "poppler-utils"),
    ):
        assert found[name].state is State.FAIL
        assert package in found[name].remedy


def test_a_program_that_is_too_old_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "pdftoppm"
    old.write_text("#!/bin/sh\necho 'pdftoppm version 22.08.0' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    found = named(programs())["pdftoppm"]
    assert found.state is State.FAIL
    assert "22.9 or newer" in found.said


def test_tesseract_without_data_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert named(programs())["tesseract data"].state is State.FAIL


def test_folders_are_looked_at_before_they_are_made(tmp_path: Path) -> None:
    found = named(folders(Settings(data=tmp_path / "not" / "yet")))
    assert {check.state for check in found.values()} <= {State.OK, State.WARN}
    assert "made at the first start" in found["inbox"].said
    assert not (tmp_path / "not").exists()


@pytest.mark.parametrize("around", ["inbox", "work", "store"])
def test_a_folder_in_another_fails_as_the_start_does(tmp_path: Path, around: str) -> None:
    settings = Settings(data=tmp_path, folders=Folders(outbox=Path(around, "done")))
    found = named(folders(settings))["folders"]
    assert found.state is State.FAIL
    assert around in found.said
    assert "outbox" in found.said
    with pytest.raises(FoldersOverlapError):
        prepare(settings)


@pytest.mark.parametrize("inbox", ["tmp", "redis/in", "profiles", "objects/in", "."])
def test_an_inbox_in_a_folder_of_ours_fails_as_the_start_does(tmp_path: Path, inbox: str) -> None:
    """What we write there would be taken as scans; the store is where it was set to be."""
    store = Store(url=f"file://{tmp_path}/objects")
    settings = Settings(data=tmp_path, folders=Folders(inbox=Path(inbox)), store=store)
    assert named(folders(settings))["folders"].state is State.FAIL
    with pytest.raises(FoldersOverlapError, match="inbox"):
        prepare(settings)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("folder", ["inbox", "outbox", "work"])
def test_a_database_in_a_folder_of_ours_fails_as_the_start_does(
    tmp_path: Path, folder: str
) -> None:
    """In the inbox it would be taken as a scan."""
    url = SecretStr(f"sqlite:///{tmp_path}/{folder}/acme/claims.db")
    settings = Settings(data=tmp_path, database=Database(url=url))
    assert named(folders(settings))["folders"].state is State.FAIL
    with pytest.raises(FoldersOverlapError, match=folder):
        prepare(settings)
    assert list(tmp_path.iterdir()) == []


def test_a_store_in_the_inbox_fails_and_one_elsewhere_is_no_folder(tmp_path: Path) -> None:
    within = Settings(data=tmp_path, store=Store(url=f"file://{tmp_path}/inbox/store"))
    assert named(folders(within))["folders"].state is State.FAIL
    with pytest.raises(FoldersOverlapError, match="store"):
        prepare(within)
    away = Settings(data=tmp_path, store=Store(url="s3://claims/paperclaim"))
    assert named(folders(away))["folders"].state is State.OK
    prepare(away)
    assert not (tmp_path / "store").exists()


def test_a_folder_elsewhere_has_to_be_there(tmp_path: Path) -> None:
    """A share that is not mounted: what is made there would be hidden by it later."""
    share = tmp_path / "share"
    settings = Settings(
        data=tmp_path / "data",
        folders=Folders(outbox=share / "outbox"),
        store=Store(url=f"file://{share}/store"),
    )
    checks = named(itertools.chain(folders(settings), ledger(settings)))
    assert {checks["outbox"].state, checks["store"].state} == {State.FAIL}
    assert "share" in checks["outbox"].remedy
    for start in (prepare, connect):
        with pytest.raises(FolderError, match="is not there"):
            start(settings)
    assert not share.exists()
    for name in ("outbox", "store"):
        (share / name).mkdir(parents=True)
    prepare(settings)
    connect(settings).database.engine.dispose()


def test_a_file_where_a_folder_should_be_fails(tmp_path: Path) -> None:
    (tmp_path / "inbox").touch()
    settings = Settings(data=tmp_path)
    assert named(folders(settings))["inbox"].state is State.FAIL
    with pytest.raises(FolderError, match="can't be made"):
        prepare(settings)


def test_too_little_room_fails(tmp_path: Path) -> None:
    found = named(folders(Settings(data=tmp_path, watch=Watch(reserve_mb=10**9))))["disk"]
    assert found.state is State.FAIL
    assert "no scan is taken" in found.said


def test_room_is_measured_as_the_watcher_does(tmp_path: Path) -> None:
    free = room(tmp_path) // 1_000_000
    settings = Settings(data=tmp_path, watch=Watch(reserve_mb=free - free // 100))
    prepare(settings)
    watcher = Watcher(connect(settings, migrate=True))
    watcher.look()
    assert watcher.full
    assert named(folders(settings))["disk"].state is State.FAIL
    watcher.context.database.engine.dispose()


def test_a_clock_that_fell_back_fails(tmp_path: Path) -> None:
    newer = tmp_path / "written-tomorrow"
    newer.touch()
    tomorrow = time.time() + 86_400
    os.utime(newer, (tomorrow, tomorrow))
    assert named(folders(Settings(data=tmp_path)))["clock"].state is State.FAIL


def test_a_redis_that_keeps_everything_is_ok(tmp_path: Path) -> None:
    with server(tmp_path / "redis", "--appendonly", "yes") as url:
        found = named(queue(Settings(data=tmp_path, redis=Redis(url=url))))
    assert {check.state for check in found.values()} == {State.OK}, found


def test_a_redis_that_may_forget_fails(tmp_path: Path) -> None:
    with server(tmp_path / "redis", "--maxmemory-policy", "allkeys-lru") as url:
        found = named(queue(Settings(data=tmp_path, redis=Redis(url=url))))
    assert found["redis eviction"].state is State.FAIL
    assert "noeviction" in found["redis eviction"].remedy
    assert found["redis persistence"].state is State.WARN


def test_a_redis_that_does_not_answer_fails(tmp_path: Path) -> None:
    away = Settings(data=tmp_path, redis=Redis(url=f"unix://{tmp_path}/nobody.sock"))
    assert named(queue(away))["redis"].state is State.FAIL


def test_the_embedded_redis_need_not_run(tmp_path: Path) -> None:
    assert named(queue(Settings(data=tmp_path)))["redis"].state is State.WARN


def test_the_command_ends_with_one_when_something_fails(run: Run, tmp_path: Path) -> None:
    fine = run("doctor")
    assert fine.returncode == 0, fine.stdout
    bad = run("doctor", PAPERCLAIM_REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    assert bad.returncode == 1
    line = next(line for line in bad.stdout.splitlines() if line.startswith("fail"))
    assert line == "fail  redis: can't be reached: ConnectionError"
    assert "Check redis.url" in bad.stdout


def test_a_password_never_shows(tmp_path: Path) -> None:
    away = Settings(
        data=tmp_path,
        redis=Redis(url="redis://:hidden-word@127.0.0.1:1/0"),
        database=Database(url="postgresql+psycopg://u:hidden-word@127.0.0.1:1/x"),
    )
    assert not any("hidden-word" in check.said for check in queue(away))
