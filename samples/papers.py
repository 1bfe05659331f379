"""What lies between claims in an envelope: the backs of forms, letters, lists; our own words."""

from __future__ import annotations

import functools
import json
import random
import textwrap
from collections.abc import Callable
from importlib import resources

import numpy as np
from PIL import Image, ImageDraw

from models.page import Form, Pixels
from samples.blank import DPI, SHAPE
from samples.faces import bold_sans, font, sans

#: by form, the title and paragraphs of its back; the sentences of notes and lists
_TEXTS: dict[str, list[str]] = json.loads(
    (resources.files("samples") / "data" / "papers.json").read_text(encoding="utf-8")
)


class _Sheet:
    """A page being written on, from top to bottom; inches and points."""

    def __init__(self) -> None:
        self.image = Image.new("L", (SHAPE[1], SHAPE[0]), 255)
        self.pen = ImageDraw.Draw(self.image)
        self.y = 0.8

    def line(self, text: str, x: float = 0.9, points: float = 10, *, bold: bool = False) -> None:
        """One line of text; moves down."""
        self.at(text, x, points, bold=bold)
        self.y += points / 72 * 1.35

    def at(self, text: str, x: float, points: float = 10, *, bold: bool = False) -> None:
        """Text at the present height; stays there."""
        px = points * DPI / 72
        face = bold_sans(px) if bold else font(sans(), px)
        self.pen.text((x * DPI, self.y * DPI), text, fill=20, font=face)

    def paragraph(self, text: str, points: float = 10, columns: int = 92) -> None:
        for line in textwrap.wrap(text, columns):
            self.line(line, points=points)
        self.y += points / 72 * 0.7

    def rule(self) -> None:
        y = round(self.y * DPI)
        self.pen.line((0.9 * DPI, y, 7.6 * DPI, y), fill=60, width=3)
        self.y += 0.08

    def pixels(self) -> Pixels:
        return np.array(self.image)


@functools.cache
def back(form: Form) -> Pixels:
    """The back of a form: legal text, in our own words; (height, width) at 300 dpi."""
    title, *paragraphs = _TEXTS[form]
    sheet = _Sheet()
    sheet.y = 0.5
    sheet.line(title, x=0.5, points=10, bold=True)
    sheet.y += 0.1
    for paragraph in (*paragraphs, *_TEXTS["common"]):
        for line in textwrap.wrap(paragraph, 118):
            sheet.line(line, x=0.5, points=9)
        sheet.y += 0.08
    return sheet.pixels()


def blank_sheet() -> Pixels:
    """A page with nothing on it."""
    return np.full(SHAPE, 255, np.uint8)


def benefits(page: dict[str, str], rng: random.Random) -> Pixels:
    """Another insurer's explanation of benefits for the claim whose fields are `page`."""
    sheet = _Sheet()
    sheet.line("PRAIRIE STATES INSURANCE", points=14, bold=True)
    sheet.line("Explanation of Benefits - this is not a bill", points=12, bold=True)
    sheet.y += 0.2
    for label, field in (("Member", "4"), ("Member ID", "1a"), ("Patient", "2"), ("Account", "26")):
        sheet.line(f"{label}: {page.get(field, '')}")
    sheet.line(f"Claim number: {rng.randrange(10**12):012d}")
    sheet.line(f"Provider: {page.get('33.1', '')}")
    sheet.y += 0.2
    columns = (0.9, 2.1, 3.1, 4.1, 5.1, 6.1, 7.0)
    heads = ("Date of service", "Procedure", "Billed", "Allowed", "Deductible", "Copay", "Paid")
    for x, head in zip(columns, heads, strict=True):
        sheet.at(head, x, 8, bold=True)
    sheet.y += 0.18
    sheet.rule()
    for number in range(1, 7):
        if f"24.{number}.charges" not in page:
            break
        billed = float(page[f"24.{number}.charges"])
        allowed = round(billed * rng.uniform(0.4, 0.9), 2)
        off = round(min(allowed, rng.choice((0.0, 25.0, 50.0))), 2)
        cells = (
            page.get(f"24.{number}.from", ""),
            page.get(f"24.{number}.procedure", ""),
            *(f"{v:.2f}" for v in (billed, allowed, off, 0.0, allowed - off)),
        )
        for x, cell in zip(columns, cells, strict=True):
            sheet.at(cell, x, 9)
        sheet.y += 0.2
    sheet.rule()
    sheet.y += 0.2
    for number, reason in enumerate(rng.sample(_TEXTS["reasons"], 2), start=1):
        sheet.line(f"{number}  {reason}", points=9)
    return sheet.pixels()


def progress_note(page: dict[str, str], rng: random.Random) -> Pixels:
    """A doctor's note on the patient whose claim is `page`."""
    sheet = _Sheet()
    sheet.line(page.get("33.1", page.get("1.1", "CLINIC")), points=13, bold=True)
    sheet.line("PROGRESS NOTE", points=12, bold=True)
    sheet.y += 0.15
    _patient(sheet, page)
    sheet.line(f"Date of visit: {page.get('24.1.from', page.get('6.from', ''))}")
    sheet.y += 0.15
    for paragraph in rng.sample(_TEXTS["note"], 4):
        sheet.paragraph(paragraph, columns=86)
    sheet.line(f"Signed: {page.get('31.signature', page.get('76.last', ''))}")
    return sheet.pixels()


def laboratory_report(page: dict[str, str], rng: random.Random) -> Pixels:
    """What a laboratory found in the blood of the patient whose claim is `page`."""
    sheet = _Sheet()
    sheet.line("LABORATORY REPORT", points=14, bold=True)
    _patient(sheet, page)
    sheet.line(f"Specimen: {rng.randrange(10**8):08d}")
    sheet.y += 0.15
    columns = (0.9, 3.4, 4.6, 6.0)
    for x, head in zip(columns, ("Test", "Result", "Unit", "Reference"), strict=True):
        sheet.at(head, x, 9, bold=True)
    sheet.y += 0.2
    sheet.rule()
    for row in _TEXTS["tests"]:
        name, unit, low, high = row.split("|")
        found = rng.uniform(float(low) * 0.8, float(high) * 1.2)
        cells = (name, f"{found:.1f}", unit, f"{low} - {high}")
        for x, cell in zip(columns, cells, strict=True):
            sheet.at(cell, x, 9)
        sheet.y += 0.2
    sheet.rule()
    return sheet.pixels()


def prior_authorization(page: dict[str, str], rng: random.Random) -> Pixels:
    """A plan's yes to a service, asked for beforehand."""
    sheet = _Sheet()
    sheet.line("PRIOR AUTHORIZATION", points=14, bold=True)
    sheet.line("Notice of approval")
    sheet.y += 0.15
    _patient(sheet, page)
    sheet.line(f"Authorization number: {page.get('23', f'PA{rng.randrange(10**8):08d}')}")
    sheet.line(f"Requested by: {page.get('33.1', page.get('1.1', ''))}")
    sheet.line(f"Service: {page.get('24.1.procedure', page.get('44.1', ''))}")
    sheet.line(f"Units approved: {rng.randint(1, 12)}")
    sheet.y += 0.15
    sheet.paragraph(_TEXTS["authorization"][0], columns=86)
    return sheet.pixels()


def referral(page: dict[str, str], rng: random.Random) -> Pixels:
    """One doctor's letter that sends the patient to another."""
    sheet = _Sheet()
    sheet.line("REFERRAL", points=14, bold=True)
    sheet.line(f"From: {page.get('17', page.get('76.last', ''))}")
    sheet.line(f"To: {page.get('33.1', page.get('1.1', ''))}")
    sheet.y += 0.15
    _patient(sheet, page)
    sheet.line(f"Reason: {page.get('21.A', page.get('67', ''))}")
    sheet.line(f"Visits: {rng.randint(1, 10)}")
    sheet.y += 0.15
    sheet.paragraph(rng.choice(_TEXTS["note"]), columns=86)
    return sheet.pixels()


def _patient(sheet: _Sheet, page: dict[str, str]) -> None:
    sheet.line(f"Patient: {page.get('2', page.get('8b', ''))}")
    sheet.line(f"Date of birth: {page.get('3.birth_date', page.get('10', ''))}")
    sheet.line(f"Member ID: {page.get('1a', page.get('60A', ''))}")
    sheet.line(f"Account: {page.get('26', page.get('3a', ''))}")


#: what comes with claims, by kind of attachment
ATTACHMENTS: dict[str, tuple[Callable[[dict[str, str], random.Random], Pixels], ...]] = {
    "eob": (benefits,),
    "medical_record": (progress_note, laboratory_report),
    "prior_authorization": (prior_authorization,),
    "referral": (referral,),
}
