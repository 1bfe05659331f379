"""A page to its fields: the whole way from pixels to readings with a confidence."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from extractors.fields import Line, decode, text_of, value_of
from extractors.ink import Canvas, canvas
from extractors.marks import marks, sureness
from extractors.place import place
from extractors.readers import Readers
from extractors.strips import strips
from forms.layout import layout
from models.clock import Stages
from models.page import BoxPx, Form, PageImage, PageLook
from models.reading import Alternative, FieldReading, PageFacts, PageReading

#: readings kept beside the chosen one: a person has keys 1 to 9 for them
_ALTERNATIVES = 5
#: a field is accepted from here
_ACCEPT = 0.999
#: the forms that are read; the others are only told apart
READABLE = (Form.CMS1500, Form.UB04)


def _facts(page: PageImage, look: PageLook) -> PageFacts:
    registration = look.registration
    return PageFacts(
        number=page.number,
        width=page.width,
        height=page.height,
        quarter_turns=look.quarter_turns,
        form=look.form,
        form_confidence=look.confidence,
        method=registration.method if registration else "none",
        error_in=registration.error_in if registration else None,
        quality=registration.quality if registration else 0.0,
        to_scan=registration.to_scan.tolist() if registration else None,
    )


def _scan_box(sheet: Canvas, box: BoxPx, page: PageImage) -> BoxPx:
    """A box of the canvas in pixels of the page as scanned."""
    x0, y0, x1, y1 = box
    corners = np.array([[[x0, y0], [x1, y0], [x0, y1], [x1, y1]]], np.float64)
    points = cv2.perspectiveTransform(corners, sheet.to_scan)[0]
    left, top = np.floor(points.min(axis=0)).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int)
    return (
        int(np.clip(left, 0, page.width)),
        int(np.clip(top, 0, page.height)),
        int(np.clip(right, 0, page.width)),
        int(np.clip(bottom, 0, page.height)),
    )


def _around(lines: Sequence[Line]) -> BoxPx:
    boxes = np.array([line.strip.box for line in lines])
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    return int(x0), int(y0), int(x1), int(y1)


def _field(lines: Sequence[Line], sheet: Canvas, page: PageImage, quality: float) -> FieldReading:
    confidence = quality
    for line in lines:
        confidence *= line.decoded.probability * min(1.0, line.decoded.weakest + 0.0005)
        if line.decoded.agreement < 0:
            confidence *= 0.97
        if not line.settled:
            confidence *= 0.9
    alternatives = [
        Alternative(text=text, confidence=round(probability, 4))
        for text, probability in (lines[0].decoded.alternatives if len(lines) == 1 else ())
    ][:_ALTERNATIVES]
    return FieldReading(
        text=text_of(lines),
        value=value_of(lines),
        confidence=round(confidence, 5),
        accepted=confidence >= _ACCEPT,
        page=page.number,
        box=_scan_box(sheet, _around(lines), page),
        alternatives=alternatives,
        doubts=sorted({d for line in lines for d in line.decoded.doubts}),
    )


def read_page(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """Every field of a claim form; of other pages only what they are.

    Args:
        page: as scanned.
        look: what it is and how it lies.
        readers: loaded once a process.
    """
    facts = _facts(page, look)
    codes = [b.text for b in look.barcodes]
    registration = look.registration
    if look.form not in READABLE or registration is None or registration.method == "none":
        return PageReading(facts=facts, barcodes=codes)
    form = layout(look.form)
    stages = Stages()
    with stages("ink"):
        sheet = canvas(page, registration, form)
    with stages("place"):
        placed = place(sheet, form)
        cut = strips(sheet, form, placed)
        marked = marks(sheet, form, placed)
    found = decode(look.form, cut, readers, stages)
    fields = {
        name: _field(lines, sheet, page, min(1.0, 0.5 + registration.quality))
        for name, lines in found.items()
    }
    for mark in marked:
        sure = sureness(mark)
        one = len(mark.marked) == 1
        fields[mark.field] = FieldReading(
            text=" ".join("X" for _ in mark.marked),
            value=mark.marked[0] if one else None,
            confidence=round(sure, 5),
            accepted=sure >= 0.98,  # noqa: PLR2004 - calibrated with the rest
            page=page.number,
            box=_scan_box(sheet, mark.box, page),
            source="mark",
            doubts=[] if one else ["mark.several"],
        )
    order = {name: i for i, name in enumerate(form.fields)}
    fields = dict(sorted(fields.items(), key=lambda item: order[item[0]]))
    return PageReading(facts=facts, fields=fields, barcodes=codes, seconds=stages.seconds)
