"""Strips: the ink of each field cut out as lines, everybody else's ink left out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from extractors.ink import Canvas
from extractors.parts import Mask, rows_of, window
from extractors.place import Placed, boxed
from extractors.strip import FAR, Strip
from forms.layout import WORDY, FieldSpec, Layout
from models.page import BoxPx, Pixels

#: share of the ink's height left as paper around it
_MARGIN = 0.18
#: inches: a line of print is at least this high, so that a hyphen stays a hyphen
_LEAST_HEIGHT = 0.085
#: inches: ink less high or less wide is a speck
_SPECK = 0.03
#: ink so many times as high as a line is no character of it alone
_LARGER = 1.4
#: inches from the edges of a field within which print may be another field's
_INSIDE = 0.1
#: share of the ink that must touch a rule before a stroke may be lost in it
_TOUCHING = 0.01
#: inches around the ink in which a rule may hide a stroke
_RESTORE = 0.03
#: inches from the edge of a box, or of the paper
_EDGE = 0.045
#: inches: before print that begins so close to its box there is no room for a character; what is
#: as close to it as that touches it
_ROOM, _TOUCH = 0.06, 0.012
#: inches: words of one line are no farther from each other
_WORD = 0.4
#: what shows through a ruling line is print from this grey down, and so many inches around print
_THROUGH = 225
_BESIDE = 0.035
_PAPER = 255
#: inches between two characters; a share of the height that makes them alike
_NEXT = 0.09
_AS_HIGH = 0.75
#: from which share on, and with so much ink of the height squared, it is one of the claim's
_WHOLE = 0.92
_STROKES = 0.12
#: inches by which a caption may lie beside its place; inches before its box from which on print may
#: be a caption's end, as wide as a stroke at least, and the share of it that lies there
_OFF, _BEFORE, _CAPTIONS = 0.015, 0.01, 0.6
#: share of a line's height over which a ruling line is an upright one, and others stand beside it
_UPRIGHT = 0.6
_SHARED = 0.5
#: inches: what is lower is punctuation
_CHARACTER = 0.055
#: characters that tell where a line stands; shares of their height by which others hang over it,
#: by which rules are narrower, times by which they are higher, and by which no character is
_ENOUGH = 4
_HANGS = 0.25
_LINE = 0.3
_TALLER = 1.4
_TALLEST = 2.0
#: share of that height within which an l stands on the line; times as high as small letters it is
_STANDS, _TALL_LETTER = 0.12, 1.65
#: inches: what is lower, and so many times as wide as high, is a hyphen or a piece of a line; no
#: character is lower
_FLAT, _DASH, _LOWEST = 0.02, 2, 0.045
#: square inches, inches: of a comma or an apostrophe in a gap between characters at least is left
_COMMA, _HIGH = 0.00008, 0.016
#: inches: baselines of two lines in one field lie further apart
_PITCH = 0.11


def _bounds(canvas: Canvas, parts: list[int]) -> BoxPx:
    boxes = canvas.boxes[parts]
    return (
        int(boxes[:, 0].min()),
        int(boxes[:, 1].min()),
        int((boxes[:, 0] + boxes[:, 2]).max()),
        int((boxes[:, 1] + boxes[:, 3]).max()),
    )


def _lines(canvas: Canvas, spec: FieldSpec, parts: list[int]) -> list[list[int]]:
    """The components of a field by line of print, top to bottom."""
    if spec.box[3] - spec.box[1] < 2 * _PITCH:
        return [parts]
    middle = canvas.boxes[:, 1] + canvas.boxes[:, 3] / 2
    tall = [i for i in parts if canvas.boxes[i, 3] > _CHARACTER * canvas.ppi]
    lines: list[list[int]] = []
    last = -np.inf
    for i in sorted(tall, key=lambda i: float(middle[i])):
        if middle[i] - last > 0.75 * _PITCH * canvas.ppi:
            lines.append([])
        lines[-1].append(i)
        last = middle[i]
    if not lines:
        return [parts]
    # points, commas and pieces go to the line that they are nearest to
    rows = np.array([np.mean(middle[line]) for line in lines])
    for i in set(parts) - set(tall):
        lines[int(np.abs(rows - middle[i]).argmin())].append(i)
    return lines


def _level(canvas: Canvas, parts: list[int]) -> list[int]:
    """The components of a line that stand on it: without what is left of rules and edges."""
    boxes = canvas.boxes[parts]
    top, width, height = boxes[:, 1], boxes[:, 2], boxes[:, 3]
    tall = height > _CHARACTER * canvas.ppi
    if tall.sum() < _ENOUGH:
        return parts
    first, last = float(np.median(top[tall])), float(np.median((top + height)[tall]))
    high = last - first
    shared = np.minimum(top + height, last + _HANGS * high) - np.maximum(top, first - _HANGS * high)
    line = (width < _LINE * high) & (height > _TALLER * high)
    # an l among small letters is as narrow and as high, but stands on the line
    line &= (np.abs(top + height - last) > _STANDS * high) | (height > _TALL_LETTER * high)
    stands = (shared > _SHARED * height) & ~line & (height < _TALLEST * high)
    # where few stand, there is no line that the others could be off
    return parts if 2 * stands.sum() < len(parts) else np.array(parts)[stands].tolist()


def _pieces(canvas: Canvas, parts: list[int]) -> bool:
    """Whether components are pieces of a level line, and none as high as a character."""
    _, _, width, height, _ = canvas.boxes[parts].T
    flat = (height < _FLAT * canvas.ppi) & (width > _DASH * height)
    return bool(2 * flat.sum() > len(parts) and (height < _LOWEST * canvas.ppi).all())


def _level_run(canvas: Canvas, placed: Placed, run: tuple[str, ...]) -> list[int]:
    """The components of a run that stand on their field's line, or where it is short on the run's.

    Two fields side by side needn't be of one row.
    """
    fields = [placed.fields.get(name, []) for name in run]
    if any((canvas.boxes[parts, 3] > _CHARACTER * canvas.ppi).any() for parts in fields):
        # a line reaches over all of its field: print beside it would be a speck in the picture
        fields = [[] if _pieces(canvas, parts) else parts for parts in fields]
    whole = set(_level(canvas, [i for parts in fields for i in parts]))
    found: list[int] = []
    for parts in fields:
        tall = canvas.boxes[parts, 3] > _CHARACTER * canvas.ppi
        few = int(tall.sum()) < _ENOUGH
        found += [i for i in parts if i in whole] if few else _level(canvas, parts)
    return found


def _margin(height: int, like: float) -> int:
    return max(2, round(_MARGIN * max(height, like)))


def _without_lines(canvas: Canvas, where: tuple[slice, slice]) -> Pixels:
    """The page as if its ruling lines were not there.

    Ink over ink darkens: what a line alone does is divided out.
    """
    through = canvas.grey[where] * np.float32(255) / canvas.lines[where]
    return np.minimum(through, 255).astype(np.uint8)


def cut(canvas: Canvas, parts: list[int], box: BoxPx, like: float, rules: int = 0) -> Pixels:
    """The picture of `parts` alone, padded with paper.

    Args:
        canvas: the page.
        parts: components to show.
        box: around them, canvas pixels.
        like: pixels, the least height of the line.
        rules: pixels around the ink within which ruling lines are left, 0 to leave none.
    """
    x0, y0, x1, y1 = box
    short = max(0, round(like) - (y1 - y0))
    margin = _margin(y1 - y0, like)
    top, bottom = y0 - margin - short // 2, y1 + margin + (short + 1) // 2
    left, right = x0 - margin, x1 + margin
    rows, columns = canvas.grey.shape
    t, b = max(0, top), min(rows, bottom)
    le, r = max(0, left), min(columns, right)
    window = canvas.labels[t:b, le:r]
    mine = canvas.among(window, parts).astype(np.uint8)
    # the soft edge of a stroke belongs to it, another's ink and the form's print don't
    edge = cv2.dilate(mine, np.ones((3, 3), np.uint8))
    foreign = ((canvas.ink[t:b, le:r] > 0) & (mine == 0)) | (canvas.taken[t:b, le:r] > 0)
    show = (edge > 0) & ~foreign
    if rules:
        # beside a character and above or below it, but no further than it reaches itself
        reach = np.zeros_like(mine)
        for x, y, w, h in (canvas.boxes[parts, :4] - (le, t, 0, 0)).tolist():
            reach[max(0, y) : y + h, max(0, x - rules) : x + w + rules] = 1
            reach[max(0, y - rules) : y + h + rules, max(0, x) : x + w] = 1
        show |= (reach > 0) & (canvas.ruled[t:b, le:r] > 0)
    picture = np.full((bottom - top, right - left), 255, np.uint8)
    inner = picture[t - top : b - top, le - left : r - left]
    if rules:
        inner[show] = canvas.grey[t:b, le:r][show]
    else:
        bare = _without_lines(canvas, (slice(t, b), slice(le, r)))
        inner[show] = bare[show]
        known = canvas.lines[t:b, le:r] < _PAPER
        under = (canvas.ruled[t:b, le:r] > 0) & known & (bare < _THROUGH)
        beside = 2 * canvas.px(_BESIDE) + 1
        under &= cv2.dilate(mine, np.ones((beside, beside), np.uint8)) > 0
        inner[under] = bare[under]
    floor = canvas.floor
    if floor > 8:  # noqa: PLR2004 - stretch faint print to black
        stretched = (picture.astype(np.float32) - floor) * (255 / (255 - floor))
        picture = np.clip(stretched, 0, 255).astype(np.uint8)
    return picture


def _runs(placed: Placed, layout: Layout) -> list[tuple[str, ...]]:
    """Fields whose print touches, joined into runs that share no field."""
    runs: list[set[str]] = []
    for run in placed.runs:
        joined = set(run)
        for other in [r for r in runs if r & joined]:
            joined |= other
            runs.remove(other)
        runs.append(joined)
    return [tuple(sorted(r, key=lambda f: layout.fields[f].box[0])) for r in runs]


def _solid(ink: NDArray[np.bool_]) -> float:
    """The share of its ink, holes of a pixel or two closed, that is there."""
    whole = np.pad(ink.astype(np.uint8), 2)
    closed = cv2.morphologyEx(whole, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    return float(ink.sum() / max(1, int(np.count_nonzero(closed))))


def _uneven(boxes: NDArray[np.int32], ppi: float) -> float | None:
    """How far characters stand off one line, as a share of their height; None of few."""
    tall = boxes[boxes[:, 3] > _CHARACTER * ppi]
    if len(tall) <= _ENOUGH:
        return None
    feet = tall[:, 1] + tall[:, 3]
    return float(np.median(np.abs(feet - np.median(feet))) / np.median(tall[:, 3]))


def _character(ink: NDArray[np.bool_], high: int) -> bool:
    """Whether ink is as high as a line, and as much as a character has."""
    return rows_of(ink) > _WHOLE * high and bool(ink.sum() > _STROKES * high * high)


def _captions(canvas: Canvas, layout: Layout) -> Mask:
    """1 where the form prints captions, and so far around them as registration leaves over."""
    found = np.zeros_like(canvas.taken)
    for mark in layout.preprinted:
        if mark.what == "mark":
            found[window(mark.box, _OFF, canvas.ppi)] = 1
    return found


def _captions_own(ink: NDArray[np.bool_], captions: Mask, high: float) -> NDArray[np.bool_]:
    """The components of `ink` that lie in a caption as a whole, lower than `high` pixels.

    What is as high as print may be print that is one with the caption.
    """
    if not ink.any():  # at the edge of the paper there may be no pixel, which OpenCV can't bear
        return ink
    _, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8))
    own = stats[:, cv2.CC_STAT_HEIGHT] < high
    own[labels[captions == 0]] = False
    return np.asarray(ink & own[labels], np.bool_)


class _Cutter:
    """Cuts the strips of one page."""

    def __init__(self, canvas: Canvas, layout: Layout, placed: Placed) -> None:
        self.canvas = canvas
        self.layout = layout
        self.placed = placed
        self.rim = cv2.dilate(canvas.ruled | canvas.blocks, np.ones((3, 3), np.uint8))
        self.captions = _captions(canvas, layout)

    def _most_touching(self, touching: NDArray[np.int32]) -> float:
        """The largest share of one component's ink that touches a rule or a black block."""
        labels, counts = np.unique(touching, return_counts=True)
        if not len(labels):
            return 0.0
        return float((counts / np.maximum(self.canvas.boxes[labels, 4], 1)).max())

    def _eaten(self, box: BoxPx) -> tuple[bool, bool]:
        """What was taken for a caption right beside this print: (is as high, is a character)."""
        canvas = self.canvas
        x0, y0, x1, y1 = box
        high, reach = y1 - y0, canvas.px(_NEXT)
        eaten = lost = False
        for left, right in ((x0 - reach, x0), (x1, x1 + reach)):
            where = (slice(max(0, y0), y1), slice(max(0, left), max(0, right)))
            own = (canvas.taken[where] > 0) & (canvas.ruled[where] == 0)
            own &= canvas.blocks[where] == 0
            own &= ~_captions_own(own, self.captions[where], _AS_HIGH * high)
            eaten |= rows_of(own) > _AS_HIGH * high
            lost |= _character(own, high)
        return eaten, lost

    def _swallowed(self, box: BoxPx, mine: NDArray[np.bool_]) -> bool:
        """Whether a comma or an apostrophe in a gap of this print was taken for the form's own."""
        canvas = self.canvas
        x0, y0, x1, y1 = box
        where = (slice(y0, y1), slice(x0, x1))
        own = (canvas.taken[where] > 0) & (canvas.ruled[where] == 0) & (canvas.blocks[where] == 0)
        own[:, mine.any(axis=0)] = False
        if not own.any():
            return False
        _, _, stats, _ = cv2.connectedComponentsWithStats(own.astype(np.uint8))
        much = stats[1:, cv2.CC_STAT_AREA] > _COMMA * canvas.ppi**2
        return bool((much & (stats[1:, cv2.CC_STAT_HEIGHT] > _HIGH * canvas.ppi)).any())

    def _elsewhere(self, box: BoxPx, mine: NDArray[np.bool_], high: int) -> bool:
        """Whether a character among this print, `high` pixels, is one with ink of another line."""
        x0, y0, x1, y1 = box
        # (a comma reaches lower)
        high = min(y1 - y0, high)
        others = np.where(mine, 0, self.canvas.labels[y0:y1, x0:x1])
        found, counts = np.unique(others[others > 0], return_counts=True)
        much = found[counts > _STROKES * high * high]
        return any(_character(others == label, high) for label in much)

    def _beyond(self, box: BoxPx, left: int, right: int) -> bool:
        """Whether from `left` to `right` a character stands beside this print that isn't its part.

        One that touches the next row, a hole or a crease is one with it, and may have taken others
        of its word along.
        """
        x0, y0, x1, y1 = box
        high, inside = y1 - y0, self.canvas.px(_INSIDE)
        for first, last in ((max(0, left), x0), (x1, right)):
            beside = self.canvas.labels[y0:y1, first : max(first, last)]
            found, counts = np.unique(beside[beside > 0], return_counts=True)
            x, _, width, height, _ = self.canvas.boxes[found].T
            middle = x + width / 2
            own = (middle > left + inside) & (middle < right - inside)
            much = found[((height > _LARGER * high) | own) & (counts > _STROKES * high * high)]
            if any(rows_of(beside == label) > _AS_HIGH * high for label in much):
                return True
        return False

    def _captions_end(self, box: BoxPx, mine: NDArray[np.bool_], left: float) -> bool:
        """Whether this print begins before `left`, where its field does, in a caption.

        Print that touches the caption before its box takes the last letters of that along.
        """
        x0, y0, _, y1 = box
        before = round(left - _BEFORE * self.canvas.ppi) - x0
        if before < self.canvas.px(_FLAT) or not self.canvas.ruled.any():
            return False
        ink = mine[:, :before]
        caption = self.captions[y0:y1, x0 : x0 + ink.shape[1]] > 0
        return bool((ink & caption).sum() > _CAPTIONS * ink.sum())

    def _gaps(self, box: BoxPx, parts: list[int]) -> tuple[float, float]:
        """(inches to the next upright ruling line, to the next character of another field)."""
        canvas = self.canvas
        x0, y0, x1, y1 = box
        far = canvas.px(FAR)
        rule = ink = far
        columns = np.arange(max(0, x0 - far), min(canvas.ruled.shape[1], x1 + far))
        away = np.maximum(np.maximum(x0 - columns, columns - x1 + 1), 0)
        ruled = canvas.ruled[max(0, y0) : y1, columns[0] : columns[-1] + 1].mean(axis=0)
        outside = ((columns < x0) | (columns >= x1)) & (ruled > _UPRIGHT)
        if outside.any():
            rule = int(away[outside].min())
        left, top, width, height = canvas.boxes[:, :4].T
        beside = np.maximum(x0 - (left + width), left - x1)
        shared = np.minimum(top + height, y1) - np.maximum(top, y0)
        others = (beside < far) & (shared > _SHARED * (y1 - y0)) & (height < 2 * (y1 - y0))
        others &= height > _CHARACTER * canvas.ppi
        others[parts] = False
        others[0] = False
        if others.any():
            ink = max(0, int(beside[others].min()))
        return rule / canvas.ppi, ink / canvas.ppi

    def strip(self, parts: list[int], run: tuple[str, ...], number: int) -> Strip | None:
        """The strip of `parts`, or None where they are specks."""
        canvas, ppi = self.canvas, self.canvas.ppi
        boxes = canvas.boxes[parts]
        if boxes[:, 3].max() < _SPECK * ppi and boxes[:, 2].max() < 2 * _SPECK * ppi:
            return None
        specs = [self.layout.fields[f] for f in run]
        homes = np.array([boxed(s, self.placed) for s in specs]) * ppi
        box = _bounds(canvas, parts)
        x0, y0, x1, y1 = box
        mine = canvas.among(canvas.labels[y0:y1, x0:x1], parts)
        ink = int(mine.sum())
        grey = canvas.grey[y0:y1, x0:x1][mine]
        near = (self.rim[y0:y1, x0:x1] > 0) & mine
        touching = int(near.sum())
        most = self._most_touching(canvas.labels[y0:y1, x0:x1][near])
        area = boxes[:, 4].astype(float)
        middle = boxes[:, 0] + boxes[:, 2] / 2
        out = (middle < homes[:, 0].min()) | (middle > homes[:, 2].max())
        least = _LEAST_HEIGHT * ppi
        reach = canvas.px(_RESTORE)
        beside = canvas.ruled[max(0, y0 - reach) : y1 + reach, max(0, x0 - reach) : x1 + reach]
        edge = canvas.px(_EDGE)
        around = (slice(max(0, y0 - edge), y1 + edge), slice(max(0, x0 - edge), x1 + edge))
        own = (canvas.taken[around] > 0) & (canvas.ruled[around] == 0)
        # what lies over the field's own box may hide a word before or after the rest; where print
        # begins with the box there was none before it
        word = canvas.px(_WORD)
        begins = abs(x0 - homes[0, 0]) < _ROOM * ppi
        before = min(x0 - edge, max(round(homes[0, 0]), x0 - word))
        first = x0 - canvas.px(_TOUCH) if begins else before
        last = max(x1 + edge, min(round(homes[-1, 2]), x1 + word))
        rule_gap, ink_gap = self._gaps(box, parts)
        eaten, lost = self._eaten(box)
        if specs[0].kind in WORDY and self._swallowed(box, mine):
            eaten = lost = True
        tall = boxes[boxes[:, 3] > _CHARACTER * ppi, 3]
        lost |= self._elsewhere(box, mine, int(np.median(tall)) if len(tall) else y1 - y0)
        lost |= self._beyond(box, round(homes[0, 0]), round(homes[-1, 2]))
        lost |= self._captions_end(box, mine, homes[0, 0])
        return Strip(
            field=run[0],
            kind=specs[0].kind,
            pixels=cut(canvas, parts, box, least),
            box=box,
            restored=(cut(canvas, parts, box, least, reach) if beside.any() else None),
            touches=touching > _TOUCHING * ink,
            origin=x0 - _margin(y1 - y0, least),
            run=run if len(run) > 1 else (),
            size=((x1 - x0) / ppi, (y1 - y0) / ppi),
            line=number,
            weight=1 - float(grey.mean()) / 255,
            solid=_solid(mine),
            contact=most,
            outside=float(area[out].sum() / max(1.0, area.sum())),
            border=bool(x1 < homes[0, 0] + edge or x0 > homes[-1, 2] - edge),
            captioned=bool(own.any()),
            eaten=eaten,
            lost=lost,
            uneven=_uneven(boxes, ppi),
            cut=bool(canvas.patches[max(0, y0) : y1, max(0, first) : last].any()),
            rule_gap=rule_gap,
            ink_gap=ink_gap,
        )


def strips(canvas: Canvas, layout: Layout, placed: Placed) -> list[Strip]:
    """A strip for every line of print in every field or run of fields that has any."""
    cutter = _Cutter(canvas, layout, placed)
    runs = _runs(placed, layout)
    joined = {name for run in runs for name in run}
    found = [cutter.strip(_level_run(canvas, placed, run), run, 0) for run in runs]
    for name, everything in placed.fields.items():
        spec = layout.fields[name]
        if spec.choices or name in joined:
            continue
        for number, parts in enumerate(_lines(canvas, spec, everything)):
            found.append(cutter.strip(_level(canvas, parts), (name,), number))
    return [strip for strip in found if strip is not None]
