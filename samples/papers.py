"""What lies between claims in an envelope: the backs of forms, letters, lists; our own words."""

from __future__ import annotations

import functools
import random
import textwrap

import numpy as np
from PIL import Image, ImageDraw

from models.page import Form, Pixels
from samples.blank import DPI, SHAPE
from samples.faces import bold_sans, font, sans

_BACK = {
    Form.CMS1500: (
        "WHAT YOU SIGN FOR ON THE OTHER SIDE",
        (
            "Because claims are paid with other people's money, whoever puts false or incomplete "
            "statements on this form on purpose may have to pay it back and may be punished under "
            "the law of the state and of the country.",
            "REFERS TO GOVERNMENT PROGRAMS ONLY. The patient's signature asks that payment be made "
            "and lets the program see what it needs from medical records. Where item 9 is filled "
            "in, the same goes for the insurer named there. A doctor who takes assignment agrees "
            "to charge no more than the amount that the program sets, and the patient owes only "
            "the share that the program leaves to them.",
            "SIGNATURE OF THE DOCTOR OR SUPPLIER. I say that what is billed here was needed, was "
            "done by me or by staff under my eyes, and that what is written on the other side is "
            "true, accurate and complete. I will keep the records that show it and hand them over "
            "when the program asks for them.",
            "NOTICE ABOUT PRIVACY. What you tell us is used to find out whether you are insured "
            "and what is to be paid. It may be shown to other insurers, to reviewers and to courts "
            "where the law says so. You need not tell us, but then we may be unable to pay.",
            "NOTICE ABOUT TIME. Filling in this form takes about ten minutes, the reading of these "
            "lines included. Send comments on that, but never a claim, to the makers of the form.",
        ),
    ),
    Form.UB04: (
        "CERTIFICATIONS THAT THE BILLER MAKES BY SENDING THIS BILL",
        (
            "Whoever sends this bill says that it is true and complete, and knows that false "
            "statements about things that matter can be punished by fine, by prison, or by both.",
            "1. If other insurance is named, what it pays has been or will be asked for, and the "
            "patient or somebody acting for the patient has signed that benefits may go to the "
            "hospital.",
            "2. If the patient came to a private room because it was needed, the papers that say "
            "so are kept on file and can be seen.",
            "3. Doctors have certified and certified again what the rules of the program want "
            "certified; the signatures are on file.",
            "4. For patients of religious houses without medicine, the same has been done where "
            "the program asks for it.",
            "5. A signature of the patient that lets the hospital give out medical and financial "
            "facts is on file.",
            "6. The hospital keeps to the civil rights laws, and will give the records that prove "
            "it to those who are entitled to ask.",
            "7. For patients of the uniformed services, what the program pays is taken as payment "
            "in full, and the patient is asked for no more than the cost share.",
        ),
    ),
}
_NOTE = (
    "Seen today for follow up. Reports that pain is less than at the last visit and that walking "
    "to the corner and back is possible again.",
    "Examination: in no distress, pulse regular, lungs clear on both sides, no swelling of legs. "
    "Strength is even on both sides; reflexes as before.",
    "Results that came in since: blood count within limits, sugar slightly above, film of the knee "
    "without fracture.",
    "Assessment: improving as hoped. Plan: go on with exercises twice a week, take the same "
    "medicine for ten days more, come again in four weeks or sooner if fever or swelling appears.",
)
_REASONS = (
    "Amount above what the plan allows",
    "Applied to the yearly deductible",
    "Share that the member pays",
    "Paid to another insurer's account",
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
    title, paragraphs = _BACK[form]
    sheet = _Sheet()
    sheet.line(title, points=12, bold=True)
    sheet.y += 0.15
    for paragraph in paragraphs:
        sheet.paragraph(paragraph, points=9, columns=104)
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
    for number, reason in enumerate(rng.sample(_REASONS, 2), start=1):
        sheet.line(f"{number}  {reason}", points=9)
    return sheet.pixels()


def progress_note(page: dict[str, str], rng: random.Random) -> Pixels:
    """A doctor's note on the patient whose claim is `page`."""
    sheet = _Sheet()
    sheet.line(page.get("33.1", page.get("1.1", "CLINIC")), points=13, bold=True)
    sheet.line("PROGRESS NOTE", points=12, bold=True)
    sheet.y += 0.15
    sheet.line(f"Patient: {page.get('2', page.get('8b', ''))}")
    sheet.line(f"Date of birth: {page.get('3.birth_date', page.get('10', ''))}")
    sheet.line(f"Account: {page.get('26', page.get('3a', ''))}")
    sheet.line(f"Date of visit: {page.get('24.1.from', page.get('6.from', ''))}")
    sheet.y += 0.15
    for paragraph in rng.sample(_NOTE, 4):
        sheet.paragraph(paragraph, columns=86)
    sheet.line(f"Signed: {page.get('31.signature', page.get('76.last', ''))}")
    return sheet.pixels()
