"""Strips to decoded fields: which reader reads what, and what counts as print at all."""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from extractors.branches import stand
from extractors.challenge import Said, challenge, sample
from extractors.habits import doubtful, habits
from extractors.kinds.decode import Decoded, Habits, read
from extractors.kinds.table import Kind, kind_for
from extractors.offset import HALF, Offset
from extractors.place import NARROW, NEAR_NARROW
from extractors.readers import Readers
from extractors.readers.unread import standing
from extractors.readers.watch import ReaderAmissError
from extractors.sighting import Sighting
from extractors.split import Member, part
from extractors.strip import FAR, Strip
from forms.layout import WORDY, layout
from models.clock import Stages
from models.errors import NoRoomError
from models.page import Form

log = logging.getLogger("paperclaim.read")
#: what the remains of rules and dust are read as
_REMAINS = frozenset("-_.,'`|~:;/\\^*\"!lI1")
#: what an upright stroke is read as
_UPRIGHT = frozenset("1Il|")
#: what an O of a caption is read as
_ROUND = frozenset({"0", "(", ")"})
#: share of the ink that touches a rule when it has lost nothing to it
_FREE = 0.05
#: share of the ink that touches a rule when it is probably the rule's own
_MOSTLY_RULE = 0.12
#: inches: no printed character is narrower, no line of the form wider
_LINE = 0.02
#: inches to the line of the box's own edge, where a stroke beside it is another
_OTHER_LINE = 0.08
#: inches from which on none is near
_NEAR = 0.9 * FAR
#: inches: no printed character but a point or a hyphen is lower
_LOW = 0.06
#: what is lower than so much of a page's print is none of it; so many lines tell how high it is
_SMALL = 0.8
_FEW = 12
#: inches: no letter of a caption is higher, its edges blurred
_CAPTION = 0.09
#: and no figure of one, where it is surely read
_CAPTION_FIGURE, _CERTAIN = 0.08, 0.99
#: a character that was read less surely may have lost a stroke to a rule
_CLEAR = 0.8
#: a field for one character has ink in it where so many of its columns have, a stroke across each,
#: in this grey or darker
_INKED = 0.5
_STROKE = 0.008
_DARK = 128
#: log-odds of the way a run is parted from which on nothing was forgotten
_PARTED = 5.0
#: inches: a character whose middle is that near to a border stands half beyond it
_OVER = 0.03
#: a stroke on a line is a figure where it is read so surely
_LIKELY = 0.5
#: the first reader is sure of a line from here: it is wrong once in a thousand
_SURE = 0.9995
#: and where each of its branches alone bears the text out with such log-odds
_BORNE = 4.0
#: log-odds to what the other picture reads, where that is the same or far behind
_FAR_BEHIND = 20.0


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """Where the fields of a page lie: its form, pixels an inch, and how its print sits."""

    form: Form
    ppi: float
    off: Offset

    def edges(self, name: str) -> tuple[float, float]:
        """Left and right edge of a field where the print really sits, inches."""
        left, _, right, _ = self.off.boxed(layout(self.form).fields[name].box)
        return left, right


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of a field as decoded.

    Attributes:
        strip: its ink.
        sighting: of the first reader, of the picture that read better.
        decoded: what its kind makes of it.
        restored: the picture with the rules left in read better.
        settled: both pictures read the same, or there is only one.
        rival: log-odds to what the other picture reads, 20 or less; 20 where that is the same.
        alike: it has a character that this hand writes like another.
        partner: of a run that was parted, the smallest probability of a character in the fields
            beside this one; 0 of one that has no shape of its kind.
    """

    strip: Strip
    sighting: Sighting
    decoded: Decoded
    restored: bool = False
    settled: bool = True
    rival: float = _FAR_BEHIND
    alike: bool = False
    partner: float = 1.0


def _better(line: Line, again: Sighting, kind: Kind) -> Line:
    """A line as read, or as read with the rules left in, whichever reads better."""
    other = read(kind, again)
    same = other.value == line.decoded.value and other.value is not None
    same = same or other.text.upper() == line.decoded.text.upper()
    behind = _score(line.decoded) - _score(other)
    if behind < 0:
        line = Line(line.strip, again, other, restored=True)
    return _beside(line, behind, same=same)


def _score(decoded: Decoded) -> float:
    return decoded.candidates[0].score if decoded.candidates else -math.inf


def _beside(line: Line, behind: float, *, same: bool) -> Line:
    """A line, told by how much the other picture's reading is `behind`, or that it is the same."""
    rival = _FAR_BEHIND if same else min(abs(behind), _FAR_BEHIND)
    return dataclasses.replace(line, settled=same, rival=rival)


def _member(strip: Strip, name: str, sheet: Sheet) -> Member:
    left, right = sheet.edges(name)
    columns = slice(*(max(0, round(x * sheet.ppi) - strip.origin) for x in (left, right)))
    dark = (strip.pixels[:, columns] < _DARK).sum(axis=0) > _STROKE * sheet.ppi
    inked = right - left < NARROW and dark.size > 0 and float(dark.mean()) > _INKED
    return Member(name, kind_for(sheet.form, name), left, right, inked=inked)


def _overlooked(strips: Sequence[Strip], lines: Sequence[Line], sheet: Sheet) -> set[str]:
    """Fields of a run that leaves ink in them which is no other field's.

    Fields for one character that are full of it, and those in which ink stands like a character
    where none was read, or one that the field beside can't bear.
    """
    found = {line.strip.field: line for line in lines}
    names = {name for line in lines if _unfit(line) for name in _narrow(line, sheet)}
    for strip in strips:
        empty = [name for name in strip.run if name not in found]
        silent = _silent(strip, lines, sheet.ppi) if empty else []
        for name in empty:
            left, right = sheet.edges(name)
            if any(left - _OVER < x < right + _OVER for x in silent):
                names.add(name)
        for before, name in zip(("", *strip.run), strip.run, strict=False):
            inked = _member(strip, name, sheet).inked
            if inked and not _reaches(found.get(before), name, sheet):
                names.add(name)
    return names


def _unfit(line: Line) -> bool:
    """Whether a line may hold another field's character: no shape of its kind, or one set apart."""
    text = line.decoded.text
    return len(text) > 1 and (not line.decoded.legal or " " in (text[1], text[-2]))


def _narrow(line: Line, sheet: Sheet) -> Iterator[str]:
    """The fields for one character in which the first or the last of a line may stand."""
    specs = layout(sheet.form).fields
    own = specs[line.strip.field]
    if own.kind in WORDY:
        return
    x0, _, x1, _ = line.strip.box
    ends = x0 / sheet.ppi + HALF, x1 / sheet.ppi - HALF
    for spec in specs.values():
        (left, top, right, foot), (_, first, _, last) = spec.box, own.box
        if spec.choices or right - left > NARROW or abs(top + foot - first - last) > _LINE:
            continue
        left, right = sheet.edges(spec.id)
        if any(left - NEAR_NARROW < x < right + NEAR_NARROW for x in ends):
            yield spec.id


def _silent(strip: Strip, lines: Sequence[Line], ppi: float) -> list[float]:
    """Where in a run ink stands like a character and none was read, inches."""
    own = [
        line
        for line in lines
        if line.strip.field in strip.run and line.strip.box[1] == strip.box[1]
    ]
    read = [
        line.strip.origin + (p.x0 + p.x1) / 2 * line.strip.pixels.shape[1]
        for line in own
        for p in line.sighting.positions
        if p.chars and p.chars[0][0].strip()
    ]
    height = len(strip.pixels)
    middles = [strip.origin + (first + last) / 2 for first, last in standing(strip.pixels).tolist()]
    return [x / ppi for x in middles if min((abs(x - at) for at in read), default=height) >= height]


def _reaches(line: Line | None, name: str, sheet: Sheet) -> bool:
    """Whether a line's last character surely stands where the field after it begins."""
    if line is None or not line.decoded.legal or line.strip.sure < _PARTED:
        return False
    last = line.sighting.positions[-1]
    middle = line.strip.origin / sheet.ppi + (last.x0 + last.x1) / 2 * line.strip.size[0]
    return middle > sheet.edges(name)[0] - _OVER


def _parted(strip: Strip, sighting: Sighting, again: Sighting | None, sheet: Sheet) -> list[Line]:
    """A run of print parted among its fields."""
    form = sheet.form
    members = [_member(strip, name, sheet) for name in strip.run]
    left, width = strip.origin / sheet.ppi, strip.pixels.shape[1] / sheet.ppi
    score, parts = part(sighting, members, left, width)
    other = part(again, members, left, width) if again is not None else None
    restored = other is not None and other[0] > score
    chosen = other[1] if other is not None and restored else parts
    rest = {p.field: p for p in (parts if restored or other is None else other[1])}
    lines = []
    for piece in chosen:
        whole = strip.pixels.shape[1]
        x0, x1 = round(piece.x0 * whole), max(round(piece.x0 * whole) + 4, round(piece.x1 * whole))
        shown = dataclasses.replace(
            strip,
            field=piece.field,
            run=(),
            pixels=np.ascontiguousarray(strip.pixels[:, x0:x1]),
            restored=(
                None if strip.restored is None else np.ascontiguousarray(strip.restored[:, x0:x1])
            ),
            origin=strip.origin + x0,
            size=((x1 - x0) / sheet.ppi, strip.size[1]),
            box=(strip.origin + x0, strip.box[1], strip.origin + x1, strip.box[3]),
            sure=piece.sure,
        )
        kind = kind_for(form, piece.field)
        decoded = read(kind, piece.sighting)
        line = Line(shown, piece.sighting, decoded, restored=restored)
        if other is not None:
            twin = rest.get(piece.field)
            seen = read(kind, twin.sighting) if twin is not None else None
            same = seen is not None and seen.text == decoded.text
            behind = _score(decoded) - _score(seen) if seen is not None else 0.0
            line = _beside(line, behind, same=same)
        lines.append(line)
    clear = [_weakest(line.decoded) if line.decoded.legal else 0.0 for line in lines]
    return [
        dataclasses.replace(
            line, partner=min([*clear[max(0, i - 1) : i], *clear[i + 1 : i + 2], 1.0])
        )
        for i, line in enumerate(lines)
    ]


def _first(strips: Sequence[Strip], readers: Readers, sheet: Sheet) -> list[Line]:
    """Every strip read by the first reader, twice where a rule may hide a stroke."""
    sightings = readers.first.read(strips)
    found = [_lines(s, seen, sheet) for s, seen in zip(strips, sightings, strict=True)]
    twice = {
        i: dataclasses.replace(strip, pixels=strip.restored)
        for i, strip in enumerate(strips)
        if strip.restored is not None and (strip.touches or not all(map(_sound, found[i])))
    }
    again = readers.first.read(list(twice.values()))
    for i, seen in zip(twice, again, strict=True):
        if strips[i].run:
            found[i] = _parted(strips[i], sightings[i], seen, sheet)
        else:
            found[i] = [_better(found[i][0], seen, kind_for(sheet.form, strips[i].field))]
    return [line for lines in found for line in lines]


def _lines(strip: Strip, sighting: Sighting, sheet: Sheet) -> list[Line]:
    """What a strip says, by field."""
    if strip.run:
        return _parted(strip, sighting, None, sheet)
    return [Line(strip, sighting, read(kind_for(sheet.form, strip.field), sighting))]


def _sound(line: Line) -> bool:
    """Whether a line reads as its kind should, and clearly."""
    decoded = line.decoded
    return not decoded.candidates or (decoded.legal and _weakest(decoded) > _CLEAR)


def _weakest(decoded: Decoded) -> float:
    return decoded.candidates[0].weakest if decoded.candidates else 0.0


def _clearest(line: Line) -> float:
    """How clearly the least clear of its characters is read; of a lone stroke, as any stroke.

    What stands between an I and a 1 of many faces is the reader's taste, and none is a line.
    """
    weakest = _weakest(line.decoded)
    if line.decoded.text not in _UPRIGHT:
        return weakest
    strokes = (sum(p for c, p in at.chars if c in _UPRIGHT) for at in line.sighting.positions)
    return max(weakest, *strokes, 0.0)


def _typical(lines: Sequence[Line]) -> float:
    """How low the page's print is, inches; 0 where there is too little of it to say."""
    heights = [line.strip.size[1] for line in lines if len(line.decoded.text) > 2]  # noqa: PLR2004
    return float(np.percentile(heights, 10)) if len(heights) >= _FEW else 0.0


def _free(line: Line, typical: float, *, ruled: bool) -> bool:
    """Whether a stroke at the edge of its box is a figure: the box's own line is another one."""
    strip = line.strip
    known = not ruled or strip.rule_gap < _OTHER_LINE
    clear = line.decoded.legal and _clearest(line) > _CLEAR
    return known and _as_high(line, typical) and clear and strip.contact == 0


def _open(line: Line) -> Line:
    """A line; whether one that is a stroke beside a ruling line is that line's, if it may be."""
    unclear = line.decoded.text in _UPRIGHT and _clearest(line) < _CLEAR
    if unclear and line.strip.restored is not None:
        return dataclasses.replace(line, settled=False, rival=0.0)
    return line


def _as_high(line: Line, typical: float) -> bool:
    return _SMALL * typical < line.strip.size[1] < typical / _SMALL


def _stands(line: Line, typical: float, *, ruled: bool) -> bool:
    """Whether a stroke that touches a line is a figure on it, as there is no upright one near."""
    alone = ruled and line.strip.rule_gap >= _NEAR
    likely = line.decoded.legal and _clearest(line) > _LIKELY
    return alone and likely and _as_high(line, typical)


def _remains(line: Line, typical: float, *, ruled: bool) -> bool:
    """Whether this is no print of the claim but what is left of the form's own.

    Args:
        line: as read.
        typical: of the page's print the low tenth's height, inches.
        ruled: the page has ruling lines.
    """
    text = line.decoded.text.replace(" ", "")
    strip = line.strip
    width, height = strip.size
    if not text or height < _LINE < _LOW < width:  # flat
        return True
    rule = strip.contact > _MOSTLY_RULE and not _stands(line, typical, ruled=ruled)
    rule = rule or strip.outside > 0.5  # noqa: PLR2004 - mostly
    at_edge = strip.border and not _free(line, typical, ruled=ruled)
    if not set(text) & set("lI1"):
        if set(text) <= _REMAINS:
            return True
    elif set(text) <= _REMAINS and (
        (width < _LINE and (rule or at_edge or not line.decoded.legal))
        or (rule and height > 9 * _LINE)
    ):
        return True
    # print is lower than the rest only where a rule or a block took some of it
    whole = strip.contact < _FREE or text.isalpha() or text in _ROUND
    figures = text.isdigit() and line.decoded.legal and _weakest(line.decoded) > _CERTAIN
    low = min(_SMALL * typical, _CAPTION_FIGURE if figures else _CAPTION)
    if strip.captioned and whole and len(text) <= 2 and height < low:  # noqa: PLR2004
        # a letter of a caption that goes on beyond its place
        return True
    if line.decoded.legal and width > _LINE and height > _SMALL * typical > 0:
        # of a character's size, and one that may stand here: print that a rule runs through
        return False
    # noise reads as something, but never surely
    return rule and len(text) <= 2 and _weakest(line.decoded) < 0.6  # noqa: PLR2004


def _character(line: Line, typical: float) -> bool:
    """Whether what is taken for remains is of a character's size, inside of its field.

    Of a figure that stands on a line a stroke may be left, as high as the page's print.
    """
    strip = line.strip
    width, height = strip.size
    # an upright stroke where the form has no line
    stroke = not strip.captioned and strip.restored is None and not strip.border
    clear = line.decoded.legal and _clearest(line) > _CERTAIN
    stroke |= clear and not strip.border and _as_high(line, typical)
    large = height > _LOW and (width > _LINE or stroke)
    return bool(line.decoded.text) and large and strip.outside < 0.5  # noqa: PLR2004 - mostly


def decode(
    sheet: Sheet,
    strips: Sequence[Strip],
    readers: Readers,
    stages: Stages,
    unsure: set[str],
) -> dict[str, list[Line]]:
    """The fields that hold print, each with its lines from top to bottom.

    Args:
        sheet: which form the strips were cut from, and where its fields lie.
        strips: of the page.
        readers: the first reads all, the witness is shown some of it.
        stages: adds up CPU seconds.
        unsure: gets the fields that read as empty and might not be.

    Raises:
        ReaderError: the first reader failed, or what it says is not on the strips.
    """
    form = sheet.form
    with stages("read"):
        lines = _first(strips, readers, sheet)
    typical = _typical(lines)
    ruled = any(line.strip.rule_gap < _NEAR for line in lines)
    remains = [_remains(line, typical, ruled=ruled) for line in lines]
    unsure.update(
        line.strip.field
        for line, left in zip(lines, remains, strict=True)
        if left and _character(line, typical)
    )
    kept = (line for line, left in zip(lines, remains, strict=True) if not left)
    lines = [_open(line) for line in kept]
    unsure |= _overlooked(strips, lines, sheet)
    unsure.difference_update(line.strip.field for line in lines)
    with stages("weigh"):
        meant = habits((kind_for(form, line.strip.field), line.sighting) for line in lines)
        if meant:
            lines = [_in_this_hand(line, form, meant) for line in lines]
    lines = _borne_out(lines, readers, form, meant, stages)
    fields: dict[str, list[Line]] = {}
    for line in lines:
        fields.setdefault(line.strip.field, []).append(line)
    return fields


def _in_this_hand(line: Line, form: Form, meant: Habits) -> Line:
    """A line as its kind reads it in a hand of such habits."""
    kind = kind_for(form, line.strip.field)
    again = read(kind, line.sighting, meant)
    alike = doubtful(kind, line.sighting.text, meant)
    return dataclasses.replace(line, decoded=again, alike=alike)


def _says(line: Line, form: Form) -> Said:
    return kind_for(form, line.strip.field), line.decoded.text


def _borne_out(
    lines: Sequence[Line], readers: Readers, form: Form, meant: Habits, stages: Stages
) -> list[Line]:
    """The lines, those that need another reader's word with it.

    A first reader of several branches needs none: over 900 pages of the calibration split the
    witness's word beside theirs told nothing more (bench/README.md). It then only challenges what
    the first reader is sure of, and is asked for the rest where it takes the challenge up.
    """
    open_ = [i for i, line in enumerate(lines) if not _sure(line)]
    sure = [line for line in lines if _sure(line)]
    said = [_says(line, form) for line in sure]
    chosen = sample(said)
    branched = any(line.sighting.others for line in lines)
    asked = [] if branched else open_
    shown = [_shown(line) for line in (*(sure[i] for i in chosen), *(lines[i] for i in asked))]
    with stages("witness"):
        seen = _heard(readers, shown)
    told = [said[i] for i in chosen]
    try:
        challenge(told, seen, [_says(lines[i], form) for i in asked])
    except ReaderAmissError:
        if not branched:
            raise
        with stages("witness"):
            rest = _heard(readers, [_shown(lines[i]) for i in open_])
        challenge(told, [*seen, *rest], [_says(lines[i], form) for i in open_])
    after = list(lines)
    for i, sighting in zip(asked, seen[len(chosen) :], strict=True):
        if sighting.positions:
            kind = kind_for(form, lines[i].strip.field)
            both = read(kind, [lines[i].sighting, sighting], meant)
            after[i] = dataclasses.replace(lines[i], decoded=both)
    return after


def _heard(readers: Readers, strips: Sequence[Strip]) -> list[Sighting]:
    """What the witness saw; one that fails has seen nothing, which is no reason to lose a page."""
    try:
        seen = readers.witness.read(strips)
    except NoRoomError:
        # it has more to say another time
        raise
    except Exception as error:  # noqa: BLE001 - whatever a reader does; its text may hold print
        log.warning("the witness failed: %s", type(error).__name__)
        seen = []
    return seen if len(seen) == len(strips) else [Sighting(readers.witness.name, ())] * len(strips)


def _sure(line: Line) -> bool:
    best = line.decoded.candidates[0]
    if best.swaps > 0 or not line.settled:
        return False
    borne = line.sighting.others and stand(line.decoded, line.sighting)[0] > _BORNE
    return bool(best.weakest >= _SURE or borne)


def _shown(line: Line) -> Strip:
    """The strip as the first reader read it best."""
    if line.restored and line.strip.restored is not None:
        return dataclasses.replace(line.strip, pixels=line.strip.restored)
    return line.strip
