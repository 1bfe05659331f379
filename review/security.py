"""What every answer of the pages carries, and what every request must bring."""

from __future__ import annotations

import hmac
import logging
import time
import traceback
from pathlib import Path

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from models.errors import PaperclaimError

log = logging.getLogger("paperclaim.web")

#: nothing from elsewhere, nothing inline, no frames
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class ForgedError(PaperclaimError):
    """A request was not made by one of our own pages."""

    code = "web.forged"
    remedy = "Open the page again and repeat what you did."


class Guard:
    """Headers, refusal of other sites' requests, and an access log without content.

    The log has the path, which holds nothing but control numbers and field ids, and never the
    query, a body or a cookie.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        path = scope["path"]
        try:
            await self._app(scope, receive, dressed)
        except Exception as error:  # noqa: BLE001 - the answer is sent; a server would log its text
            log.error("%s at %s", type(error).__name__, _where(error))  # noqa: TRY400 - same
        finally:
            took = 1000 * (time.perf_counter() - started)
            log.info("%s %s %d %.0f ms", scope["method"], path, status, took)


def _where(error: Exception) -> str:
    """Where an error arose, without its text, which may hold what was read."""
    frames = traceback.extract_tb(error.__traceback__)[-4:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)


def check_origin(request: HTTPConnection) -> None:
    """Refuse what another site's page sends; browsers say so themselves.

    Raises:
        ForgedError: it came from elsewhere.
    """
    if request.scope["method"] in _SAFE:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in {"same-origin", "none"}:
        raise ForgedError("The request came from another site.")
    origin = request.headers.get("origin")
    if site is None and origin is not None and origin != _own_origin(request):
        raise ForgedError("The request came from another site.")


def check_token(said: str | None, expected: str) -> None:
    """Compare an anti-forgery token in constant time.

    Raises:
        ForgedError: it is missing or wrong.
    """
    if not hmac.compare_digest((said or "").encode(), expected.encode()):
        raise ForgedError("The page is out of date.")


def _own_origin(request: HTTPConnection) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"
