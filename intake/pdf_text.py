"""The text that a PDF page carries itself, in pixels. Runs in the decoding child."""

from __future__ import annotations

import html
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Name

from intake.pdf_image import View
from intake.pdf_marks import Box, unseen_text
from intake.words import Word, pack
from models.page import Pixels

_WORD: Final = re.compile(
    r'<word xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">(.*?)</word>'
)
#: seconds that pdftotext may take; a page takes 0.02
_SECONDS: Final = 20
#: annotation flags: hidden, not shown on a screen (ISO 32000-1, table 165)
_HIDDEN: Final = (1 << 1) | (1 << 5)
#: field flags: password, push button (tables 226 and 228)
_PASSWORD: Final = 1 << 13
_PUSH: Final = 1 << 16
#: parents of a field, at most
_DEEPEST: Final = 32
#: what a ticked box reads as
_TICK: Final = "X"


def words_of(
    path: Path, number: int, there: tuple[pikepdf.Page, View, Box], pixels: Pixels
) -> bytes:
    """The words of a page, packed.

    `there`: the page, how it is shown, and where on it the pixels lie, in points as shown.

    A form field comes as one word, its value, in the field's own frame, where that is what the
    field shows; a ticked box as X. Everything else is what is written on the page; where any of it
    is hidden, all of it counts as not drawn.
    """
    page, view, frame = there
    drawn = list(_drawn(path, number))
    fields: list[Word] = []
    for value, box in _fields(page, view):
        within = [word for word in drawn if _centre_in(word, box)]
        drawn = [word for word in drawn if not _centre_in(word, box)]
        shown = "".join(text for text, _ in within)
        if value == _TICK or re.sub(r"\s", "", value) == re.sub(r"\s", "", shown):
            fields.append((value, box))
        else:  # what is seen counts
            fields.extend(within)
    seen = not unseen_text(page)
    return pack(_in_pixels(fields, frame, pixels), drawn=True) + pack(
        _in_pixels(drawn, frame, pixels), drawn=seen
    )


def _in_pixels(words: list[Word], frame: Box, pixels: Pixels) -> Iterator[Word]:
    height, width = pixels.shape[:2]
    across = width / (frame[2] - frame[0])
    down = height / (frame[3] - frame[1])
    for text, (left, top, right, bottom) in words:
        box = (
            max(0.0, (left - frame[0]) * across),
            max(0.0, (top - frame[1]) * down),
            min(float(width), (right - frame[0]) * across),
            min(float(height), (bottom - frame[1]) * down),
        )
        if box[0] < box[2] and box[1] < box[3]:
            yield text, box


def _drawn(path: Path, number: int) -> Iterator[Word]:
    """Words and their frames, points as shown."""
    page = str(number)
    asked = ["pdftotext", "-bbox", "-cropbox", "-q", "-f", page, "-l", page, str(path), "-"]
    try:
        done = subprocess.run(asked, capture_output=True, timeout=_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return
    for found in _WORD.finditer(done.stdout.decode("utf-8", "replace")):
        left, top, right, bottom = (float(found[at]) for at in range(1, 5))
        yield html.unescape(found[5]), (left, top, right, bottom)


def _centre_in(word: Word, box: Box) -> bool:
    left, top, right, bottom = word[1]
    return box[0] <= (left + right) / 2 <= box[2] and box[1] <= (top + bottom) / 2 <= box[3]


def _fields(page: pikepdf.Page, view: View) -> Iterator[Word]:
    """Values and frames of the form fields that are filled in."""
    for note in page.obj.get(Name.Annots, []):
        try:
            if note.get(Name.Subtype) != Name.Widget or int(note.get(Name.F, 0)) & _HIDDEN:
                continue
            value = _value(note)
            x0, y0, x1, y1 = (float(one) for one in note[Name.Rect])
        except (pikepdf.PdfError, KeyError, TypeError, ValueError):
            continue
        if value:
            ends = view.point(x0, y0), view.point(x1, y1)
            left, right = sorted(end[0] for end in ends)
            top, bottom = sorted(end[1] for end in ends)
            yield value, (left, top, right, bottom)


def _inherited(note: pikepdf.Object, key: Name) -> pikepdf.Object | None:
    """A field's property, its own or its parents'."""
    holder: pikepdf.Object | None = note
    for _ in range(_DEEPEST):
        if holder is None:
            return None
        if key in holder:
            return holder[key]
        holder = holder.get(Name.Parent, None)
    return None


def _value(note: pikepdf.Object) -> str:
    """What is filled in, "" where nothing is."""
    kind, value = _inherited(note, Name.FT), _inherited(note, Name.V)
    flags = int(_inherited(note, Name.Ff) or 0)
    if kind == Name.Btn:
        on = str(note.get(Name.AS, value or "/Off")) != "/Off"
        return _TICK if on and not flags & _PUSH else ""
    if kind not in {Name.Tx, Name.Ch} or value is None or flags & _PASSWORD:
        return ""
    if isinstance(value, pikepdf.Array):
        return " ".join(str(one) for one in value)
    return str(value) if isinstance(value, pikepdf.String) else ""
