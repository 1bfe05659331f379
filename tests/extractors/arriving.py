"""Pages as they arrive: printed, scanned, spoiled, and read."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from bench.score import same
from extractors.readers import Readers
from forms.layout import layout
from models.clock import Stages
from models.page import Form, Matrix, PageImage, Pixels
from models.reading import DocumentReading
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import claims, faces
from samples.printing import Press
from samples.scan import scan_page
from samples.style import Style
from samples.wording import Wording

P, I = Form.CMS1500, Form.UB04  # noqa: E741 - professional, institutional
TODAY = dt.date(2026, 9, 30)
MONO, SANS = (
    next(f for f in names if f in faces.installed())
    for names in (("liberation-mono", "dejavu-mono"), ("liberation-sans", "dejavu-sans"))
)
#: rules in black ink, none at all, and red ones on a colour scan
BLACK = Style(MONO, "black", "clean-300")
DROPPED = Style(MONO, "dropout", "office-200")
RED = Style(MONO, "red", "clean-300")
#: shares of the other fields that may be wrong: the same claim without the oddity has them too
SPOILED = 0.05
#: inches: the rule between dollars and cents of item 24F
CENTS = 5.787


def middle(form: Form, field: str) -> float:
    _, y0, _, y1 = layout(form).fields[field].box
    return (y0 + y1) / 2


def claim(form: Form, wording: Wording | None = None) -> dict[str, str]:
    """A made-up claim; a 1500 without its service lines."""
    rng = random.Random(f"12 {form}")
    page = dict(claims.make(form, rng, wording or Wording(), today=TODAY).pages[0])
    return {k: t for k, t in page.items() if not k.startswith("24.")}


def service(number: int, **other: str | None) -> dict[str, str]:
    """A service line."""
    line: dict[str, str | None] = {
        "from": "06 15 26", "to": "06 15 26", "place_of_service": "11", "pointer": "A",
        "procedure": f"9921{number}", "charges": "120.00", "units": "1",
        "rendering_npi": "1234567893", **other,
    }  # fmt: skip
    return {f"24.{number}.{k}": t for k, t in line.items() if t is not None}


@dataclass(frozen=True, slots=True)
class Arrived:
    """A page as read, and what is printed on it."""

    document: DocumentReading
    truth: dict[str, str]
    form: Form

    def wrong(self) -> set[str]:
        """Fields that are printed and not read wholly right."""
        found = set()
        for name, text in self.truth.items():
            spec = layout(self.form).fields[name]
            got = self.document.fields.get(name)
            said = None if got is None else got.value if spec.choices else got.text
            kind = "choice" if spec.choices else spec.kind
            if said is None or not same(kind, text, said):
                found.add(name)
        return found

    def check(self, *odd: str) -> None:
        """The page is whole: the odd fields are right, the others hardly harmed, none lies."""
        assert self.document.form is self.form
        wrong = self.wrong()
        assert not wrong & set(odd)
        assert len(wrong) <= SPOILED * len(self.truth)
        fields = self.document.fields
        assert not {n for n in wrong if n in fields and fields[n].accepted}
        assert not {n for n in fields if n not in self.truth and fields[n].accepted}

    def check_asked(self) -> None:
        """Some of it can't be read, and somebody is asked about all of that: none is accepted."""
        (facts,) = self.document.page_facts
        read = self.document.fields
        wrong = self.wrong()
        assert wrong
        assert not {name for name in wrong & read.keys() if read[name].accepted}
        assert wrong - read.keys() <= set(facts.unsure)


Extra = Callable[[Press], dict[str, str] | None]
Spoil = Callable[[Pixels, Matrix], None]


def arrive(
    readers: Readers,
    style: Style,
    fields: dict[str, str],
    *,
    form: Form = P,
    extra: Extra | None = None,
    spoil: Spoil | None = None,
) -> Arrived:
    """Print, scan, spoil and read a page."""
    press = Press(form, style, random.Random(3))
    press.fields(fields)
    truth = fields | ((extra(press) if extra else None) or {})
    return Arrived(scanned(readers, press, spoil=spoil), truth, form)


def scanned(
    readers: Readers, press: Press, *, spoil: Spoil | None = None, seed: int = 1
) -> DocumentReading:
    """Scan what was printed, as chance (`seed`) has it, spoil and read it."""
    sheet, place = scan_page(press.form, press.finish(), press.style, random.Random(seed))
    pixels = np.asarray(sheet.pixels, np.uint8).copy()
    if spoil:
        spoil(pixels, place)
    page = PageImage(pixels, float(sheet.dpi[0]), 1)
    (document,) = assemble([read_image(page, readers, Stages())])
    return document


def at(place: Matrix, x: float, y: float) -> tuple[int, int]:
    """A pixel of the scan, of a place on the form in inches."""
    across, down, depth = place @ np.array([x * 300, y * 300, 1.0])
    return round(across / depth), round(down / depth)


def paint(pixels: Pixels, corners: list[tuple[int, int]], level: int) -> None:
    cv2.fillPoly(pixels, [np.array(corners, np.int32)], (level,) * 3)
