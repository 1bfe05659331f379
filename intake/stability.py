"""When a file in the inbox may be taken: it is quiet, and it is whole.

Quiet alone is not enough: scanners pause between pages, and network shares flush late. Whole alone
is not enough either: a TIFF is whole after each page that is appended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from intake.inbox import Candidate, Refusal
from intake.whole import why_not_whole

#: times its last wait until an unchanged file that is not whole is looked at again, and seconds at
#: most: some shares change a file without changing its time
_BACK_OFF: Final = 2.0
_LOOK_AGAIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a look at the inbox came to.

    Attributes:
        ready: files to take.
        overdue: files that did not become whole in time, with the reason.
        waiting: files that are still coming in.
        refused: what is never taken, and was not there, or not so, at the last look.
    """

    ready: tuple[Candidate, ...] = ()
    overdue: tuple[tuple[Candidate, str], ...] = ()
    waiting: tuple[Candidate, ...] = ()
    refused: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class _Watched:
    """What is known of one file."""

    seen: tuple[int, int, int]
    changed: float
    reason: str | None = None
    look_at: float = 0.0
    wait: float = 0.0


@dataclass(slots=True)
class Stability:
    """Follows the files of an inbox from look to look.

    Attributes:
        quiet_s: seconds for which size, time and inode must stay the same.
        deadline_s: seconds after its last change when a file that is not whole goes to quarantine.
        why_not: tells whether a file is whole.
    """

    quiet_s: float
    deadline_s: float
    why_not: Callable[[Path], str | None] = why_not_whole
    _watched: dict[Path, _Watched] = field(default_factory=dict)
    _refused: frozenset[tuple[Path, Refusal | None]] = frozenset()

    def observe(self, found: Iterable[Candidate], now: float) -> Verdict:
        """Take in one look at the inbox, made at `now` on a monotonic clock.

        Whatever `found` no longer has is forgotten. Files that lie there at the start are
        treated like any other.
        """
        ready: list[Candidate] = []
        overdue: list[tuple[Candidate, str]] = []
        waiting: list[Candidate] = []
        refused: list[Candidate] = []
        watched, self._watched = self._watched, {}
        for one in found:
            if one.refusal is not None:
                refused.append(one)
                continue
            signature = (one.size, one.mtime_ns, one.inode)
            known = watched.get(one.path)
            if known is None or known.seen != signature:
                known = _Watched(signature, now, wait=self.quiet_s, look_at=now + self.quiet_s)
            self._watched[one.path] = known
            if now < known.look_at:
                waiting.append(one)
                continue
            known.reason = self.why_not(one.path)
            if known.reason is None:
                ready.append(one)
            elif now - known.changed >= self.deadline_s:
                overdue.append((one, known.reason))
            else:
                waiting.append(one)
            known.wait = min(max(known.wait, 1.0) * _BACK_OFF, _LOOK_AGAIN_S)
            # A file that could not be taken is offered again; the deadline is never slept over.
            known.look_at = min(now + known.wait, max(known.changed + self.deadline_s, now))
        before, self._refused = self._refused, frozenset((o.path, o.refusal) for o in refused)
        new = tuple(one for one in refused if (one.path, one.refusal) not in before)
        return Verdict(tuple(ready), tuple(overdue), tuple(waiting), new)
