"""The watcher: files in the inbox become scans in the record.

Polling is the truth; file events only make it quicker. A file is taken by a rename into the work
folder, put into the store, entered in the record, and only then forgotten in the work folder:
killed anywhere in between, the next start carries on from what lies there.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from watchfiles import watch

from intake.folders import room
from intake.inbox import candidates
from intake.stability import Stability
from intake.taking import Taken, left, leftovers, quarantine, release, take
from ledger import scans, steps
from ledger.database import hold
from ledger.purging import STORED
from ledger.scans import Arrived, ScanState
from ledger.steps import Kind, Step
from ledger.store import StoreError
from models.errors import PaperclaimError
from service.context import MB, Context
from service.faults import point

log = logging.getLogger("paperclaim.watch")
#: seconds until file events are listened for again where they failed
_DEAF_S: Final = 1.0
#: what one file, one look may come to grief by, and the next one not
_TROUBLE: Final = (PaperclaimError, SQLAlchemyError, OSError)


def enter(context: Context, taken: Taken) -> bool:
    """A file in the work folder to the store and the record; whether its bytes are new.

    Raises:
        StoreError: the store can't take it; it stays where it is.
    """
    key = context.store.put_file(taken.path)
    point("watch.stored")
    arrived = Arrived(
        key=taken.key,
        sha256=key,
        size=taken.size,
        name=taken.name,
        tags=taken.tags,
        at=taken.arrived,
    )
    with context.database.begin() as db:
        hold(db, [STORED])
        scan, new = scans.enter(db, arrived)
        if new and not context.store.there(key):
            # a purge took away what was found to be there: it is entered at the next look
            raise StoreError("A file was taken away from the store.")
        if new:
            steps.need(db, Step(kind=Kind.OPEN, scan_id=scan.id))
        elif scan.state == ScanState.FAILED:
            # somebody drops it again because it failed: what was wrong may be mended
            for step in steps.failures(db, [scan.id]):
                steps.retry(db, step)
    if scan.state == ScanState.PURGED:
        # what was purged stays so, whoever brings it again
        context.store.remove(key)
    point("watch.entered")
    release(taken)
    point("watch.released")
    return new


def _code(error: Exception) -> str:
    """What is wrong, without the error's own text, which may name files."""
    return error.code if isinstance(error, PaperclaimError) else type(error).__name__


def _complain(what: str, error: Exception) -> None:
    log.warning("%s: %s", what, _code(error))


class Watcher:
    """Looks at the inbox again and again."""

    def __init__(self, context: Context, clock: Callable[[], float] = time.monotonic) -> None:
        self.context = context
        self.clock = clock
        self.full = False
        #: leftovers that could not be entered at the last look, and why
        self.stuck: dict[str, str] = {}
        settings = context.settings.watch
        self.stability = Stability(settings.quiet_seconds, settings.deadline_seconds)

    def recover(self) -> int:
        """Enter what was taken and not entered, by us or before a crash; how many files."""
        count = 0
        stuck: dict[str, str] = {}
        for key in leftovers(self.context.work):
            try:
                enter(self.context, left(key, self.context.work))
            except _TROUBLE as error:
                stuck[key] = _code(error)
                if self.stuck.get(key) != stuck[key]:
                    _complain("a file could not be entered yet", error)
            else:
                count += 1
        self.stuck = stuck
        return count

    def look(self) -> int:
        """One look at the inbox; how many files were taken."""
        settings = self.context.settings
        reserve = settings.watch.reserve_mb * MB
        if room(settings.inbox) < reserve or room(self.context.work) < reserve:
            if not self.full:
                log.error("disk.low: the inbox is left alone until there is room again")
            self.full = True
            return 0
        self.full = False
        self.recover()
        verdict = self.stability.observe(candidates(settings.inbox), self.clock())
        for candidate in verdict.refused:
            log.warning("inbox.refused: something stays in the inbox (%s)", candidate.refusal)
        count = 0
        for candidate in verdict.ready:
            try:
                taken = take(candidate, self.context.work)
                point("watch.taken")
                enter(self.context, taken)
            except _TROUBLE as error:
                _complain("a file was not taken", error)
                continue
            count += 1
        for candidate, reason in verdict.overdue:
            try:
                quarantine(candidate.path, settings.quarantine, "scan.not_whole", reason)
            except PaperclaimError as error:
                _complain("a file was not quarantined", error)
        return count

    def run(self, stop: threading.Event) -> None:
        """Watch until told to stop."""
        wake = threading.Event()
        listener = threading.Thread(target=self._listen, args=(stop, wake), daemon=True)
        listener.start()
        settings = self.context.settings.watch
        while not stop.is_set():
            taken = self._safely(self.look)
            # an event only shortens the wait; a file must be quiet for a while anyway
            pause = settings.poll_seconds
            if not taken and wake.wait(pause):
                wake.clear()
                stop.wait(min(pause, settings.quiet_seconds or 0.01))

    def _safely(self, act: Callable[[], int]) -> int:
        try:
            return act()
        except _TROUBLE as error:
            _complain("the inbox could not be looked at", error)
            return 0

    def _listen(self, stop: threading.Event, wake: threading.Event) -> None:
        """Wake whoever waits when something happens in the inbox, and when told to stop."""
        inbox = self.context.settings.inbox
        while not stop.is_set():
            try:
                for _ in watch(
                    inbox, stop_event=stop, rust_timeout=500, ignore_permission_denied=True
                ):
                    wake.set()
            except (OSError, RuntimeError):
                # the inbox is away, or an event is about a name that is no text: polling finds it,
                # and a traceback would tell the name
                log.info("no file events for now: polling only")
                wake.set()
                stop.wait(_DEAF_S)
        wake.set()
