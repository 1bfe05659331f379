"""Prompt-pay clocks: how many days are left to act on a claim, and what its waiting did to that."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import Field

from models.record import Record


class Clock(Record):
    """How a line of business counts.

    Attributes:
        days: calendar days; the day after receipt is the first.
        tolling: what waiting for the provider does to the clock: it `runs` on, `pauses`, or
            `restarts` in full on the day the answer comes.
        restart_days: days of the clock that restarts; None for `days`.
    """

    days: int = Field(ge=1)
    tolling: Literal["runs", "pauses", "restarts"] = "pauses"
    restart_days: int | None = Field(default=None, ge=1)


@dataclass(frozen=True, slots=True)
class Wait:
    """A time in which the provider was waited for; `end` is None while it is."""

    start: dt.date
    end: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """How a claim's clock stands.

    Attributes:
        due: the last day, as things stand today; None while the clock restarts with an answer.
        left: days from today to it; below zero when it is over; None as for `due`.
        stopped: the clock stands still today.
        waited: days that it stood still so far.
    """

    due: dt.date | None
    left: int | None
    stopped: bool
    waited: int


def deadline(clock: Clock, received: dt.date, waits: Sequence[Wait], today: dt.date) -> Deadline:
    """How a clock stands.

    Args:
        clock: of the line of business.
        received: the day the paper arrived.
        waits: times of waiting, in order, not overlapping.
        today: the day that is asked about.
    """
    open_now = bool(waits) and waits[-1].end is None
    days = [((each.end or today) - each.start).days for each in waits]
    if clock.tolling == "runs":
        return _until(received + dt.timedelta(days=clock.days), today)
    if clock.tolling == "pauses":
        waited = sum(max(0, each) for each in days)
        due = received + dt.timedelta(days=clock.days + waited)
        return _until(due, today, stopped=open_now, waited=waited)
    waited = sum(max(0, each) for each in days)
    if open_now:
        return Deadline(None, None, stopped=True, waited=waited)
    start, span = received, clock.days
    if waits and waits[-1].end is not None:
        start, span = waits[-1].end, clock.restart_days or clock.days
    return _until(start + dt.timedelta(days=span), today, waited=waited)


def _until(due: dt.date, today: dt.date, *, stopped: bool = False, waited: int = 0) -> Deadline:
    return Deadline(due, (due - today).days, stopped, waited)
