"""The web server's application: the pages of the review desk, and the API under `/v1`."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import AsyncIterator
from http import HTTPStatus
from importlib import resources
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Scope

from config.settings import Settings
from delivery import api
from ledger import database as databases
from ledger import scans
from ledger import store as stores
from ledger.documents import Document
from ledger.knowledge import Knowledge
from ledger.store import StoreDamagedError
from models.errors import PaperclaimError
from review import aside, claim, groups, letters, managers, oidc, people, quality, queue, sign_in
from review.accounts import Accounts
from review.cases import Cases
from review.leases import Leases
from review.security import ForgedError, Guard
from review.shelf import Shelf
from review.summary import keep_refreshing
from review.web import BodyError, RoleError, page, problem


def create(settings: Settings) -> ASGIApp:
    """The application over the ledger that the settings name.

    Raises:
        DatabaseError: the database can't be opened.
        FolderError: the store's folder is not there.
    """
    database = databases.open(settings.database_url)
    database.know(Knowledge(settings.under_data(Path())))
    store = stores.open(settings)

    def page_file(dcn: str, number: int) -> bytes | None:
        """A page's image, for the API."""
        with database.read() as db:
            document = db.get(Document, dcn)
            found = db.get(scans.Page, (document.scan_id, number)) if document else None
        if found is None:
            return None
        with contextlib.suppress(StoreDamagedError):
            return store.get(found.image)
        return None

    @contextlib.asynccontextmanager
    async def life(_app: Starlette) -> AsyncIterator[None]:
        stop = threading.Event()
        refresher = threading.Thread(
            target=keep_refreshing, args=(database, stop, settings.quality.sample)
        )
        refresher.start()
        yield
        stop.set()
        await run_in_threadpool(refresher.join)
        database.engine.dispose()

    app = Starlette(
        routes=[
            *queue.ROUTES,
            *claim.ROUTES,
            *aside.ROUTES,
            *groups.ROUTES,
            *letters.ROUTES,
            *managers.ROUTES,
            *oidc.ROUTES,
            *people.ROUTES,
            *quality.ROUTES,
            *sign_in.ROUTES,
            Mount("/static", _Static(directory=str(resources.files("review") / "static"))),
            Mount("/v1", api.create(database.readers, page_file)),
        ],
        middleware=[
            Middleware(TrustedHostMiddleware, allowed_hosts=_hosts(settings), www_redirect=False)
        ],
        exception_handlers={PaperclaimError: _ours, HTTPException: _http, Exception: _anything},
        lifespan=life,
    )
    app.state.accounts = Accounts(database, idle=dt.timedelta(minutes=settings.web.idle_minutes))
    app.state.database = database
    app.state.settings = settings
    grace = dt.timedelta(seconds=settings.web.grace_seconds)
    app.state.cases = Cases(database, store, settings.quality, grace)
    app.state.shelf = Shelf(database)
    app.state.leases = Leases(database)
    return Guard(app)


def first_admin(settings: Settings) -> str | None:
    """Make the admin where there is nobody; their one-time password, to be printed once."""
    database = databases.open(settings.database_url)
    try:
        return Accounts(database, idle=dt.timedelta()).first_admin()
    finally:
        database.engine.dispose()


class _Static(StaticFiles):
    """Our own files may be kept by the browser, asked after each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def _hosts(settings: Settings) -> list[str]:
    """Names that a browser may call us by: another site can't point its own name at us."""
    return ["127.0.0.1", "localhost", "[::1]", settings.web.name, *settings.web.names]


def _wants_json(request: Request) -> bool:
    return request.headers.get("content-type", "").startswith("application/json")


def _told(request: Request, status: HTTPStatus, code: str, detail: str) -> Response:
    if _wants_json(request):
        return problem(status, code, detail)
    heading = "Not here" if status == HTTPStatus.NOT_FOUND else "That did not work"
    return page("problem.html", status, heading=heading, message=detail, code=code)


async def _ours(request: Request, error: Exception) -> Response:
    """One of our own errors."""
    assert isinstance(error, PaperclaimError)  # noqa: S101 - how it is registered
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(error, ForgedError | RoleError):
        status = HTTPStatus.FORBIDDEN
    elif isinstance(error, BodyError):
        status = HTTPStatus.BAD_REQUEST
    return _told(request, status, error.code, f"{error.message} {error.advice}")


async def _http(request: Request, error: Exception) -> Response:
    """No such page, no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - how it is registered
    status = HTTPStatus(error.status_code)
    return _told(request, status, f"http.{status.value}", f"{status.phrase}.")


async def _anything(request: Request, _error: Exception) -> Response:
    """A bug; `Guard` logs where."""
    return _told(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "paperclaim", "Something broke. Try again."
    )
