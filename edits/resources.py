"""What may be known beside a claim: members, providers, claims of before, what was asked.

Rosters come from files (`edits.rosters`), history from the ledger; rules only see these.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is covered.

    Attributes:
        covered: first and last days of coverage; empty where the roster doesn't say.
        died: the day, where the roster has it.
    """

    id: str
    last: str
    first: str
    birth_date: dt.date | None = None
    sex: str | None = None
    covered: tuple[tuple[dt.date, dt.date], ...] = ()
    died: dt.date | None = None


@dataclass(frozen=True, slots=True)
class KnownProvider:
    """A provider of the roster.

    Attributes:
        organisation: a group or facility, whose services somebody in particular gives.
        may_order: may order and refer.
        email: where notices of letters may go; empty where the roster doesn't say.
    """

    npi: str
    name: str
    tax_id: str | None = None
    organisation: bool = False
    may_order: bool = True
    email: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A member that a claim may be about.

    Attributes:
        exact: ID, name and birth date are as the roster has them.
        differs: which of `id`, `name`, `birth_date` are not.
        one_character: what differs does so by a single character, as a misreading does.
    """

    member: Member
    differs: tuple[str, ...] = ()
    one_character: bool = False

    @property
    def exact(self) -> bool:
        """Nothing differs."""
        return not self.differs


class MemberRoster(Protocol):
    """Who is a member."""

    @property
    def has_coverage(self) -> bool:
        """Whether the roster says when members are covered."""

    def by_id(self, member_id: str) -> list[Member]:
        """Members with exactly this ID (a family may share one)."""

    def match(self, member_id: str, name: str, birth_date: dt.date | None) -> Match | None:
        """The member whom ID, name and birth date tell best; None where nobody fits two."""


class ProviderRoster(Protocol):
    """Which providers are known."""

    def find(self, npi: str) -> KnownProvider | None:
        """The provider of that NPI."""


class History(Protocol):
    """Claims that came before."""

    def has(self, number: str) -> bool:
        """Whether a claim has this control number, our own or a former system's."""

    def same(self, fingerprint: str) -> str | None:
        """The number of a claim with this fingerprint (`edits.duplicates`), None without one."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the provider was asked for.

    Attributes:
        due: the last day for an answer.
        answer: None while there is none; `right`, `wrong` or `unreadable`.
    """

    due: dt.date
    answer: str | None = None
