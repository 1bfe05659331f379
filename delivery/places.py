"""Where a field lies on its page, read or not: from the layout and the page's registration."""

from __future__ import annotations

import numpy as np

from forms.layout import FieldSpec, layout
from models.page import BoxPx, Form
from models.reading import DocumentReading, PageFacts


def base(field_id: str) -> str:
    """The field's id on its page: further pages of a claim carry `#2`, `#3` after it."""
    return field_id.partition("#")[0]


def spec_of(form: Form, field_id: str) -> FieldSpec | None:
    """The layout's entry of a field, None where the form has no layout or no such field."""
    try:
        return layout(form).fields.get(base(field_id))
    except KeyError:
        return None


def page_of(reading: DocumentReading, field_id: str) -> int:
    """The page of the scan that a field is printed on."""
    read = reading.fields.get(field_id)
    if read is not None:
        return read.page
    number = int(field_id.partition("#")[2] or "1")
    return reading.pages[min(number, len(reading.pages)) - 1]


def box_of(reading: DocumentReading, field_id: str) -> BoxPx | None:
    """The box of a field in pixels as scanned; None where nobody can tell."""
    read = reading.fields.get(field_id)
    if read is not None:
        return read.box
    spec = spec_of(reading.form, field_id)
    number = page_of(reading, field_id)
    facts = next((facts for facts in reading.page_facts if facts.number == number), None)
    if spec is None or facts is None or facts.to_scan is None:
        return None
    return _project(facts, spec)


def _project(facts: PageFacts, spec: FieldSpec) -> BoxPx:
    """The field's box in inches, laid on the page as scanned."""
    x0, y0, x1, y1 = spec.box
    corners = np.array([(x0, y0, 1.0), (x1, y0, 1.0), (x1, y1, 1.0), (x0, y1, 1.0)])
    laid = corners @ np.array(facts.to_scan).T
    points = laid[:, :2] / laid[:, 2:]
    left, top = np.clip(points.min(axis=0), 0, None)
    right, bottom = np.clip(points.max(axis=0), 0, (facts.width, facts.height))
    return int(left), int(top), round(float(right)), round(float(bottom))
