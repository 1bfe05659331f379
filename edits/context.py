"""What the edits know beside the form: the day, how the pages lie, what came along, tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from edits.certainty import Emptiness
from edits.profile import Profile, packaged
from models.reading import PageFacts


def _today() -> dt.date:
    return dt.datetime.now(tz=dt.UTC).date()


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the fields. Everything may be left out; rules that need it don't run.

    Attributes:
        received: the day the paper arrived; None where nobody says: then today counts.
        today: the day the rules run.
        pages: how each page of the document lies, in order.
        empty: fields that a person saw to be empty.
        unsure: fields whose emptiness the reader doubts.
        attachments: kinds of what came with the claim; None where nobody knows.
        profile: of the payer.
    """

    received: dt.date | None = None
    today: dt.date = field(default_factory=_today)
    pages: Sequence[PageFacts] = ()
    empty: frozenset[str] = frozenset()
    unsure: frozenset[str] = frozenset()
    attachments: tuple[str, ...] | None = None
    profile: Profile = field(default_factory=packaged)

    @property
    def day(self) -> dt.date:
        """The day that counts: of receipt, else today."""
        return self.received or self.today

    def emptiness(self) -> Emptiness:
        """Of which fields it is certain that they are empty."""
        return Emptiness(self.pages, self.empty, self.unsure)

    def lacks(self, needs: Iterable[str]) -> list[str]:
        """Those of the resources that aren't there."""
        return [need for need in needs if not self._there(need)]

    def _there(self, need: str) -> bool:
        return need == "attachments" and self.attachments is not None
