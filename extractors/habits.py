"""What one hand does it does again: a character that all of a page tells to be another.

A hand whose R has no bow is read with a K in its place, and one whose 1 has a foot with a 2,
everywhere and surely. No field alone can tell; where one after the other makes sense with the one
character and not with the other (a word, a date, a check digit), and the ink allows it, that is
how the hand writes. What a kind then makes of a field is decided with that (`kinds.decode`).
"""

from __future__ import annotations

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from types import MappingProxyType
from typing import Final

from extractors.kinds.decode import NO_HABITS, Habit, Habits, exchangeable, read
from extractors.kinds.table import Kind
from extractors.sighting import Sighting

#: fields that must tell, and how much each at least; all together, log-odds; none tells more
_FIELDS, _EACH, _ALL, _MOST = 3, 0.5, 4.0, 3.0
#: so many, and so much together, make it no habit, but one to be suspected
_FEW, _SOME = 2, 1.5
#: so many pairs of characters are tried, those that most fields leave open
_PAIRS: Final = 20
#: probabilities from which on the ink may allow the other character
_LEAST: Final = (0.002, 0.01, 0.05)
_HARDLY: Final = 0.0005
#: how much of what is read so a habit takes to be the other
_SHARE: Final = 0.85

_Field = tuple[Kind, Sighting]


def _open(fields: Sequence[_Field]) -> dict[tuple[str, str], list[int]]:
    """For each character as read, and another that the ink allows: fields in which it stands."""
    found: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, (kind, sighting) in enumerate(fields):
        pairs = {
            (position.chars[0][0].upper(), other.upper())
            for position in sighting.positions
            for other, probability in position.chars[1:]
            if probability >= _LEAST[0]
        }
        for one, other in pairs:
            both = one != other and one.isalnum() and other.isalnum()
            if both and exchangeable(one, other, kind):
                found[one, other].append(number)
    return found


def _evidence(field: _Field, habits: Habits) -> float:
    """Log of all readings' scores, as sums: how well a field makes sense."""
    scores = [candidate.score for candidate in read(*field, habits).candidates]
    top = max(scores, default=0.0)
    return top + math.log(sum(math.exp(score - top) for score in scores)) if scores else 0.0


def _habit(one: str, other: str, fields: Sequence[_Field], usual: Sequence[float]) -> Habit | None:
    """Whether a page's fields make more sense where one character may be another."""

    def gains(least: float) -> list[float]:
        alone = {one: (Habit(other, _SHARE, least),)}
        return [
            max(-_MOST, min(_MOST, _evidence(field, alone) - before))
            for field, before in zip(fields, usual, strict=True)
        ]

    best, found, suspected = _ALL, None, False
    for least in _LEAST:
        told = gains(least)
        telling = sum(gain > _EACH for gain in told)
        suspected |= telling >= _FEW and sum(told) > _SOME
        if telling < _FIELDS:
            break
        if sum(told) > best:
            best, found = sum(told), least
    if found is None:
        return Habit(other, 0.0, _LEAST[0]) if suspected else None
    # a hand that is known to do so may do it where the ink hardly tells
    return Habit(other, _SHARE, _HARDLY if sum(gains(_HARDLY)) > best else found)


def habits(fields: Iterable[_Field]) -> Habits:
    """The characters of a page that are others: read as one thing, and telling another, again.

    What is only suspected is among them, with a share of 0: it changes no reading.

    Args:
        fields: of one page, each with its kind and what the first reader saw.
    """
    # what the form repeats tells once
    told = list({(kind.name, seen.text): (kind, seen) for kind, seen in fields}.values())
    open_ = sorted(_open(told).items(), key=lambda item: (-len(item[1]), item[0]))
    usual = functools.cache(lambda number: _evidence(told[number], NO_HABITS))
    found: dict[str, list[Habit]] = defaultdict(list)
    for (one, other), numbers in open_[:_PAIRS]:
        if len(numbers) >= _FEW:
            habit = _habit(one, other, [told[i] for i in numbers], [usual(i) for i in numbers])
            if habit is not None:
                found[one].append(habit)
    return MappingProxyType({one: tuple(others) for one, others in found.items()})


def doubtful(kind: Kind, text: str, meant: Habits) -> bool:
    """Whether a character of `text` may be another in this hand.

    Not where only the one fits: a date's 5 is no S, however alike the hand writes them.
    """
    legal = kind.legal(text)
    return any(
        exchangeable(char.upper(), habit.other, kind)
        and (not legal or kind.legal(text[:at] + habit.other + text[at + 1 :]))
        for at, char in enumerate(text)
        for habit in meant.get(char.upper(), ())
    )
