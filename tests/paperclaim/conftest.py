"""The command line as people call it: a process, with a data folder of its own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from ledger import database as databases
from ledger import scans, steps
from ledger.database import Database
from ledger.scans import Arrived
from ledger.steps import Kind, Step, Ticket

PROGRAM = Path(sys.executable).with_name("paperclaim")

#: of a file whose scan failed
NAME = "doe-jane-claim.pdf"

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The environment of a command: nothing set but the data folder."""
    clean = {name: value for name, value in os.environ.items() if "PAPERCLAIM" not in name}
    return {**clean, "PAPERCLAIM_DATA": str(tmp_path / "data")}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """The record of the data folder, as a first start makes it."""
    made = databases.open(Settings(data=tmp_path / "data").database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def failed(database: Database) -> int:
    """A scan whose opening was given up."""
    at = dt.datetime(2026, 11, 23, 9, tzinfo=dt.UTC)
    arrived = Arrived(key="k", sha256="0" * 64, size=9, name=NAME, tags=("acme",), at=at)
    with database.begin() as db:
        scan, _ = scans.enter(db, arrived)
        step = steps.need(db, Step(kind=Kind.OPEN, scan_id=scan.id))
        ticket = Ticket(step.id, step.attempt)
        steps.begin(db, ticket, dt.timedelta(minutes=1))
        steps.fail(db, ticket, "pdf.encrypted")
        return scan.id


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    """Call `paperclaim` with arguments; variables may be set by name."""

    def call(*arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [PROGRAM, *map(str, arguments)],
            cwd=tmp_path,
            env={**environment, **variables},
            capture_output=True,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=300,
            check=False,
        )

    return call
