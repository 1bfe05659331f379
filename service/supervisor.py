"""`paperclaim run`: everything up on one machine, kept up, and brought down cleanly.

Order: Redis, the database's tables, then the watcher, the relay, a worker per core and the
pages. A child that dies is started again, ever later if it keeps dying. Ctrl-C or SIGTERM ends
them all: workers finish the page they are at, or lose it to the next start.
"""

from __future__ import annotations

import functools
import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from config.settings import Settings
from models.errors import PaperclaimError
from service import queue, redis
from service.children import Child, adopt_orphans, end, end_orphans, spawn
from service.context import connect, prepare

log = logging.getLogger("paperclaim.run")
#: seconds between two looks at the children
_LOOK = 0.25
#: seconds: the first and the longest wait before a dead child is started again
_BACKOFF = (0.5, 30.0)
#: seconds that a child must live for its deaths to be forgotten
_HEALTHY = 60.0
#: seconds that children get to end by themselves
_PATIENCE = 12.0


@dataclass(slots=True)
class _Post:
    """A child that should be running."""

    name: str
    start: Callable[[], Child]
    child: Child
    started: float
    wait: float = _BACKOFF[0]
    due: float | None = None


def _command(name: str) -> list[str]:
    return [sys.executable, "-m", "paperclaim", name]


class Supervisor:
    """Everything that `paperclaim run` runs."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stop = threading.Event()
        self._posts: list[_Post] = []
        self._once: list[Child] = []

    def start(self) -> None:
        """Bring everything up.

        Raises:
            PaperclaimError: something can't start; what did is ended again.
        """
        for asked in (signal.SIGINT, signal.SIGTERM):
            signal.signal(asked, lambda *_: self.stop.set())
        prepare(self.settings)
        # its children would only die of a URL that is none, again and again
        queue.connect(self.settings.redis_url).close()
        adopt_orphans()
        try:
            if self.settings.embedded_redis:
                self._post("redis", functools.partial(redis.start, self.settings.redis_socket))
            connect(self.settings, migrate=True).database.engine.dispose()
            for name in ("watch", "relay", "web"):
                self._post(name, functools.partial(spawn, name, _command(name)))
            for number in range(1, self.settings.workers + 1):
                self._post(f"worker {number}", functools.partial(spawn, "work", _command("work")))
        except BaseException:
            self.end()
            raise

    def _post(self, name: str, start: Callable[[], Child]) -> None:
        self._posts.append(_Post(name, start, start(), time.monotonic()))

    def once(self, name: str) -> None:
        """Start a command that ends by itself, and with us if it has not."""
        self._once.append(spawn(name, _command(name)))

    def keep(self) -> None:
        """Keep everything up until told to stop."""
        while not self.stop.wait(_LOOK):
            for post in self._posts:
                self._look_after(post)
            # work horses of a worker that was killed: its lease is given to another
            busy = [child for child in self._once if child.process.poll() is None]
            end_orphans([c.process.pid for c in (*(p.child for p in self._posts), *busy)])

    def _look_after(self, post: _Post) -> None:
        at = time.monotonic()
        code = post.child.process.poll()
        if code is None:
            return
        if post.due is None:
            if at - post.started > _HEALTHY:
                post.wait = _BACKOFF[0]
            log.warning("%s ended (%d); again in %.1f s", post.name, code, post.wait)
            post.due = at + post.wait
            post.wait = min(2 * post.wait, _BACKOFF[1])
        if at < post.due:
            return
        try:
            post.child = post.start()
        except (PaperclaimError, OSError) as error:
            what = error.code if isinstance(error, PaperclaimError) else error.strerror
            log.warning("%s does not start: %s", post.name, what)
            post.due = time.monotonic() + post.wait
            post.wait = min(2 * post.wait, _BACKOFF[1])
        else:
            post.due = None
            post.started = time.monotonic()

    def end(self) -> None:
        """Bring everything down: Redis last, since the others speak to it until they end."""
        rest = [*self._once, *(p.child for p in self._posts if p.name != "redis")]
        for name in end(rest, _PATIENCE):
            log.warning("%s did not end and was killed", name)
        end([p.child for p in self._posts if p.name == "redis"], _PATIENCE)
        end_orphans(())
