"""Roles at the review desk, and what each may do: one table."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType


class Right(enum.StrEnum):
    """Something that not everybody may do.

    Attributes:
        LOOK: see the queue and claims.
        KEY: say what fields hold, finish, postpone, escalate.
        DECIDE: override a rule, ask the provider, return to the sender.
        STEER: take a claim from somebody, settle disputes, set priorities, work what was escalated.
        CHECK: sample accepted fields and say whether they are right.
        REPORT: the managers' page, and its figures as files.
        AUDIT: the audit trail.
        PEOPLE: accounts.
    """

    LOOK = "look"
    KEY = "key"
    DECIDE = "decide"
    STEER = "steer"
    CHECK = "check"
    REPORT = "report"
    AUDIT = "audit"
    PEOPLE = "people"


class Role(enum.StrEnum):
    """What somebody does at the review desk."""

    CLERK = "clerk"
    PROCESSOR = "processor"
    LEAD = "lead"
    QA = "qa"
    AUDITOR = "auditor"
    ADMIN = "admin"


_R = Right
_KEYING = frozenset({_R.LOOK, _R.KEY})
#: in a small house one person does everything: that is the admin
RIGHTS: Mapping[Role, frozenset[Right]] = MappingProxyType(
    {
        Role.CLERK: _KEYING,
        Role.PROCESSOR: _KEYING | {_R.DECIDE},
        Role.LEAD: _KEYING | {_R.DECIDE, _R.STEER, _R.REPORT},
        Role.QA: frozenset({_R.LOOK, _R.CHECK, _R.REPORT}),
        Role.AUDITOR: frozenset({_R.LOOK, _R.REPORT, _R.AUDIT}),
        Role.ADMIN: frozenset(Right),
    }
)
