"""What a provider wrote into the answer boxes of a reply sheet.

The sheet is ours: every box has the same frame (`letters/data/letter.typ`), in the order of the
questions. Frames are found by their upper and lower edges, wherever and however skewed they came
back, and what stands in each is read as lines. Nobody knows how often writing is read right, so
its confidence is held below all that counts: a person has the paper before them, and the last
word.
"""

from __future__ import annotations

import logging
from typing import Final

import cv2
import numpy as np

from extractors.lines import DPI_TEXT, ink_in, leveled, scan_box
from extractors.page import facts_of
from extractors.readers import Readers
from extractors.readers.watch import ReaderError
from extractors.strip import Strip
from models.clock import Stages
from models.errors import NoRoomError
from models.page import BoxPx, PageImage, PageLook, Pixels
from models.reading import ANSWER, Entity, PageReading

log = logging.getLogger("paperclaim.read")
#: inches: width and height of a box's frame, as the letter draws it, and what scanning changes
WIDE, HIGH = 2.6, 0.36
_WIDER, _HIGHER = 0.2, 0.05
#: inches: pieces that an edge is looked for in, gap in it that writing or a scanner left, how far
#: ends may lie apart, and what is left out beside an edge
_PIECE, _GAP, _OFF, _EDGE = 0.4, 0.5, 0.12, 0.035
#: inches: lower marks are specks; a gap so high parts two lines of writing; paper around a strip
_SPECK, _BETWEEN, _AROUND = 0.04, 0.03, 0.03
#: written by hand, or not: what is read here never counts by itself
MOST_SURE: Final = 0.49


def read_reply(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """A reply sheet: one entity for each answer box, in order; an empty box has an empty text.

    Args:
        page: as scanned.
        look: what is on it.
        readers: loaded once a process.
    """
    stages = Stages()
    facts = facts_of(page, look)
    entities: list[Entity] = []
    try:
        with stages("answers"):
            entities = _read(page, look, readers)
    except ReaderError as error:
        log.warning("page %d: %s", page.number, error.code)
        facts = facts.model_copy(update={"doubts": [error.code]})
    return PageReading(
        facts=facts,
        barcodes=[b.text for b in look.barcodes],
        entities=entities,
        seconds=stages.seconds,
    )


def _read(page: PageImage, look: PageLook, readers: Readers) -> list[Entity]:
    """The answers; without them the sheet still finds its claim.

    Raises:
        ReaderError: nobody knows what they are.
        MemoryError, NoRoomError: the page may be read another time.
    """
    try:
        return _answers(page, look, readers)
    except (ReaderError, MemoryError, NoRoomError):
        raise
    except Exception as error:  # noqa: BLE001 - any page may have the code; its text isn't told
        kind = type(error).__name__
        raise ReaderError(f"The answers of a page could not be read ({kind}).") from None


def _answers(page: PageImage, look: PageLook, readers: Readers) -> list[Entity]:
    grey, to_scan = leveled(page, look)
    ink, _ = ink_in(grey)
    found = frames(ink)
    strips = [
        (number, _strip(grey, line))
        for number, box in enumerate(found)
        for line in _lines(ink, box)
    ]
    seen = readers.first.read([strip for _, strip in strips])
    texts: dict[int, list[str]] = {}
    sure: dict[int, float] = {}
    for (number, _), sighting in zip(strips, seen, strict=True):
        text = " ".join(sighting.text.split())
        if text:
            texts.setdefault(number, []).append(text)
            sure[number] = sure.get(number, 1.0) * sighting.probability
    return [
        Entity(
            label=ANSWER,
            text=" ".join(texts.get(number, ())),
            value=None,
            confidence=round(min(MOST_SURE, sure.get(number, MOST_SURE)), 4),
            page=page.number,
            box=scan_box(to_scan, box, page),
        )
        for number, box in enumerate(found)
    ]


def frames(ink: Pixels) -> list[BoxPx]:
    """The answer boxes of a level page, from top to bottom, in its pixels."""
    piece, gap = (round(inches * DPI_TEXT) for inches in (_PIECE, _GAP))
    # a pixel that a scanner left out parts an edge: it is made thicker first
    thick = cv2.dilate(ink, np.ones((2, 2), np.uint8))
    across = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones((1, piece), np.uint8))
    across = cv2.morphologyEx(across, cv2.MORPH_CLOSE, np.ones((3, gap), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(across, connectivity=8)
    edges = sorted(
        (top + high / 2, left, left + wide)
        for left, top, wide, high, _ in stats[1:].tolist()
        if abs(wide / DPI_TEXT - WIDE) < _WIDER
    )
    found: list[BoxPx] = []
    off = _OFF * DPI_TEXT
    for at, (upper, left, right) in enumerate(edges):
        if found and upper < found[-1][3]:
            continue
        for lower, x0, x1 in edges[at + 1 :]:
            near = abs(x0 - left) < off and abs(x1 - right) < off
            if near and abs((lower - upper) / DPI_TEXT - HIGH) < _HIGHER:
                box = (min(left, x0), round(upper), max(right, x1), round(lower))
                found.append(tuple(int(side) for side in box))  # type: ignore[arg-type]
                break
    return found


def _lines(ink: Pixels, box: BoxPx) -> list[BoxPx]:
    """The lines of writing in a box, tightly; none where it is empty."""
    edge = round(_EDGE * DPI_TEXT)
    left, top, right, bottom = box[0] + edge, box[1] + edge, box[2] - edge, box[3] - edge
    part = ink[top:bottom, left:right]
    _, marks, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    high, wide = stats[:, 3], stats[:, 2]
    keep = np.maximum(high, wide) >= _SPECK * DPI_TEXT
    keep[0] = False
    written = keep[marks]
    filled = np.flatnonzero(written.any(axis=1))
    if not len(filled):
        return []
    cuts = np.flatnonzero(np.diff(filled) > _BETWEEN * DPI_TEXT)
    found = []
    for rows in np.split(filled, cuts + 1):
        columns = np.flatnonzero(written[rows[0] : rows[-1] + 1].any(axis=0))
        found.append(
            (
                left + int(columns[0]),
                top + int(rows[0]),
                left + int(columns[-1]) + 1,
                top + int(rows[-1]) + 1,
            )
        )
    # what is no higher than a speck is the dot or the tail of the line beside it
    lines = [one for one in found if one[3] - one[1] >= 2 * _SPECK * DPI_TEXT]
    return lines or found[:1]


def _strip(grey: Pixels, box: BoxPx) -> Strip:
    """A line ready for the reader."""
    left, top, right, bottom = box
    air = round(_AROUND * DPI_TEXT)
    pixels = grey[max(0, top - air) : bottom + air, max(0, left - air) : right + air]
    return Strip("", "text", np.ascontiguousarray(pixels), box)
