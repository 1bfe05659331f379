"""One run of print over several fields, parted by where it lies and by what the fields may hold.

A value code follows an amount without a gap, a present-on-admission letter its diagnosis, a
statement date the tax number. Geometry alone parts them wrongly when the print sits a little off
the boxes; what kind of text each field holds settles it.
"""

from __future__ import annotations

import functools
import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from extractors.kinds.decode import read
from extractors.kinds.table import Kind
from extractors.sighting import Position, Sighting

#: inches: how far off its box a character is moderately odd; and beyond the end of one for words,
#: which go on where there is no room
_SIGMA, _BEYOND = 0.045, 0.09
#: log-odds: no character is odder by its place than this
_ODDEST = 9.0
#: inches around the border of two fields in which the print may part
_REACH = 0.24
_BLANK = frozenset({"", " "})
#: log-odds for the only way to part a run
_SURE = 20.0
#: log-odds against print that belongs to no field of the run
_EMPTY = -0.4
#: the same where the place of the one character that a field has room for is full of ink
_OVERLOOKED = -3.0
#: and against two fields of words that part within a word
_TORN = -8.0
#: inches before its box from which on a line has perhaps taken what is not its own; then the way to
#: part it is hardly surer than another
_EARLY, _TAKEN = 0.05, 1.0
#: so many ways to part a run are kept, to tell which of them says something else
_WAYS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Member:
    """A field of the run.

    Attributes:
        field: its id.
        kind: of text that it holds.
        left, right: its edges, inches.
        inked: it has room for one character, and ink in it.
    """

    field: str
    kind: Kind
    left: float
    right: float
    inked: bool = False


def _oddness(middle: float, member: Member) -> float:
    before, beyond = max(member.left - middle, 0.0), max(middle - member.right, 0.0)
    off = max(before / _SIGMA, beyond / (_BEYOND if member.kind.words else _SIGMA))
    return -min(_ODDEST, 0.5 * off**2)


def _bare(positions: Sequence[Position]) -> list[Position]:
    """Without blanks at the ends."""
    found = list(positions)
    while found and found[0].chars[0][0] in _BLANK:
        found.pop(0)
    while found and found[-1].chars[0][0] in _BLANK:
        found.pop()
    return found


def _overlooked(positions: Sequence[Position]) -> list[Position]:
    """Where a reader rather sees nothing: what else it may be, the likeliest place alone."""
    printed = (tuple(c for c in p.chars if c[0] not in _BLANK) for p in positions)
    seen = [
        Position(chars, p.x0, p.x1) for p, chars in zip(positions, printed, strict=True) if chars
    ]
    return sorted(seen, key=lambda p: -p.chars[0][1])[:1]


def _stops(middles: Sequence[float], border: float) -> list[int]:
    """Where the print may part at a border: by place, or at any character not far from it."""
    count = len(middles)
    inside = sum(m < border for m in middles)
    return [
        stop
        for stop in range(count + 1)
        if stop == inside
        or (stop < count and abs(middles[stop] - border) < _REACH)
        or (stop and abs(middles[stop - 1] - border) < _REACH)
    ]


def _cuts(
    middles: Sequence[float],
    begins: Sequence[int],
    members: Sequence[Member],
    worth: Callable[[int, int, int], float],
) -> list[tuple[float, tuple[int, ...]]]:
    """The best scores, and before which character each field begins, the end last.

    `begins` tells of every stop where print begins from there on: blanks are nobody's.
    """
    count = len(middles)
    borders = [(a.right + b.left) / 2 for a, b in itertools.pairwise(members)]
    stops = []
    for border, pair in zip(borders, itertools.pairwise(members), strict=True):
        near = _stops(middles, border)
        # of a place that is full of ink, what reads as a blank may be the character
        raw = near if any(member.inked for member in pair) else []
        stops.append(sorted({begins[stop] for stop in near} | set(raw)))
    best: dict[int, list[tuple[float, tuple[int, ...]]]] = {0: [(0.0, (0,))]}
    for field, ends in enumerate([*stops, [count]]):
        reached: dict[int, list[tuple[float, tuple[int, ...]]]] = {}
        for start, ways in best.items():
            for stop in ends:
                if stop >= start:
                    more = worth(field, start, stop)
                    reached.setdefault(stop, []).extend((s + more, (*c, stop)) for s, c in ways)
        best = {stop: heapq.nlargest(_WAYS, ways) for stop, ways in reached.items()}
    return best.get(count) or [(-_ODDEST * count, (0,) * len(members))]


def _early(members: Sequence[Member], firsts: Sequence[Sequence[float]]) -> bool:
    """Whether words begin before their box, and may have taken the end of those before them.

    `firsts`: the middle of each member's first character, inches, if it has one.
    """
    return any(
        one.kind.words and two.kind.words and two.left - first[0] > _EARLY
        for (one, before), (two, first) in itertools.pairwise(zip(members, firsts, strict=True))
        if before and first
    )


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """What one field gets: its share of the sighting, and from where to where in the strip.

    `sure`: log-odds of this way to part the run to the next best.
    """

    field: str
    sighting: Sighting
    x0: float
    x1: float
    sure: float


def part(
    sighting: Sighting, members: Sequence[Member], left: float, width: float
) -> tuple[float, list[Part]]:
    """The best way to hand a run's characters to its fields, with its score (log).

    Args:
        sighting: of the run.
        members: the fields, left to right.
        left: inches, where the strip's picture begins.
        width: inches, of the strip's picture.
    """
    positions = sighting.positions
    count = len(positions)

    def middle(p: Position) -> float:
        return left + (p.x0 + p.x1) / 2 * width

    def own(field: int, start: int, stop: int) -> list[Position]:
        mine = _bare(positions[start:stop])
        return mine or (_overlooked(positions[start:stop]) if members[field].inked else [])

    @functools.cache
    def worth(field: int, start: int, stop: int) -> float:
        mine = own(field, start, stop)
        if not mine:
            return _OVERLOOKED if members[field].inked else _EMPTY
        decoded = read(members[field].kind, Sighting(sighting.reader, tuple(mine)))
        score = decoded.candidates[0].score if decoded.candidates else -_ODDEST
        # (the field before is taken for the one that has what stands before)
        worded = field > 0 and members[field].kind.words and members[field - 1].kind.words
        if worded and start and positions[start - 1].chars[0][0] not in _BLANK:
            score += _TORN
        return score + sum(
            _oddness(middle(p), members[field]) for p in mine if p.chars[0][0] not in _BLANK
        )

    begins = [count] * (count + 1)
    for i in reversed(range(count)):
        begins[i] = begins[i + 1] if positions[i].chars[0][0] in _BLANK else i
    (score, cuts), *worse = _cuts([*map(middle, positions)], begins, members, worth)

    def shares(cuts: tuple[int, ...]) -> list[list[Position]]:
        ends = enumerate(itertools.pairwise(cuts))
        return [own(field, start, stop) for field, (start, stop) in ends]

    given = shares(cuts)
    # blanks fall to one field or the other
    sure = next((score - other for other, ends in worse if shares(ends) != given), _SURE)
    firsts = [[middle(p) for p in mine[:1]] for mine in given]
    sure = min(sure, _TAKEN) if _early(members, firsts) else sure
    parts = []
    for member, mine, (start, stop) in zip(members, given, itertools.pairwise(cuts), strict=True):
        if not mine:
            continue
        before = positions[start - 1].x1 if start else 0.0
        after = positions[stop].x0 if stop < count else 1.0
        x0 = (before + mine[0].x0) / 2 if start else 0.0
        x1 = (after + mine[-1].x1) / 2 if stop < count else 1.0
        moved = tuple(p.within(x0, x1) for p in mine)
        others = tuple(other.between(x0, x1) for other in sighting.others)
        shown = Sighting(sighting.reader, moved, others)
        parts.append(Part(member.field, shown, x0, x1, sure))
    return score, parts
