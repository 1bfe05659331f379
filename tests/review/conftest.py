"""A ledger with a claim that was really drawn, scanned, taken in and read."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from config.settings import Settings
from extractors import readers
from extractors.readers import Readers
from ledger import scans, steps
from ledger.database import now
from models.page import Form
from samples import faces
from samples.files import write
from samples.scan import make_scan
from samples.style import Style
from service import context as contexts
from service import steps as work
from service.context import Context


@pytest.fixture(scope="session")
def loaded() -> Readers:
    """Readers whose dial is set so strictly that something is in doubt, however good they get."""
    return readers.load(error_rate=1e-4)


WorkOff = Callable[[Context], None]


@pytest.fixture(scope="session")
def work_off(loaded: Readers) -> WorkOff:
    """Do all that is to be done, as a worker does it."""

    def until_done(context: Context) -> None:
        while True:
            with context.database.begin() as db:
                told = steps.notices(db, 1)
                for notice, _ in told:
                    steps.told(db, notice)
            if not told:
                return
            assert work.run(context, told[0][1], loaded) == "done"

    return until_done


@pytest.fixture(scope="session")
def desk_data(tmp_path_factory: pytest.TempPathFactory, work_off: WorkOff) -> Path:
    """The data folder of an installation with one CMS-1500 in review."""
    data = tmp_path_factory.mktemp("desk") / "data"
    settings = Settings(data=data)
    contexts.prepare(settings)
    context = contexts.connect(settings, migrate=True)
    font = next(iter(faces.installed(("liberation-mono", "dejavu-mono"))), faces.BUILT_IN)
    style = Style(font, "red", "office-200-colour", points=10)
    yesterday = now().date() - dt.timedelta(days=1)
    sheets = make_scan(Form.CMS1500, 11, style, today=yesterday, faults=("bad_npi",)).sheets
    scan = write(sheets, data / "scan.tif")
    with context.database.begin() as db:
        entered, _ = scans.enter(
            db,
            scans.Arrived(
                key="1",
                sha256=context.store.put_file(scan),
                size=scan.stat().st_size,
                name=scan.name,
                tags=("north",),
                at=now(),
            ),
        )
        steps.need(db, steps.Step(kind=steps.Kind.OPEN, scan_id=entered.id))
    work_off(context)
    context.database.engine.dispose()
    return data


@pytest.fixture
def context(desk_data: Path, tmp_path: Path) -> Iterator[Context]:
    """The installation, a copy for each test."""
    data = tmp_path / "data"
    shutil.copytree(desk_data, data)
    made = contexts.connect(Settings(data=data), migrate=True)
    yield made
    made.database.engine.dispose()
