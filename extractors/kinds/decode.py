"""The constrained decode: the likeliest string that the kind allows, beside the likeliest at all.

A string's score is the sum of the reader's log-probabilities, a look-alike's share where one
stands for another (`lookalikes`), the shape's weight (`kinds.toml`), what neighbours say, and the
kind's checks. A character can only be one that the ink allows: one that the reader gave at least
`FLOOR` of its best character's probability, or a look-alike of such a one. Where no allowed string
has a shape of the kind, or only a far-fetched one has, the ink wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

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
from extractors.sighting import Position, Sighting

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
#: odds are told up to here
MOST = 20.0
_TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A reading that the ink allows.

    Attributes:
        text: as printed.
        value: its normal form.
        score: log, comparable within a field.
        probability: among the field's candidates.
        checks: what the kind's checks say, log-odds.
        legal: it has a shape of the kind.
    """

    text: str
    value: str | None
    score: float
    probability: float
    checks: float
    legal: bool


@dataclass(frozen=True, slots=True)
class Decoded:
    """A field as its kind reads it.

    Attributes:
        kind: its name.
        text: what we stand for.
        value: its normal form, None where it has none.
        free: the most probable string at all, as the reader has it.
        legal_text: the best string of a shape that the kind allows; None: the ink allows none.
        probability: of `text` among the candidates, by this model; not calibrated.
        margin: log-odds between `text` and the best candidate that differs in more than blanks.
        log_ink: log-probability that the reader gave the characters of `text`.
        weakest: the smallest probability that the reader gave a character of `text`.
        swaps: characters of `text` that are look-alikes of what the reader had.
        checks: log-odds of the kind's checks for `text`; 0 where there is none.
        agreement: 1 where the other readers have the same, -1 where they differ, 0 without any.
        candidates: all readings that the ink allows, best first; the first is `text`.
        doubts: codes, see docs/doubts.md.
    """

    kind: str
    text: str
    value: str | None
    free: str
    legal_text: str | None
    probability: float
    margin: float
    log_ink: float
    weakest: float
    swaps: int
    checks: float
    agreement: float
    candidates: tuple[Candidate, ...]
    doubts: tuple[str, ...]

    @property
    def legal(self) -> bool:
        """Whether `text` has a shape that the kind allows."""
        return bool(self.candidates) and self.candidates[0].legal

    @property
    def alternatives(self) -> tuple[tuple[str, float], ...]:
        """The other readings with their probabilities, best first."""
        return tuple((c.text, c.probability) for c in self.candidates[1:])


@dataclass(frozen=True, slots=True)
class _Path:
    """A string on its way: `ink` is the reader's part of `score`."""

    score: float
    ink: float
    weakest: float
    swaps: int
    state: State | None
    before: str
    last: str
    text: str


@dataclass(frozen=True, slots=True)
class _Option:
    """One character that a position may be: log weight, the reader's own probability."""

    char: str
    weight: float
    own: float
    swap: bool


def _options(position: Position, kind: Kind) -> list[_Option]:
    """What the ink at a position allows, best first."""
    own: dict[str, float] = {}
    for char, probability in position.chars:
        # a small letter in a code is a capital; l and o are left to their look-alikes
        big = char if kind.words or char in "lo" else char.upper()
        own[big] = own.get(big, 0.0) + probability
    if not own:
        return []
    best = max(own.values())
    kept = {c: p for c, p in own.items() if p >= FLOOR * best}
    found = {c: _Option(c, math.log(max(p, _TINY)), p, swap=False) for c, p in kept.items()}

    def also(char: str, weight: float) -> None:
        if char not in found or found[char].weight < weight:
            found[char] = _Option(char, weight, own.get(char, 0.0), swap=True)

    for char, probability in kept.items():
        for twin, odds in lookalikes().get(char, ()):
            if kind.words or not twin.islower():
                also(twin, math.log(max(probability, _TINY)) + twin_odds(odds, probability / best))
        if char in SPECKS and not kind.words:
            also("", math.log(max(probability, _TINY)) + SPECK)
    return sorted(found.values(), key=lambda o: -o.weight)[:KEPT]


def _advance(path: _Path, option: _Option, kind: Kind) -> _Path | None:
    """`path` one character on; None: no shape goes on like that."""
    char = option.char
    ink = path.ink + math.log(max(option.own, _TINY))
    weakest = min(path.weakest, option.own)
    swaps = path.swaps + option.swap
    if not char:
        score = path.score + option.weight
        return _Path(score, ink, weakest, swaps, path.state, path.before, path.last, path.text)
    state = path.state
    if state is not None and not (char == " " and kind.free_spaces):
        state = kind.grammar.step(state, char)
        if state is None:
            return None
    now = char_class(char)
    score = path.score + option.weight
    if kind.context:
        score += context_weight(kind.context, path.before, path.last, now)
    return _Path(score, ink, weakest, swaps, state, path.last, now, path.text + char)


def _search(columns: Sequence[Sequence[_Option]], kind: Kind, start: State | None) -> list[_Path]:
    """The best strings through the columns; `start` None: of any shape."""
    paths = [_Path(0.0, 0.0, 1.0, 0, start, ".", ".", "")]
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
        return kind.illegal, False
    weight = kind.grammar.weight(path.state)
    return None if weight is None else (weight, True)


def _tidy(text: str, kind: Kind) -> str:
    """As printed: outer blanks are no print, nor are a rule's remains between figures."""
    text = " ".join(text.split())
    return text.replace("|", " ") if not kind.words else text


def _same(kind: Kind, text: str) -> str:
    """What two readings have in common when they differ in nothing that matters."""
    if kind.words:
        return " ".join(text.upper().split())
    return "".join(c for c in text.upper() if c.isalnum() or (c == "-" and kind.group == "money"))


def _candidates(
    sighting: Sighting, kind: Kind, witnesses: Sequence[str]
) -> list[tuple[float, float, bool, _Path]]:
    """(score, checks, legal, path) of the best readings, best first, no two the same."""
    columns = [options for p in sighting.positions if (options := _options(p, kind))]
    paths = _search(columns, kind, kind.grammar.start)
    if not kind.anything:
        paths += _search([[o for o in c if not o.swap] for c in columns], kind, None)
    best: dict[str, tuple[float, float, bool, _Path]] = {}
    for path in paths:
        end = _finished(path, kind)
        if end is None or (not end[1] and kind.legal(path.text)):
            continue
        checks = sum(check(name, path.text) for name in kind.checks) if end[1] else 0.0
        key = _same(kind, path.text)
        edge = context_weight(kind.context, path.before, path.last, ".") if kind.context else 0.0
        score = path.score + end[0] + checks + edge + WITNESS * witnesses.count(key)
        if key not in best or best[key][0] < score:
            best[key] = (score, checks, end[1], path)
    return sorted(best.values(), key=lambda c: -c[0])


def read(kind: Kind, sightings: Sighting | Sequence[Sighting]) -> Decoded:
    """What a field of `kind` says.

    Args:
        kind: of the field.
        sightings: what readers saw on its strip, the one to be believed first; the others are
            witnesses: they verify, and can tip what the first leaves open.

    Raises:
        ValueError: no sighting was given.
    """
    given = [sightings] if isinstance(sightings, Sighting) else list(sightings)
    if not given:
        raise ValueError(kind.name)
    first, *others = given
    witnesses = [_same(kind, read(kind, other).text) for other in others]
    found = _candidates(first, kind, witnesses)
    free = first.text
    if not found or not found[0][3].text:
        return _nothing(kind, free)
    top = found[0][0]
    total = sum(math.exp(max(c[0] - top, -MOST)) for c in found)
    candidates = []
    for score, checks, legal, path in found[:KEPT]:
        text = _tidy(path.text, kind)
        share = math.exp(max(score - top, -MOST)) / total
        candidates.append(Candidate(text, kind.value(text), score, share, checks, legal))
    best, chosen = candidates[0], found[0][3]
    key = _same(kind, best.text)
    agreement = 0.0
    if witnesses:
        agreement = 1.0 if all(w == key for w in witnesses) else -1.0
    return Decoded(
        kind=kind.name,
        text=best.text,
        value=best.value,
        free=free,
        legal_text=next((c.text for c in candidates if c.legal), None),
        probability=best.probability,
        margin=min(top - found[1][0], MOST) if len(found) > 1 else MOST,
        log_ink=chosen.ink,
        weakest=chosen.weakest,
        swaps=chosen.swaps,
        checks=best.checks,
        agreement=agreement,
        candidates=tuple(candidates),
        doubts=_doubts(best, chosen, agreement),
    )


def _nothing(kind: Kind, free: str) -> Decoded:
    """Where there is nothing to read, or nothing but specks."""
    return Decoded(
        kind.name, "", None, free, None, 1.0, 0.0, 0.0, 0.0, 0, 0.0, 0.0, (), ("ink.none",)
    )


def _doubts(best: Candidate, path: _Path, agreement: float) -> tuple[str, ...]:
    """Why a person might want to look, as codes."""
    reasons = {
        "kind.shape": not best.legal,
        "kind.lookalike": path.swaps > 0,
        "kind.check": best.checks < 0,
        "ink.unclear": path.weakest < UNCLEAR or best.probability < CLEAR,
        "readers.differ": agreement < 0,
    }
    return tuple(code for code, holds in reasons.items() if holds)
