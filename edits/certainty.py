"""Capture or provider: what is certain, and whom a finding may be laid at.

Three things can be known of a field, and each is certain or in doubt:

    printed, accepted, no doubt noted    certain
    printed, a person confirmed it       certain
    printed, not accepted                in doubt
    printed, accepted, a doubt noted     in doubt: fields that break a rule are misread more often
                                         than others, so here the odds of acceptance don't hold
    nothing printed, place looked at     certain: the page lies and reads well (most of what it
                                         prints is certain), no ink there or beside it whose place
                                         is unsure; or a person saw that it is empty
    nothing printed, place unsure        in doubt

A finding is the provider's only where everything that was weighed for it is certain. It then
can't depend on anything in doubt: however the doubtful fields turn out, it stays. All other
findings are doubts of the capture; they never reach a provider, and name the fields whose doubt
made them so. When a person settles those the rules run again, and what still fires becomes the
provider's.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from forms.layout import layout
from models.page import CUT, PALE, BoxIn, Form
from models.reading import FieldReading, PageFacts

#: of a page's registration: below it, a field may lie where nobody looked
SURE_QUALITY: Final = 0.5
#: share of a page's fields that are certain: below it print may have been missed altogether. As
#: people settle fields it rises
SURE_SHARE: Final = 0.75
#: inches between two fields whose print may stray into each other
NEAR: Final = 0.12
#: doubts of a field that tell of print which may belong next door
STRAY: Final = frozenset({"kind.shape", "ink.cut"})
#: a person says that print is there which nobody can read
ILLEGIBLE: Final = "illegible"


def printed_for_sure(reading: FieldReading) -> bool:
    """Whether what a field holds is beyond doubt."""
    return reading.source == "person" or (reading.accepted and not reading.doubts)


def illegible(reading: FieldReading) -> bool:
    """Whether a person looked, and could not read what is printed."""
    return ILLEGIBLE in reading.doubts


@dataclass(frozen=True, slots=True)
class Emptiness:
    """Of which fields it is certain that nothing is printed in them.

    Attributes:
        pages: how each page of the document lies, in order; empty where nobody says: all well.
        seen: fields that a person saw to be empty.
    """

    pages: Sequence[PageFacts] = ()
    seen: frozenset[str] = frozenset()

    def certain(
        self,
        form: Form,
        name: str,
        fields: Mapping[str, FieldReading],
        readable: Collection[int],
    ) -> bool:
        """Whether an absent field is empty for sure.

        Args:
            form: of the document.
            name: of the field.
            fields: of the document.
            readable: its pages that read well (`readable_pages`).
        """
        if name in self.seen:
            return True
        base, _, number = name.partition("#")
        page = int(number or "1")
        if page not in readable or not self._looked(page, base):
            return False
        beside = neighbours(form).get(base, ())
        suffix = f"#{number}" if number else ""
        doubted = self.doubted()
        return not any(
            other + suffix in doubted or _stray(fields.get(other + suffix)) for other in beside
        )

    def doubted(self) -> set[str]:
        """Fields that hold ink which may be print, and that no person saw to be empty."""
        on_pages = {
            name if number == 1 else f"{name}#{number}"
            for number, facts in enumerate(self.pages, start=1)
            for name in facts.unsure
        }
        return on_pages - self.seen

    def _looked(self, page: int, name: str) -> bool:
        """Whether the page lies well, and no ink in the field was taken for the form's own."""
        if not self.pages:
            return True
        if page > len(self.pages):
            return False
        facts = self.pages[page - 1]
        lies = facts.method != "none" and facts.quality >= SURE_QUALITY
        lies = lies and not {PALE, CUT} & {*facts.doubts}
        return lies and name not in facts.unsure


def readable_pages(fields: Mapping[str, FieldReading], doubted: Iterable[str] = ()) -> set[int]:
    """Pages of a document, from 1, that read so well that their empty places are empty.

    `doubted`: fields that read as empty and may hold print.
    """
    sure: dict[int, list[bool]] = {}
    for name in doubted:
        sure.setdefault(int(name.partition("#")[2] or "1"), []).append(False)
    for name, reading in fields.items():
        page = int(name.partition("#")[2] or "1")
        sure.setdefault(page, []).append(printed_for_sure(reading))
    return {page for page, each in sure.items() if sum(each) >= SURE_SHARE * len(each)}


def _stray(reading: FieldReading | None) -> bool:
    return (
        reading is not None
        and not printed_for_sure(reading)
        and not STRAY.isdisjoint(reading.doubts)
    )


def _touch(one: BoxIn, other: BoxIn) -> bool:
    return (
        one[0] - NEAR < other[2]
        and other[0] - NEAR < one[2]
        and one[1] - NEAR < other[3]
        and other[1] - NEAR < one[3]
    )


@functools.cache
def neighbours(form: Form) -> Mapping[str, tuple[str, ...]]:
    """Fields of a form that lie so near each other that print may stray between them."""
    try:
        fields = list(layout(form).fields.values())
    except KeyError:
        return {}
    return {
        each.id: tuple(
            other.id for other in fields if other is not each and _touch(each.box, other.box)
        )
        for each in fields
    }


def cause(certain: Iterable[bool]) -> Literal["provider", "capture"]:
    """Whom a finding is laid at, by the certainty of everything that was weighed for it."""
    return "provider" if all(certain) else "capture"
