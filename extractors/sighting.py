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


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one reader saw on one strip, left to right; a wide gap is a position of ' '."""

    reader: str
    positions: tuple[Position, ...]

    @property
    def text(self) -> str:
        """The most probable string at all."""
        return "".join(p.chars[0][0] for p in self.positions if p.chars)

    @property
    def probability(self) -> float:
        """Product of the best characters' probabilities; 1.0 where there are no positions."""
        return math.prod(p.chars[0][1] if p.chars else 0.0 for p in self.positions)
