"""How many people a field needs: one, the machine and one, two who don't see each other, a referee.

A policy says what settles a field that is in doubt:

    single    one person
    agree     one person who says what the machine read; else a second one, blind
    double    two people, blind, who say the same; else a third
    referee   the same, and the third is a lead

Blind means that neither the reading nor what others keyed is shown. Double entry finds most
mistakes where the second person can't make their entry match the first; a third person looks at
the paper, not at the two entries.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from config.settings import Quality
from delivery.answers import value_of
from delivery.places import base
from ledger.answers import WITHDRAWN
from ledger.quality import Entry
from models.page import Form
from models.reading import FieldReading

#: with so many entries the last one decides
_THIRD: Final = 3


class Policy(enum.StrEnum):
    """What settles a field that is in doubt."""

    SINGLE = "single"
    AGREE = "agree"
    DOUBLE = "double"
    REFEREE = "referee"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a field stands that several people key.

    Attributes:
        settled: the entry that counts; None before one does.
        disputed: two entries say two things.
    """

    settled: Entry | None
    disputed: bool


def policy_of(quality: Quality, field: str) -> Policy:
    """The policy of a field; of several that fit, the strictest."""
    name = base(field)
    for policy, patterns in (
        (Policy.REFEREE, quality.referee),
        (Policy.DOUBLE, quality.double),
        (Policy.AGREE, quality.agree),
    ):
        if any(fnmatchcase(name, pattern) for pattern in patterns):
            return policy
    return Policy.SINGLE


def same(form: Form, field: str, one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two entries (action, text) say the same: by their normal form, where there is one."""

    def meaning(said: tuple[str, str]) -> tuple[str, str]:
        action, text = said
        if action == "said" and not text.strip():
            return "not_present", ""
        plain = " ".join(text.upper().split())
        return action, (value_of(form, field, plain) or plain) if action == "said" else ""

    return meaning(one) == meaning(other)


def verdict(
    policy: Policy, form: Form, field: str, read: FieldReading | None, keyed: Sequence[Entry]
) -> Verdict:
    """Whether what was keyed settles a field.

    Args:
        policy: of the field.
        form: of the document.
        field: its id.
        read: what the machine read.
        keyed: each person's last entry, in order.
    """
    valid = [entry for entry in keyed if entry.action != WITHDRAWN]
    pairs = [(entry.action, entry.text) for entry in valid]
    machine = ("said", (read.value if read.source == "mark" else read.text) or "") if read else None
    for number, pair in enumerate(pairs):
        agrees = any(same(form, field, pair, earlier) for earlier in pairs[:number])
        if policy is Policy.AGREE and machine is not None:
            agrees = agrees or same(form, field, pair, machine)
        if policy is Policy.SINGLE or agrees or number + 1 == _THIRD:
            return Verdict(valid[number], disputed=False)
    least = 1 if policy is Policy.AGREE else 2
    return Verdict(None, disputed=len(valid) >= least and bool(valid))
