"""What a reader saw on a strip: for every printed character, what it may be."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """One printed character: what it may be.

    Attributes:
        chars: (character, probability), best first; '' means that nothing is printed here. The
            probabilities sum to at most 1: what is left is spread over all other characters.
        x0: left edge in the strip, 0 to 1 of its width.
        x1: right edge in the strip, 0 to 1 of its width.
    """

    chars: tuple[tuple[str, float], ...]
    x0: float
    x1: float

    def within(self, left: float, right: float) -> Position:
        """The same in the part of the strip from `left` to `right`, shares of its width."""
        width = max(right - left, 1e-6)
        x0, x1 = (min(1.0, max(0.0, (x - left) / width)) for x in (self.x0, self.x1))
        return Position(self.chars, x0, x1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one reader saw on one strip, left to right; a wide gap is a position of ' '.

    Attributes:
        reader: its name.
        positions: what it stands for.
        others: of a reader that looks in several ways, what each of them alone saw.
    """

    reader: str
    positions: tuple[Position, ...]
    others: tuple[Sighting, ...] = ()

    @property
    def text(self) -> str:
        """The most probable string at all."""
        return "".join(p.chars[0][0] for p in self.positions if p.chars)

    def between(self, left: float, right: float) -> Sighting:
        """The part of it whose characters stand from `left` to `right`, shares of its width."""
        mine = (p for p in self.positions if left <= (p.x0 + p.x1) / 2 < right)
        moved = tuple(p.within(left, right) for p in mine)
        return Sighting(self.reader, moved, tuple(o.between(left, right) for o in self.others))

    @property
    def probability(self) -> float:
        """Product of the best characters' probabilities; 1.0 where there are no positions."""
        return math.prod(p.chars[0][1] if p.chars else 0.0 for p in self.positions)
