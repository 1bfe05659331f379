"""`paperclaim run`: everything comes up, stays up, and goes down without an orphan."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from redis import Redis

PATIENCE = 300.0
pytestmark = pytest.mark.xdist_group("run")


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def living(processes: list[psutil.Process]) -> list[str]:
    found = []
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.name())
    return found


class Running:
    def __init__(self, data: Path) -> None:
        data.mkdir(exist_ok=True)
        self.socket = data / "redis" / "redis.sock"
        env = {k: v for k, v in os.environ.items() if "PAPERCLAIM" not in k}
        self.log = (data / "log").open("ab")
        self.process = psutil.Popen(
            [sys.executable, "-m", "paperclaim", "run"],
            env={
                **env,
                "PAPERCLAIM_DATA": str(data),
                "PAPERCLAIM_WEB_PORT": "0",
                "PAPERCLAIM_WORK_WORKERS": "1",
                # an inbox of somebody's own: no samples are drawn, and read
                "PAPERCLAIM_FOLDERS_INBOX": str(data / "inbox"),
            },
            stdout=self.log,
            stderr=self.log,
        )

    def children(self) -> dict[str, psutil.Process]:
        found = {}
        for child in self.process.children(recursive=True):
            with contextlib.suppress(psutil.Error):
                line = child.cmdline() or [""]
                found["redis" if "redis-server" in line[0] else line[-1]] = child
        return found

    def up(self) -> bool:
        names = {"redis", "watch", "relay", "web", "work"}
        if not names <= self.children().keys():
            return False
        with Redis(unix_socket_path=str(self.socket)) as redis:
            return bool(redis.smembers("rq:workers"))


@pytest.fixture
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("r") / "d"


@pytest.fixture
def running(data: Path) -> Iterator[Running]:
    started = Running(data)
    yield started
    if started.process.poll() is None:
        started.process.send_signal(signal.SIGTERM)
        started.process.wait(PATIENCE)
    started.log.close()


def test_up_kept_up_and_down(running: Running) -> None:
    until(running.up)
    with Redis(unix_socket_path=str(running.socket)) as redis:
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert redis.config_get("appendonly") == {"appendonly": "yes"}
    before = running.children()
    for name in ("relay", "redis"):
        before[name].kill()
    until(lambda: before["relay"].pid != running.children().get("relay", before["relay"]).pid)
    until(running.up)
    everyone = [running.process, *running.process.children(recursive=True)]
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(PATIENCE) == 0
    assert living(everyone) == []


def test_killed_itself_it_leaves_nobody_and_starts_again(running: Running, data: Path) -> None:
    until(running.up)
    everyone = list(running.process.children(recursive=True))
    running.process.kill()
    running.process.wait(PATIENCE)
    again = Running(data)
    try:
        until(again.up)
        until(lambda: not living(everyone))
        assert again.process.poll() is None
    finally:
        again.process.send_signal(signal.SIGTERM)
        code = again.process.wait(PATIENCE)
        again.log.close()
    assert code == 0
