"""Redis is away for longer than a moment: who works waits for it, and loses nothing."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.conftest import Street

pytestmark = pytest.mark.xdist_group("crash")

#: a worker as it is, less patient, whose first page is at work for as long as the test wants
_WORKER = """
import pathlib, sys
import service.steps, worker

held, point = pathlib.Path(sys.argv[1]), service.steps.point

def hold(name):
    if name == "read.begun" and held.exists():
        held.read_bytes()
    point(name)

service.steps.point = hold
worker._HEARTBEAT, worker._AWAY = 1, 0.1
worker.main()
"""


class _Street(Street):
    """With one worker, and a Redis that may be away."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, workers=1)
        self.away = False
        self.held = data.parent / "held"
        os.mkfifo(self.held)

    def command(self, process: str) -> list[str]:
        if process != "work":
            return super().command(process)
        return [sys.executable, "-c", _WORKER, str(self.held)]

    def serve(self) -> None:
        if not self.away:
            super().serve()

    def holding(self) -> bool:
        """The worker is at the page; it goes on when `hand` is closed."""
        try:
            self.hand = os.open(self.held, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            return False
        self.held.unlink()
        return True

    def said(self, words: str) -> bool:
        return words in self.log.read_text()


@pytest.fixture
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Street]:
    made = _Street(tmp_path_factory.mktemp("a") / "data")
    yield made
    made.kill()
    made.database.engine.dispose()


def test_a_worker_outlives_redis_in_the_middle_of_a_page(street: _Street) -> None:
    street.drop()
    street.until(street.holding)
    assert street.redis is not None
    street.away = True
    street.redis.process.kill()
    street.redis.process.wait()
    street.until(lambda: street.said("(ConnectionError): the step goes on"))
    os.close(street.hand)
    street.until(lambda: street.said("no work until Redis answers"))
    street.away = False
    street.drop()
    street.until(street.settled)
    street.check()
    assert street.said("working again")
    assert street.deaths["work"] == 0

    street.away = True
    street.redis.process.kill()
    street.redis.process.wait()
    worker = street.running["work 0"]
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(300) == 0
