"""A ledger with a claim that was really drawn, scanned, taken in and read."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

from config.settings import Settings
from extractors import readers
from extractors.readers import Readers
from ledger import documents, scans, steps
from ledger.database import now
from models.page import Form
from models.reading import DocumentReading
from models.role import Role
from models.state import State
from review.accounts import Accounts
from review.app import first_admin
from samples import faces
from samples.files import write
from samples.scan import make_scan
from samples.style import Style
from service import context as contexts
from service import steps as work
from service.context import Context
from tests.ledger.conftest import cluster, record, url
from tests.review.browsing import OWN, serving, window

#: databases of both kinds, as for the record itself
__all__ = ["cluster", "record", "url"]
#: claims laid on the desk beside the one that was read
TESTS = 20


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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    program = shutil.which("chromium-headless-shell")
    assert program is not None, "apt-get install chromium-headless-shell"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def desk(desk_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """An installation in which the claim that was read lies on the desk once for each test."""
    data = tmp_path_factory.mktemp("browser") / "data"
    shutil.copytree(desk_data, data)
    made = contexts.connect(Settings(data=data), migrate=True)
    with made.database.begin() as db:
        (read,) = documents.waiting(db, State.REVIEW, 2)
        (page,) = scans.pages(db, read.scan_id)
        found = documents.Found(DocumentReading.model_validate_json(read.reading))
        for number in range(TESTS):
            arrived = scans.Arrived(f"copy-{number}", f"{number:064}", 1, "scan.tif", (), now())
            scan, _ = scans.enter(db, arrived)
            db.add(
                scans.Page(
                    scan_id=scan.id,
                    number=1,
                    image=page.image,
                    media=page.media,
                    dpi=page.dpi,
                    words=[],
                )
            )
            (document,) = documents.create(db, scan, [found])
            documents.move(db, document, State.READING)
            documents.move(db, document, State.REVIEW)
    yield made
    made.database.engine.dispose()


@pytest.fixture(scope="module")
def site(desk: Context) -> Iterator[str]:
    """`paperclaim web` on that installation."""
    with serving(desk) as url:
        yield url


@pytest.fixture(scope="module")
def signed_in(browser: Browser, site: str, desk: Context) -> StorageState:
    """The cookies of the admin, who signed in for the first time, by key."""
    password = first_admin(desk.settings)
    assert password is not None
    with window(browser, site) as page:
        page.goto("/")
        # the browser gives the focus when it first paints, which may be after the page is loaded
        expect(page.locator("#name")).to_be_focused()
        page.keyboard.type("admin")
        page.keyboard.press("Tab")
        page.keyboard.type(password)
        page.keyboard.press("Enter")
        page.wait_for_url("**/password")
        expect(page.locator("#password")).to_be_focused()
        page.keyboard.type(OWN)
        page.keyboard.press("Tab")
        page.keyboard.type(OWN)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="To review")).to_be_visible()
        return page.context.storage_state()


@pytest.fixture(scope="module")
def cookie_of(desk: Context, signed_in: StorageState) -> Callable[[str], str]:
    """The session cookie of somebody of a role, who is made where there is nobody."""
    del signed_in  # the admin is there first
    who = Accounts(desk.database, idle=dt.timedelta(hours=1))

    def of(name: str, role: Role) -> str:
        if all(user.name != name for user in who.everybody()):
            who.add(name, role, by="admin")
            who.change_password(name, OWN, OWN)
        return who.sign_in(name, OWN)

    return lambda role: of(f"{role}-one" if "-" not in role else role, Role(role.split("-")[0]))


@pytest.fixture
def as_role(
    browser: Browser, site: str, cookie_of: Callable[[str], str]
) -> Iterator[Callable[..., Page]]:
    """A window of somebody of a role: `clerk`, or `clerk-two` for another one."""
    with contextlib.ExitStack() as windows:

        def opened(role: str, url: str = "") -> Page:
            at = url or site
            page = windows.enter_context(window(browser, at))
            page.context.add_cookies(
                [{"name": "paperclaim_session", "value": cookie_of(role), "url": at}]
            )
            return page

        yield opened


@pytest.fixture
def page(browser: Browser, site: str, signed_in: StorageState) -> Iterator[Page]:
    """The queue, open."""
    with window(browser, site, signed_in) as opened:
        opened.goto("/")
        yield opened


@pytest.fixture(scope="module")
def untouched(desk: Context) -> Iterator[str]:
    """Control numbers, the youngest first: the queue begins at the other end."""
    with desk.database.begin() as db:
        waiting = documents.waiting(db, State.REVIEW, 1 + TESTS)
    return reversed([document.dcn for document in waiting])


@pytest.fixture
def claim(page: Page, untouched: Iterator[str]) -> Page:
    """A claim that no other test has touched."""
    page.goto(f"/claims/{next(untouched)}")
    page.wait_for_selector("html[data-ready]")
    return page
