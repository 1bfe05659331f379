"""How often what is written on a reply sheet is read right, by kind of hand.

    python -m bench.answers_score [--dpi 200]

Sheets of our own letters, filled in with every installed face that looks written by hand, and as
many of a printer's, laid askew and scanned with noise. Faces are no handwriting: people's is read
worse. Whatever is read is a suggestion to a person.
"""

from __future__ import annotations

import argparse
import datetime as dt
import random

import numpy as np
from pdf2image import convert_from_bytes
from PIL import Image, ImageDraw

from extractors.answers import frames
from extractors.lines import ink_in
from extractors.readers import Readers, load
from letters.draft import Draft, Item, Recipient
from letters.paper import Content, Head, pdf
from letters.reference import Reference
from models import dcn as control_numbers
from models.page import PageImage
from models.reading import ANSWER
from pipeline.scan import read_image
from samples import faces

_TEXTS = (
    "12-3456789", "1234567893", "A", "99213", "125.00", "09/14/2026", "Y", "DOE, JANE", "E119",
)  # fmt: skip
_DAY = dt.date(2026, 11, 23)
#: of the sheet as it is filled in
_DPI = 200


def _sheet() -> Image.Image:
    """A sheet with a question for each text."""
    number = control_numbers.make(_DAY, 12)
    items = [Item(where=f"Item {at}", text="It is missing.") for at in range(1, len(_TEXTS) + 1)]
    made = Content(
        head=Head("Example Health Plan", ("PO Box 1", "Springfield IL 62701")),
        draft=Draft(items=items, recipient=Recipient(name="POE", lines=["ALBANY NY 12203"])),
        reference=Reference(number, _DAY, "CMS-1500", "A1", "", "September 14, 2026"),
        number=1,
        stage="letter",
        dated=_DAY,
        due=_DAY,
        first=_DAY,
    )
    return convert_from_bytes(pdf(made), dpi=_DPI)[-1].convert("L")


def _filled(sheet: Image.Image, face: str, rng: random.Random) -> Image.Image:
    """The sheet with every box filled in."""
    made = sheet.copy()
    pen = ImageDraw.Draw(made)
    font = faces.font(face, rng.choice((38.0, 46.0, 54.0)))
    boxes = frames(ink_in(np.asarray(sheet))[0])
    for text, (left, top, _, bottom) in zip(_TEXTS, boxes, strict=True):
        at = (left + rng.randint(15, 80), (top + bottom) / 2 + rng.randint(-8, 8))
        pen.text(at, text, fill=rng.randint(20, 90), font=font, anchor="lm")
    return made


def _scanned(sheet: Image.Image, dpi: int, rng: random.Random) -> PageImage:
    """A sheet as a scanner gives it back."""
    turned = sheet.rotate(rng.uniform(-1.5, 1.5), resample=Image.Resampling.BICUBIC, fillcolor=255)
    turned = turned.resize((turned.width * dpi // _DPI, turned.height * dpi // _DPI))
    noise = np.random.default_rng(rng.randrange(1000)).normal(0, 9, (turned.height, turned.width))
    pixels = np.clip(np.asarray(turned) + noise, 0, 255).astype(np.uint8)
    return PageImage(pixels, float(dpi), 1)


def score(kind: str, dpi: int, readers: Readers) -> str:
    """How many boxes are found, and how many texts are read to the letter, of one kind of face."""
    rng, sheet = random.Random(3), _sheet()
    names = [name for name in faces.installed() if faces.known()[name].kind == kind][:15]
    found = right = 0
    for name in names:
        page = _scanned(_filled(sheet, name, rng), dpi, rng)
        told = [one.text for one in read_image(page, readers).entities if one.label == ANSWER]
        found += len(told)
        right += sum(one == text for one, text in zip(told, _TEXTS, strict=False))
    most = len(names) * len(_TEXTS)
    return f"{kind}: {len(names)} faces, boxes {found} of {most}, read to the letter {right}"


def main() -> None:
    """Print it for hand and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dpi", type=int, default=_DPI)
    arguments = parser.parse_args()
    readers = load()
    for kind in ("hand", "mono"):
        print(score(kind, arguments.dpi, readers))


if __name__ == "__main__":
    main()
