"""PP-OCRv6 small, the recogniser that reads every strip.

What a strip says is what both of its branches together say; where they differ, that is kept.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

import numpy as np

from extractors.readers.commas import commas
from extractors.readers.recogniser import (
    ALPHABET,
    FRAME,
    HEIGHT,
    SQUEEZE,
    Frames,
    Recogniser,
    Said,
    fitted,
)
from extractors.readers.unread import standing, unread
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.page import Pixels

#: what the taught branch's word weighs beside the other's, measured on the calibration split
WEIGHT = 0.8
_LEAST = 1e-9
#: what stands low on the line; frames to either side of it, where a strip is as wide as usual
_LOW = ".,"
_AROUND = 1.6
#: a character must have had this probability in some frame to be an alternative
_FLOOR = 0.0005
#: with fewer frames a character is read wider, with so many, where at least two tell; the share of
#: its width to which a strip is stretched at most
_FEW, _FRAMES, _TWO, _WIDEST = 2.2, 2.4, 2, 1.5
#: heights from the next character from which on ink was left; times as wide, it is read again
_LEFT, _WIDER = 0.04, 1.43
#: nothing was read between two characters, but something was nearly read there
_GHOST = 0.15


def _position(frames: Frames, start: int, stop: int, used: float) -> Position:
    """What the frames from `start` to `stop` say as one character."""
    best = frames[start:stop].max(axis=0)
    blank = float(frames[start:stop, 0].min())
    letters = best[1:]
    order = np.argsort(letters)[::-1][:8]
    chars = [(ALPHABET[i], float(letters[i])) for i in order if letters[i] >= _FLOOR]
    if blank >= _FLOOR:
        chars.append(("", blank))
    total = max(1.0, sum(p for _, p in chars))
    chars = sorted(((c, p / total) for c, p in chars), key=lambda cp: -cp[1])
    length = max(1e-6, len(frames) * used)
    return Position(tuple(chars), min(1.0, start / length), min(1.0, stop / length))


def _sighting(frames: Frames, used: float) -> Sighting:
    """Greedy CTC: each run of one character is a position; near-misses between them too."""
    best = frames.argmax(axis=1)
    positions: list[Position] = []
    at = 0
    for value, run in itertools.groupby(best):
        stop = at + len(list(run))
        if value:
            positions.append(_position(frames, at, stop, used))
        else:
            ghost = at + int(frames[at:stop, 0].argmin())
            if frames[ghost, 0] < 1 - _GHOST:
                # the runner-up may only be the neighbour's own frame fading out
                rival = int(frames[ghost, 1:].argmax()) + 1
                beside = {int(best[i]) for i in (at - 1, stop) if 0 <= i < len(best)}
                if rival not in beside:
                    positions.append(_position(frames, ghost, ghost + 1, used))
        at = stop
    return Sighting("ppocr", tuple(positions))


def _opinion(frames: Frames, used: float) -> Sighting:
    """What one branch alone says: for each character its best, and how sure."""
    best = frames.argmax(axis=1)
    positions = []
    at = 0
    length = max(1e-6, len(frames) * used)
    for value, run in itertools.groupby(best):
        stop = at + len(list(run))
        if value:
            sure = float(frames[at:stop, value].max())
            x0, x1 = min(1.0, at / length), min(1.0, stop / length)
            positions.append(Position(((ALPHABET[value - 1], sure),), x0, x1))
        at = stop
    return Sighting("ppocr", tuple(positions))


def _mean(own: Frames, taught: Frames) -> Frames:
    """What both branches allow: the weighed mean of their log-probabilities."""
    logs = (1 - WEIGHT) * np.log(own + _LEAST) + WEIGHT * np.log(taught + _LEAST)
    both = np.exp(logs)
    return np.asarray(both / both.sum(axis=1, keepdims=True), np.float32)


def _letters_beside(seen: Sighting, at: float) -> bool:
    """Whether letters, and no mark of the same kind, stand to both sides of a place."""
    read = [p for p in seen.positions if p.chars and p.chars[0][0].strip()]
    before = [p.chars[0][0] for p in read if p.x0 < at][-1:]
    after = [p.chars[0][0] for p in read if p.x0 >= at][:1]
    return len(before) == len(after) == 1 and before[0].isalpha() and after[0].isalpha()


def _low(seen: Sighting) -> int:
    """How many commas and points were read."""
    return sum(map(seen.text.count, _LOW))


def _with_commas(
    both: Frames, own: Frames, seen: Sighting, heard: Sighting, used: float, pixels: Pixels
) -> Frames:
    """The frames of both, with those of a branch that sees a comma where one stands in the ink.

    Between letters only: what stands low between figures is as often what is left of a rule.
    `seen` is what both say, `heard` what that branch says alone.
    """
    both = both.copy()
    marks = [(p.x0 + p.x1) / 2 for p in heard.positions if p.chars[0][0] in _LOW]
    length = len(both) * used
    around = _AROUND * max(1.0, length / _usual(pixels.shape))
    for at in commas(pixels):
        near = any(abs(at - mark) * length < around for mark in marks)
        if near and _letters_beside(seen, at):
            first, last = int(at * length - around), int(at * length + around) + 1
            both[max(0, first) : last] = own[max(0, first) : last]
    return both


class PaddleReader:
    """The PP-OCRv6 small recogniser.

    Args:
        alone: believe the branch alone that says what the model said as it came, and with no layer
            of eight bits, which is better on papers that are no claims. Made with the first of them
            (half a CPU second): most pages are claims.
    """

    name = "ppocr"

    def __init__(self, *, alone: bool = False) -> None:
        self._alone = alone
        self._made: Recogniser | None = None if alone else Recogniser()

    @property
    def _recogniser(self) -> Recogniser:
        if self._made is None:
            self._made = Recogniser(exact=True, own=True)
        return self._made

    def warm(self) -> None:
        """Do now what the first strips would wait for."""
        self._recogniser.warm()

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        """One sighting a strip, in order."""
        pictures = [strip.pixels for strip in strips]
        if self._alone:
            said = self._recogniser.read([fitted(picture) for picture in pictures])
            return [_sighting(one.own, one.used) for one in said]
        stands = [standing(picture) for picture in pictures]
        widths = [_squeeze(p.shape, len(s)) for p, s in zip(pictures, stands, strict=True)]
        found = self._seen(pictures, widths)
        # ink that was left is read once more, wider, and that is believed where it explains it;
        # where rules were left in, it is theirs
        left = [unread(*each) for each in zip(pictures, found, stands, strict=True)]
        again = [
            i
            for i, strip in enumerate(strips)
            if left[i] > _LEFT and strip.pixels is not strip.restored
        ]
        wider = self._seen([pictures[i] for i in again], [widths[i] * _WIDER for i in again])
        for i, wide in zip(again, wider, strict=True):
            more = _characters(wide) > _characters(found[i])
            sure = 2 * wide.probability > found[i].probability
            if more and sure and unread(pictures[i], wide, stands[i]) < left[i]:
                found[i] = wide
        return found

    def _seen(self, pictures: Sequence[Pixels], widths: Sequence[float]) -> list[Sighting]:
        """What both branches say together of each picture, squeezed to a share of its width."""
        said = self._recogniser.read([fitted(*each) for each in zip(pictures, widths, strict=True)])
        return [together(one, picture) for one, picture in zip(said, pictures, strict=True)]


def _usual(shape: tuple[int, ...]) -> float:
    """The frames of a strip that is as wide as usual."""
    height, width = shape
    return SQUEEZE * width * HEIGHT / height / FRAME


def _squeeze(shape: tuple[int, ...], characters: int) -> float:
    """The share of its width to which a strip is squeezed.

    Two that are alike side by side need a frame between theirs: condensed print gets more room.
    """
    usual = _usual(shape)
    if characters < _TWO or usual >= _FEW * characters:
        return SQUEEZE
    return min(_WIDEST, SQUEEZE * _FRAMES * characters / usual)


def _characters(seen: Sighting) -> int:
    return len(seen.text.replace(" ", ""))


def together(said: Said, pixels: Pixels) -> Sighting:
    """What both branches say of a strip together, and what each says alone."""
    both = _mean(said.own, said.taught)
    seen, heard = _sighting(both, said.used), _opinion(said.own, said.used)
    if _low(heard) > _low(seen):
        seen = _sighting(_with_commas(both, said.own, seen, heard, said.used, pixels), said.used)
    taught = _opinion(said.taught, said.used)
    if heard.text == taught.text != seen.text:
        # each saw a character, in frames of their own: their mean had it in neither
        seen = _sighting(said.taught, said.used)
    return dataclasses.replace(seen, others=(heard, taught))
