"""How people get on: claims, seconds and keys, for themselves and for their lead; from the trail.

A claim's time is from when somebody opened it last to when they finished it. One that took longer
than half an hour lay open while they were away, and tells nothing.
"""

from __future__ import annotations

import datetime as dt
import re
import statistics
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from ledger.audit import AuditEntry

#: seconds
_AWAY: Final = 1800.0
_KEYS: Final = re.compile(r"(\d+) keys")


@dataclass(slots=True)
class Pace:
    """What somebody finished.

    Attributes:
        claims: how many.
        seconds: of each that was worked through at one go.
        keys: keystrokes of each of which they are known.
    """

    claims: int = 0
    seconds: list[float] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds a claim, 0 where none is known."""
        return round(statistics.median(self.seconds), 1) if self.seconds else 0.0

    @property
    def hourly(self) -> float:
        """Claims in an hour of work on claims."""
        return round(3600 * len(self.seconds) / sum(self.seconds), 1) if sum(self.seconds) else 0.0

    @property
    def keys_each(self) -> float:
        """Keystrokes a claim."""
        return round(statistics.mean(self.keys), 1) if self.keys else 0.0


def pace(db: Session, since: dt.datetime, user: str = "") -> dict[str, Pace]:
    """How each person got on since then, or one of them."""
    query = select(
        AuditEntry.actor, AuditEntry.action, AuditEntry.dcn, AuditEntry.at, AuditEntry.detail
    ).where(AuditEntry.at >= since, AuditEntry.action.in_(("opened", "finished")))
    if user:
        query = query.where(AuditEntry.actor == user)
    opened: dict[tuple[str, str], dt.datetime] = {}
    found: dict[str, Pace] = defaultdict(Pace)
    for actor, action, dcn, at, detail in db.execute(query.order_by(AuditEntry.id)):
        if action == "opened":
            opened[actor, dcn] = at
            continue
        mine = found[actor]
        mine.claims += 1
        begun = opened.pop((actor, dcn), None)
        if begun is not None and (took := (at - begun).total_seconds()) < _AWAY:
            mine.seconds.append(took)
        if keys := _KEYS.fullmatch(detail):
            mine.keys.append(int(keys[1]))
    return dict(found)
