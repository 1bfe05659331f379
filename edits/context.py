"""What the edits know beside the form: the day, how the pages lie, what came along, tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from codes.tables import Table, Tables
from edits.certainty import Emptiness
from edits.profile import Profile, packaged
from edits.resources import History, MemberRoster, ProviderRoster, Request
from models.reading import Batch, DocumentReading, PageFacts


def _today() -> dt.date:
    """The day here, as days of receipt and of answers are counted."""
    return dt.datetime.now().astimezone().date()


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the fields. Everything may be left out; rules that need it don't run.

    Attributes:
        received: the day the paper arrived; None where nobody says: then today counts.
        today: the day the rules run, here.
        pages: how each page of the document lies, in order.
        empty: fields that a person saw to be empty.
        copies: pages of the document that are copies without red; None where nobody looked.
        attachments: kinds of what came with the claim; None where nobody knows.
        papers: what came with the claim, as read; None where nobody knows.
        labels: of an attachment: labels of what it says; None where nobody knows.
        profile: of the payer.
        tables: code lists that the client brought.
        members: the member roster.
        providers: the provider roster.
        history: claims of before.
        batch: what the claim was scanned with.
        request: what the provider was asked for.
    """

    received: dt.date | None = None
    today: dt.date = field(default_factory=_today)
    pages: Sequence[PageFacts] = ()
    empty: frozenset[str] = frozenset()
    copies: tuple[int, ...] | None = None
    attachments: tuple[str, ...] | None = None
    papers: Sequence[DocumentReading] | None = None
    labels: tuple[str, ...] | None = None
    profile: Profile = field(default_factory=packaged)
    tables: Tables | None = None
    members: MemberRoster | None = None
    providers: ProviderRoster | None = None
    history: History | None = None
    batch: Batch | None = None
    request: Request | None = None

    @property
    def day(self) -> dt.date:
        """The day that counts: of receipt, else today."""
        return self.received or self.today

    def emptiness(self) -> Emptiness:
        """Of which fields it is certain that they are empty."""
        return Emptiness(self.pages, self.empty)

    def table(self, name: str) -> Table:
        """A code list; one that is not loaded has nothing and lacks nothing."""
        return self.tables.table(name) if self.tables else Table(name)

    def policy(self, procedure: str, aspect: str) -> Any:
        """What the profile says of a procedure in one respect, None where it says nothing."""
        return self.profile.policy(procedure, aspect) if procedure else None

    def lacks(self, needs: Iterable[str]) -> list[str]:
        """Those of the resources that aren't there.

        A resource is the name of an attribute; `table:NAME`, a code list; `policy:ASPECT`,
        something that the profile says of procedures; `option:NAME`, an option of the profile;
        `coverage`, a member roster that says when members are covered; `counted`, a batch whose
        pages were counted.
        """
        return [need for need in needs if not self._there(need)]

    def _there(self, need: str) -> bool:
        kind, _, name = need.partition(":")
        if kind == "table":
            return self.table(name).loaded
        if kind == "policy":
            return self.profile.tells(name)
        if kind == "option":
            return bool(getattr(self.profile.options, name))
        if kind == "coverage":
            return self.members is not None and self.members.has_coverage
        if kind == "counted":
            return self.batch is not None and self.batch.counted is not None
        return getattr(self, kind) is not None
