"""A worker whose reader crashes, hangs or takes the process along lives on; people see the page."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from ledger.documents import Document
from ledger.scans import Scan, ScanState
from models.page import Form
from samples import faces
from samples.files import write
from samples.scan import make_scan
from samples.style import Style
from tests.crash.conftest import Street

pytestmark = pytest.mark.xdist_group("crash")

#: a worker as it is, with another first reader: what it does wrong stands in a file
_WORKER = """
import os, pathlib, signal, sys, threading
import worker
from extractors.readers import Readers, load

class Bad:
    name = "bad"
    def __init__(self, good):
        self.good = good
    def read(self, strips):
        match pathlib.Path(sys.argv[1]).read_text():
            case "crash": raise RuntimeError(strips[0].field)
            case "hang": threading.Event().wait()
            case "die": os.kill(os.getpid(), signal.SIGKILL)
        return self.good.read(strips)

def bad(error_rate=0.001, **how):
    readers = load(error_rate)
    return Readers(Bad(readers.first), readers.witness, error_rate)

done = worker.do

def do(step, attempt):
    # nobody waits for one that hangs, and the others have all the time of a slow machine
    hangs = pathlib.Path(sys.argv[1]).read_text() == "hang"
    worker._readers.first._patience = 1.0 if hangs else 300.0
    done(step, attempt)

worker.load, worker.do = bad, do
worker.main()
"""


class _Street(Street):
    """With one worker, whose reader does what it is told."""

    def __init__(self, data: Path) -> None:
        super().__init__(data, workers=1)
        self.env["PAPERCLAIM_WORK_ATTEMPTS"] = "2"
        self.habit = data.parent / "habit"

    def command(self, process: str) -> list[str]:
        if process != "work":
            return super().command(process)
        return [sys.executable, "-c", _WORKER, str(self.habit)]


@pytest.fixture
def street(tmp_path: Path) -> Iterator[_Street]:
    made = _Street(tmp_path / "data")
    yield made
    made.kill()
    made.database.engine.dispose()


def test_a_worker_survives_its_readers(street: _Street) -> None:
    font = next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)
    for number, habit in enumerate(("crash", "hang", "die", "read"), start=1):
        street.habit.write_text(habit)
        scanned = make_scan(Form.CMS1500, number, Style(font, "red", "office-200-colour"))
        street.take(write(scanned.sheets, street.settings.inbox / ".claim.tif"))
        street.until(street.settled)

    with street.database.begin() as db:
        scans = {scan.id: scan for scan in db.scalars(select(Scan)).all()}
        assert [s.state for s in scans.values()] == [
            ScanState.DONE, ScanState.DONE, ScanState.FAILED, ScanState.DONE,
        ]  # fmt: skip
        # who notices first, the parent or the one who looks for lost work, says so
        assert scans[3].error in {"worker.killed", "worker.lost"}
        documents = {d.scan_id: d for d in db.scalars(select(Document)).all()}
        told = {
            number: [facts["doubts"] for facts in json.loads(d.reading)["page_facts"]]
            for number, d in documents.items()
        }
        assert told == {1: [["reader.failed"]], 2: [["reader.silent"]], 4: [[]]}
        assert {documents[n].state for n in (1, 2)} == {"review"}
        assert json.loads(documents[4].reading)["fields"]
    assert street.deaths["work"] == 0
