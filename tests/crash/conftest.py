"""A street of real processes, one by one: Redis, watcher, relay and workers, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from sqlalchemy import select

from config.settings import Settings
from ledger import steps
from ledger.database import Database
from ledger.deliveries import Delivery, digest_of
from ledger.documents import Document
from ledger.scans import Arrival, Scan, ScanState
from service import context, redis
from service.children import Child

#: seconds: far more than anything here takes on a busy machine
PATIENCE = 300.0


def page(number: int) -> Image.Image:
    """A small page, unlike any other, that is no claim."""
    sheet = Image.new("L", (425, 550), "white")
    pen = ImageDraw.Draw(sheet)
    for line in range(12):
        pen.text((40, 40 + 38 * line), f"NOTE {number} OF THE TEST, LINE {line}", "black")
    return sheet


class Street:
    """Processes that the test starts anew when they die; a supervisor without its patience."""

    def __init__(self, data: Path, workers: int = 2) -> None:
        self.settings = Settings(data=data)
        self.order = data.parent / "kill"
        self.log = data.parent / "log"
        self.env = {
            **{k: v for k, v in os.environ.items() if "PAPERCLAIM" not in k},
            "PAPERCLAIM_DATA": str(data),
            "PAPERCLAIM_WATCH_QUIET_SECONDS": "0",
            "PAPERCLAIM_WATCH_POLL_SECONDS": "0.2",
            "PAPERCLAIM_WATCH_RESERVE_MB": "0",
            "PAPERCLAIM_WORK_WORKERS": str(workers),
            "PAPERCLAIM_WORK_RECONCILE_SECONDS": "0.5",
            "PAPERCLAIM_WORK_ATTEMPTS": "20",
            "PAPERCLAIM_WORK_PAUSE_SECONDS": "0",
            "PCTEST_KILL": str(self.order),
            "OMP_THREAD_LIMIT": "1",
        }
        context.prepare(self.settings)
        self.database: Database = context.connect(self.settings, migrate=True).database
        self.names = ["watch", "relay", *(f"work {n}" for n in range(workers))]
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.redis: Child | None = None
        self.deaths: Counter[str] = Counter()
        self.dropped = 0

    def serve(self) -> None:
        """Start Redis if it is not running, or not any more."""
        if self.redis is None or self.redis.process.poll() is not None:
            self.redis = redis.start(self.settings.redis_socket)

    def tend(self) -> None:
        """Start what is not running, or not any more."""
        self.serve()
        for name in self.names:
            child = self.running.get(name)
            if child is not None and child.poll() is None:
                continue
            if child is not None:
                self.deaths[name.split()[0]] += 1
            with self.log.open("ab") as log:
                self.running[name] = subprocess.Popen(
                    self.command(name.split()[0]),
                    env=self.env,
                    stdout=log,
                    stderr=log,
                )

    def command(self, process: str) -> list[str]:
        """How a process is started."""
        return [sys.executable, "-m", "paperclaim", process]

    def kill(self) -> None:
        """Everything at once, as a power cut does."""
        for child in self.running.values():
            child.kill()
            child.wait()
        self.running.clear()
        if self.redis is not None:
            self.redis.process.kill()
            self.redis.process.wait()
            self.redis = None

    def drop(self, pages: int = 1) -> None:
        """A scan of its own bytes, whole from the first moment."""
        sheets = [page(1000 * self.dropped + n) for n in range(pages)]
        hidden = self.settings.inbox / ".next"
        sheets[0].save(hidden, "TIFF", save_all=True, append_images=sheets[1:], compression="raw")
        self.take(hidden)

    def take(self, path: Path) -> None:
        """Put a file into the inbox, whole from the first moment."""
        self.dropped += 1
        path.rename(self.settings.inbox / f"scan-{self.dropped}.tif")

    def until(self, true: Callable[[], bool]) -> None:
        """Tend the street until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not true():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:]
            self.tend()
            time.sleep(0.05)

    def order_kills(self, *orders: str) -> None:
        """Have processes killed at these boundaries, one after the other."""
        self.order.write_text("\n".join(orders))

    def killed(self) -> bool:
        """All of them were."""
        return not self.order.exists() or not self.order.read_text()

    def settled(self) -> bool:
        """Every dropped file is entered, forgotten in the folders, and all its steps are done."""
        folders = (self.settings.inbox, self.settings.data / "work")
        if any(any(folder.iterdir()) for folder in folders):
            return False
        with self.database.begin() as db:
            entered = db.scalars(select(Arrival.id)).all()
            return len(entered) == self.dropped and steps.open_steps(db) == 0

    def check(self) -> None:
        """Every file is in exactly one state, with exactly one JSON a document."""
        with self.database.begin() as db:
            scans = db.scalars(select(Scan)).all()
            assert {s.state for s in scans} == {ScanState.DONE}, [s.error for s in scans]
            assert len(scans) == self.dropped
            documents = db.scalars(select(Document)).all()
            assert Counter(d.scan_id for d in documents) == Counter(s.id for s in scans)
            assert {d.state for d in documents} <= {"information", "review", "delivered"}
            deliveries = {
                f"{d.dcn}.r{d.revision}.json": d.digest for d in db.scalars(select(Delivery))
            }
            assert deliveries.keys() == {f"{d.dcn}.r1.json" for d in documents}
        written = {p.name: digest_of(p.read_bytes()) for p in self.settings.outbox.glob("*.json")}
        assert written == deliveries


@pytest.fixture(scope="session")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    made = Street(tmp_path_factory.mktemp("s") / "data")
    yield made
    for child in made.running.values():
        child.send_signal(signal.SIGTERM)
    for child in made.running.values():
        child.wait(PATIENCE)
    made.kill()
    made.database.engine.dispose()
