"""What a page says: kinds with their probability, and values with label, place and confidence."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from extractors.kinds.lookalikes import lookalikes
from extractors.language import labels, surroundings
from extractors.language.lay import Token
from extractors.language.pipeline import load
from extractors.language.shapes import shape
from models import dcn
from models.page import BoxPx
from models.reading import Entity, KindGuess

#: values that are less sure than this are no values
_FLOOR: Final = 0.2
#: a control number of ours has told by its check character that it was not misread
_OURS: Final = 0.999
_GUESSES: Final = 4
#: characters of a control number; log-odds from which two characters look alike in many faces
_LENGTH: Final = 14
_TWINS: Final = -3.0


@dataclass(frozen=True, slots=True)
class Understood:
    """What a page says.

    Attributes:
        kinds: what it may be, likeliest first.
        entities: in reading order.
    """

    kinds: list[KindGuess]
    entities: list[Entity]


def understand(tokens: Sequence[Token], page: int) -> Understood:
    """Kinds and values of a page.

    Args:
        tokens: of it (`lay`).
        page: its number in the scan.
    """
    pipeline = load()
    words = [token.text for token in tokens]
    kinds = [
        KindGuess(kind=kind, probability=round(probability, 4))
        for kind, probability in pipeline.kinds(words)[:_GUESSES]
    ]
    ours = list(_control_numbers(tokens, page))
    taken = {entity.box for entity in ours}
    found: list[tuple[Entity, float]] = []
    for span, score in pipeline.values(words):
        part = tokens[span.start : span.end]
        ink = sum(math.log(max(1e-4, p.chars[0][1])) for t in part for p in t.positions)
        confidence = pipeline.sureness.value(score, ink)
        entity = _entity(span.label_, part, confidence, page)
        if entity is not None and confidence >= _FLOOR and entity.box not in taken:
            looks = shape(words[span.start : span.end])
            most = surroundings.most(words, span.start, span.end, span.label_, looks)
            found.append((entity, most))
    return Understood(kinds, [*ours, *_weighed(found)])


def _weighed(found: Sequence[tuple[Entity, float]]) -> Iterator[Entity]:
    """Values as sure as what is said around them allows, wherever the page says the same."""
    told: dict[tuple[str, str], float] = {}
    for entity, most in found:
        key = (entity.label, entity.value or entity.text)
        told[key] = max(most, told.get(key, 0.0))
    named = any(label == "patient" and most == 1 for (label, _), most in told.items())
    for entity, own in found:
        most = told[entity.label, entity.value or entity.text]
        # beside somebody who is called the patient, the member is another
        if entity.label == "patient" and named and most < 1 and own == surroundings.HINTED:
            most = surroundings.GUESSED
        yield entity.model_copy(update={"confidence": min(entity.confidence, most)})


def _entity(label: str, part: Sequence[Token], confidence: float, page: int) -> Entity | None:
    """A value with its text as its kind reads it; None where it can't be one of that label."""
    words = [token.text for token in part]
    if not labels.fits(label, shape(words)):
        return None
    box = _around(part)
    if box is None:
        return None
    positions = tuple(p for token in part for p in token.positions)
    text = labels.reread(label, _joined(words), positions)
    value = labels.normal(label, text)
    if value is None and shape(words) == "number" and labels.LABELS[label][1] != "number":
        return None  # it looks like no day or amount, and reads as none
    return Entity(
        label=label,
        text=text,
        value=value,
        confidence=round(confidence, 4),
        page=page,
        box=box,
    )


def _control_numbers(tokens: Sequence[Token], page: int) -> Iterator[Entity]:
    """Control numbers of ours, wherever they stand."""
    for token in tokens:
        if token.box is None:
            continue
        number = _ours(token.text)
        if number is None:
            continue
        yield Entity(
            label="control_number",
            text=number,
            value=number,
            confidence=_OURS,
            page=page,
            box=token.box,
        )


def _ours(text: str) -> str | None:
    """The control number that a text is, or is but for one character and its look-alike.

    The check character tells which of the two was printed.
    """
    if len(text) != _LENGTH:
        return None
    twins = [
        text[:at] + other + text[at + 1 :]
        for at, character in enumerate(text)
        for other, odds in lookalikes().get(character, ())
        if len(other) == 1 and odds >= _TWINS
    ]
    found = {number for number in map(_parsed, (text, *twins)) if number}
    return found.pop() if len(found) == 1 else None


def _parsed(text: str) -> str | None:
    try:
        return dcn.parse(text)
    except dcn.DcnError:
        return None


def _joined(words: Sequence[str]) -> str:
    return re.sub(r" ([.,;])", r"\1", " ".join(words))


def _around(part: Sequence[Token]) -> BoxPx | None:
    boxes = [token.box for token in part if token.box is not None]
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
