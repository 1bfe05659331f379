"""When a request's letters are due, and what each of them says about what comes after."""

from __future__ import annotations

import datetime as dt
from typing import Final

from edits.profile import LetterPolicy
from ledger.requests import Stage
from letters.reference import long_day
from models.request import RequestState

_CLOSING: Final = {
    "returned": "we return the claim to you unprocessed",
    "rejected": "we reject the claim",
    "review": "we decide with what we have",
}
#: state of a request -> the letter that comes next
_NEXT: Final = {
    RequestState.SENT: (Stage.REMINDER, Stage.SECOND),
    RequestState.REMINDED: (Stage.SECOND,),
    RequestState.URGED: (),
}


def due(policy: LetterPolicy, first: dt.date, stage: Stage, today: dt.date) -> dt.date:
    """Until when a letter asks for an answer.

    Args:
        policy: of the profile.
        first: the day of the first letter.
        stage: which letter.
        today: its own day.
    """
    if stage is Stage.SECOND:
        return today + dt.timedelta(days=policy.second_due_days)
    return first + dt.timedelta(days=policy.due_days)


def following(policy: LetterPolicy, state: RequestState) -> tuple[Stage | None, int] | None:
    """What comes next for an open request: a letter, or closing (None), and on which day.

    Returns:
        The stage and the days after the first letter; None where nothing comes.
    """
    days = {Stage.REMINDER: policy.reminder_days, Stage.SECOND: policy.second_days}
    for stage in _NEXT[state]:
        if days[stage]:
            return stage, days[stage]
    return (None, policy.close_days) if policy.close_days else None


def next_on(policy: LetterPolicy, state: RequestState, first: dt.date) -> dt.date | None:
    """The day of what comes next; None where nothing does."""
    found = following(policy, state)
    return first + dt.timedelta(days=found[1]) if found else None


def closing(policy: LetterPolicy, due_on: dt.date) -> str:
    """What happens without an answer, a sentence; empty where nothing does."""
    if not policy.close_days:
        return ""
    return f"If we hear nothing by {long_day(due_on)}, {_CLOSING[policy.close]}."
