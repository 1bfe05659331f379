"""The constrained decode: the likeliest string that the kind allows, beside the likeliest at all.

A string's score is the sum of the reader's log-probabilities, a look-alike's share where one
stands for another (`lookalikes`), the shape's weight (`kinds.toml`), what neighbours say, and the
kind's checks. A character can only be one that the ink allows: one that the reader gave at least
`FLOOR` of its best character's probability, or a look-alike of such a one. Where no allowed string
has a shape of the kind, or only a far-fetched one has, the ink wins.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final, NamedTuple

from extractors.kinds.checks import check
from extractors.kinds.grammar import State
from extractors.kinds.lookalikes import (
    SPECK,
    SPECKS,
    char_class,
    context_weight,
    lookalikes,
    twin_odds,
)
from extractors.kinds.table import Kind
from extractors.kinds.words import strays, wordlike
from extractors.sighting import Position, Sighting


class Habit(NamedTuple):
    """What a letter, read in this hand, mostly is instead (`extractors.habits`).

    Attributes:
        other: a capital.
        share: of the letters read, 0 to 1; 0 where that is only suspected.
        least: where the reader gave the other one at least this probability.
    """

    other: str
    share: float
    least: float


def exchangeable(one: str, other: str, kind: Kind) -> bool:
    """Whether a hand may write a character like another: among words, no figure like a letter."""
    return not kind.words or one.isdigit() == other.isdigit()


#: by letter as read, a capital
Habits = Mapping[str, tuple[Habit, ...]]
NO_HABITS: Final[Habits] = MappingProxyType({})

#: a character is allowed by the ink from this share of the best one's probability
FLOOR = 0.02
#: a character that has that probability stays unless it has a look-alike
CLEAR = 0.985
#: a character that the reader gave less is unclear
UNCLEAR = 0.5
BEAM = 16
#: a string that is so much worse than the best one so far is given up, log
HOPELESS = 14.0
KEPT = 6
#: what another reader's equal text adds to a candidate, log-odds: a verifier, no tie-breaker
WITNESS = 1.0
#: a shape that weighs so little is worth a doubt
RARE = -3.0
#: a letter that is a figure's twin tells as little against a kind of figures as for it, log-odds:
#: a face whose zeros look like O has many of them
TWIN = -2.6
#: what it counts that a text looks like words: the letters of a word are no independent witnesses
WORDLIKE = 0.3
#: and what a mark or blank counts that words don't have
STRAY = -1.0
#: a look-alike that the text already has once: what one face does it does again
AGAIN = -1.0
#: odds are told up to here
MOST = 20.0
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reading that the ink allows.

    Attributes:
        text: as printed.
        value: its normal form.
        key: what it has in common with readings that differ in nothing that matters.
        score: log, comparable within a field.
        checks: what the kind's checks say, log-odds; 0 where there are none.
        legal: it has a shape of the kind.
        shape: weight of that shape: 0 the usual print, below it the rarer the less.
        log_ink: log-probability that the reader gave its characters.
        weakest: the smallest probability that the reader gave one of them.
        swaps: how many of them are look-alikes of what the reader had.
    """

    text: str
    value: str | None
    key: str
    score: float
    checks: float
    legal: bool
    shape: float
    log_ink: float
    weakest: float
    swaps: int


@dataclass(frozen=True, slots=True)
class Decoded:
    """A field as its kind reads it.

    Attributes:
        kind: its name.
        free: the most probable string at all, as the reader has it.
        candidates: readings that the ink allows, best first, no two with one key; none where
            nothing is printed.
        witnesses: keys of what other readers read.
    """

    kind: str
    free: str
    candidates: tuple[Candidate, ...]
    witnesses: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What we stand for; empty where nothing is printed."""
        return self.candidates[0].text if self.candidates else ""

    @property
    def value(self) -> str | None:
        """The normal form of `text`, None where it has none."""
        return self.candidates[0].value if self.candidates else None

    @property
    def legal(self) -> bool:
        """Whether `text` has a shape that the kind allows."""
        return bool(self.candidates) and self.candidates[0].legal

    @property
    def probabilities(self) -> tuple[float, ...]:
        """Of the candidates, by this model; not calibrated."""
        if not self.candidates:
            return ()
        top = self.candidates[0].score
        shares = [math.exp(max(c.score - top, -MOST)) for c in self.candidates]
        return tuple(share / sum(shares) for share in shares)

    @property
    def probability(self) -> float:
        """Of `text`; 1.0 where nothing is printed."""
        return self.probabilities[0] if self.candidates else 1.0

    @property
    def margin(self) -> float:
        """Log-odds between `text` and the best other reading, at most `MOST`."""
        if len(self.candidates) < 2:  # noqa: PLR2004 - no other reading
            return MOST
        return min(self.candidates[0].score - self.candidates[1].score, MOST)

    @property
    def agreement(self) -> float:
        """1 where the other readers have the same, -1 where one differs, 0 without any."""
        if not self.witnesses or not self.candidates:
            return 0.0
        return 1.0 if all(w == self.candidates[0].key for w in self.witnesses) else -1.0

    @property
    def alternatives(self) -> tuple[tuple[str, float], ...]:
        """The other readings with their probabilities, best first."""
        others = zip(self.candidates, self.probabilities, strict=True)
        return tuple((c.text, p) for c, p in others)[1:]

    @property
    def doubts(self) -> tuple[str, ...]:
        """Why a person might want to look, as codes (docs/doubts.md)."""
        if not self.candidates:
            return ("ink.none",)
        best = self.candidates[0]
        reasons = {
            "kind.shape": not best.legal,
            "kind.rare": best.legal and best.shape <= RARE,
            "kind.lookalike": best.swaps > 0,
            "kind.check": best.checks < 0,
            "ink.unclear": best.weakest < UNCLEAR or self.probability < CLEAR,
            "readers.differ": self.agreement < 0,
        }
        return tuple(code for code, holds in reasons.items() if holds)

    def reweighed(self, bonus: Callable[[Candidate], float]) -> Decoded:
        """The same with every candidate's score raised by its `bonus`, best first again."""
        moved = [replace(c, score=c.score + bonus(c)) for c in self.candidates]
        return replace(self, candidates=tuple(sorted(moved, key=lambda c: -c.score)))


class _Path(NamedTuple):
    """A string on its way: `ink` is the reader's part of `score`."""

    score: float
    ink: float
    weakest: float
    swaps: tuple[str, ...]
    state: State | None
    before: str
    last: str
    text: str


class _Option(NamedTuple):
    """One character that a position may be.

    Attributes:
        char: the character, or none.
        weight: log.
        own: the reader's own probability.
        log_own: its logarithm.
        swap: for a look-alike: what was read, and what it is taken for.
        now: class of the character.
    """

    char: str
    weight: float
    own: float
    log_own: float
    swap: str
    now: str


def _option(char: str, weight: float, own: float, swap: str = "") -> _Option:
    return _Option(char, weight, own, math.log(max(own, _TINY)), swap, char_class(char))


def _swap(own: dict[str, float], read: str, meant: Sequence[Habit]) -> None:
    """Give of a letter's probability to those that it is instead in this hand."""
    for habit in meant:
        # in this order, lest a reading differ from one run to the next
        for other in dict.fromkeys((habit.other, habit.other.lower())):
            if habit.least <= own.get(other, 0.0) < own[read]:
                moved = habit.share * own[read]
                own[other] += moved
                own[read] -= moved


def _options(position: Position, kind: Kind, habits: Habits) -> list[_Option]:
    """What the ink at a position allows, best first."""
    own: dict[str, float] = {}
    for char, probability in position.chars:
        # a small letter in a code is a capital; l and o are left to their look-alikes
        big = char if kind.words or char in "lo" else char.upper()
        own[big] = own.get(big, 0.0) + probability
    if not own:
        return []
    for char in [char for char in own if char.upper() in habits]:
        _swap(own, char, [h for h in habits[char.upper()] if exchangeable(char, h.other, kind)])
    best = max(own.values())
    kept = {c: p for c, p in own.items() if p >= FLOOR * best}
    found = {c: _option(c, math.log(max(p, _TINY)), p) for c, p in kept.items()}

    def also(read: str, char: str, odds: float) -> None:
        weight = math.log(max(own[read], _TINY)) + odds
        if char not in found or found[char].weight < weight:
            found[char] = _option(char, weight, own.get(char, 0.0), read + char)

    for char, probability in kept.items():
        for twin, odds in lookalikes().get(char, ()):
            if kind.words or not twin.islower():
                also(char, twin, twin_odds(odds, probability / best))
        blank = char == " " and not kind.free_spaces
        if (char in SPECKS or blank) and not kind.words:
            also(char, "", SPECK)
    return sorted(found.values(), key=lambda o: -o.weight)[:KEPT]


def _advance(path: _Path, option: _Option, kind: Kind) -> _Path | None:
    """`path` one character on; None: no shape goes on like that."""
    char, state, score = option.char, path.state, path.score + option.weight
    swaps = path.swaps
    if option.swap:
        if char and option.swap in swaps and option.weight < AGAIN:
            score += AGAIN - option.weight
        swaps = (*swaps, option.swap)
    before, last = path.before, path.last
    if char:
        if state is not None and not (char == " " and kind.free_spaces):
            state = kind.grammar.step(state, char)
            if state is None:
                return None
        if kind.context:
            score += context_weight(kind.context, before, last, option.now)
        before, last = last, option.now
    return _Path(
        score,
        path.ink + option.log_own,
        min(path.weakest, option.own),
        swaps,
        state,
        before,
        last,
        path.text + char,
    )


def _search(columns: Sequence[Sequence[_Option]], kind: Kind, start: State | None) -> list[_Path]:
    """The best strings through the columns; `start` None: of any shape."""
    paths = [_Path(0.0, 0.0, 1.0, (), start, ".", ".", "")]
    for column in columns:
        reached: dict[tuple[str, State | None], _Path] = {}
        for path in paths:
            for option in column:
                new = _advance(path, option, kind)
                if new is None:
                    continue
                key = (new.text, new.state)
                if key not in reached or reached[key].score < new.score:
                    reached[key] = new
        paths = sorted(reached.values(), key=lambda p: -p.score)[:BEAM]
        paths = [p for p in paths if p.score > paths[0].score - HOPELESS]
    return paths


def _finished(path: _Path, kind: Kind) -> tuple[float, bool] | None:
    """What the shape adds at the end, and whether it is one of the kind's; None: no shape ends."""
    if path.state is None:
        return kind.illegal + TWIN * sum(c in "OIl" for c in path.text), False
    weight = kind.grammar.weight(path.state)
    return None if weight is None else (weight, True)


def _tidy(text: str, kind: Kind) -> str:
    """As printed: outer blanks are no print, nor are a rule's remains between figures."""
    text = " ".join(text.split())
    return text.replace("|", " ") if not kind.words else text


def _key(kind: Kind, text: str) -> str:
    """What two readings have in common when they differ in nothing that matters."""
    if kind.words:
        return " ".join(text.upper().split())
    return "".join(c for c in text.upper() if c.isalnum() or (c == "-" and kind.group == "money"))


def key_of(kind: Kind, text: str) -> str:
    """What a text read in a field of `kind` has in common with those that mean the same."""
    return _key(kind, _tidy(text, kind))


def _candidates(
    sighting: Sighting, kind: Kind, witnesses: Sequence[str], habits: Habits
) -> list[Candidate]:
    """The best readings, best first, no two with one key."""
    columns = [options for p in sighting.positions if (options := _options(p, kind, habits))]
    paths = _search(columns, kind, kind.grammar.start)
    if not kind.anything:
        paths += _search([[o for o in c if not o.swap] for c in columns], kind, None)
    best: dict[str, Candidate] = {}
    for path in paths:
        end = _finished(path, kind)
        text = _tidy(path.text, kind)
        if end is None or not text or (not end[1] and kind.legal(path.text)):
            continue
        weight, legal = end
        checks = sum(check(name, text) for name in kind.checks) if legal else 0.0
        shape = weight
        if kind.context:
            weight += context_weight(kind.context, path.before, path.last, ".")
        if kind.words:
            weight += WORDLIKE * wordlike(text) + STRAY * strays(text)
        key = _key(kind, text)
        score = path.score + weight + checks + WITNESS * witnesses.count(key)
        if key not in best or best[key].score < score:
            best[key] = Candidate(
                text=text,
                value=kind.value(text),
                key=key,
                score=score,
                checks=checks,
                legal=legal,
                shape=shape,
                log_ink=path.ink,
                weakest=path.weakest,
                swaps=len(path.swaps),
            )
    return sorted(best.values(), key=lambda c: -c.score)[:KEPT]


def read(
    kind: Kind, sightings: Sighting | Sequence[Sighting], habits: Habits = NO_HABITS
) -> Decoded:
    """What a field of `kind` says.

    Args:
        kind: of the field.
        sightings: what readers saw on its strip, the one to be believed first; the others are
            witnesses: they verify, and can tip what the first leaves open. A witness that saw
            nothing at all has nothing to say.
        habits: of the hand: letters that are others (`extractors.habits`).

    Raises:
        ValueError: no sighting was given.
    """
    given = [sightings] if isinstance(sightings, Sighting) else list(sightings)
    if not given:
        raise ValueError(kind.name)
    first, *others = given
    seen = [read(kind, other, habits) for other in others if other.positions]
    witnesses = tuple(s.candidates[0].key for s in seen if s.candidates)
    return Decoded(
        kind.name, first.text, tuple(_candidates(first, kind, witnesses, habits)), witnesses
    )
