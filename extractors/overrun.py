"""Print that goes on in the next box: what stands right beside it makes no sense there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from extractors.fields import Line
from extractors.ink import Canvas
from extractors.kinds.table import kind_for
from extractors.marks import Mark
from extractors.place import Placed, boxed
from forms.layout import Layout
from models.page import BoxPx, Form

#: inches: the next word of a text is no further away, and the rest of one is nearer than that
_WORD = 0.2
_SAME_WORD = 0.075
#: characters: so short a line of words right behind other words may be the end of those
_SHORT = 4
#: after these a text goes on: in the next box, printed over what stands there
_GOES_ON = ("#", "&", "-", ",", "/", "(")
#: share of the lower of two boxes' heights that lies beside the other in one line
_BESIDE = 0.5
#: inches by which the middle of a line lies off its field's: print never does, once it is known how
#: a page's lies (of 5,051 lines six, none of them a lone character)
_OFF = 0.06
#: shares of a line's height that a character of it has, whatever stands in no box
_CHARACTER = (0.7, 1.5)


def _senseless(
    found: Mapping[str, Sequence[Line]], marks: Sequence[Mark]
) -> Iterator[tuple[str, BoxPx]]:
    """Fields whose print can't be theirs, and where it is: no shape of their kind, many marks."""
    for name, lines in found.items():
        for line in lines:
            if not line.decoded.legal:
                yield name, line.strip.box
    for mark in marks:
        if len(mark.marked) > 1:
            yield mark.field, mark.box


def _ends(found: Mapping[str, Sequence[Line]], form: Form) -> list[tuple[str, BoxPx]]:
    """Fields of words that hold one word, so short that it may be the last of others."""
    return [
        (name, lines[0].strip.box)
        for name, lines in found.items()
        if len(lines) == 1
        and kind_for(form, name).words
        and len(lines[0].decoded.text) <= _SHORT
        and " " not in lines[0].decoded.text
    ]


def _broken_off(
    found: Mapping[str, Sequence[Line]], form: Form, word: float
) -> Iterator[tuple[str, str]]:
    """Pairs of fields of words: the first ends as no text does, and right behind the other begins.

    Args:
        found: the fields with print, as decoded.
        form: which form.
        word: pixels that the next word is away at most.
    """
    lines = [
        (name, line)
        for name, all_of_it in found.items()
        if kind_for(form, name).words
        for line in all_of_it
    ]
    for name, line in lines:
        if line.decoded.text.endswith(_GOES_ON):
            box = line.strip.box
            for other, behind in lines:
                its = behind.strip.box
                if other != name and 0 <= its[0] - box[2] < word and _level(box, its):
                    yield name, other


def _homeless(canvas: Canvas, placed: Placed) -> list[BoxPx]:
    """Where print-like ink stands that no field holds."""
    boxes = canvas.boxes[placed.stray].tolist()
    return [(x, y, x + width, y + height) for x, y, width, height, _ in boxes]


def _level(one: BoxPx, other: BoxPx) -> bool:
    """Whether two boxes lie in one line."""
    shared = min(one[3], other[3]) - max(one[1], other[1])
    return shared > _BESIDE * min(one[3] - one[1], other[3] - other[1])


def overrun(
    found: Mapping[str, Sequence[Line]],
    marks: Sequence[Mark],
    form: Form,
    canvas: Canvas,
    placed: Placed,
) -> frozenset[str]:
    """The fields of words whose print may go on, or may have begun, outside of their box.

    Args:
        found: the fields with print, as decoded.
        marks: the choices with marks.
        form: which form.
        canvas: the page that they lie on.
        placed: its ink by field.
    """
    beside = list(_senseless(found, marks))
    homeless, ends = _homeless(canvas, placed), _ends(found, form)
    word, same = _WORD * canvas.ppi, _SAME_WORD * canvas.ppi
    over = {name for pair in _broken_off(found, form, word) for name in pair}
    for name, lines in found.items():
        if not kind_for(form, name).words:
            continue
        for box in (line.strip.box for line in lines):
            left, _, right, _ = box
            for other, its in beside:
                after, before = its[0] - right, left - its[2]
                near = -word < after < word or -word < before < same
                if other != name and near and _level(box, its):
                    over.add(name)
            for other, its in ends:
                if other != name and 0 <= its[0] - right < word and _level(box, its):
                    over |= {name, other}
            low, high = (share * (box[3] - box[1]) for share in _CHARACTER)
            for its in homeless:
                if 0 <= its[0] - right < word and low < its[3] - its[1] < high and _level(box, its):
                    over.add(name)
    return frozenset(over)


def off_row(
    found: Mapping[str, Sequence[Line]], form: Layout, canvas: Canvas, placed: Placed
) -> Iterator[str]:
    """Fields whose print stands off their row: a mark or a piece of something else, as like as not.

    Args:
        found: the fields with print, as decoded.
        form: where fields are.
        canvas: the page that they lie on.
        placed: its ink by field.
    """
    for name, lines in found.items():
        if len(lines) == 1:
            _, top, _, foot = boxed(form.fields[name], placed)
            _, first, _, last = lines[0].strip.box
            off = (first + last) / 2 / canvas.ppi - (top + foot) / 2
            if abs(off) > max(_OFF, (foot - top) / 2 - _OFF):
                yield name
