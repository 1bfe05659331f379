"""Scans of several pages, as an envelope is fed: claims, their backs, what came with them."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from models.page import Form, Pixels
from samples import claims, institutional, papers
from samples.claims import MadeClaim
from samples.files import Sheet
from samples.scan import TODAY, scan_claim, scan_sheet
from samples.scanners import SCANNERS
from samples.style import Style

#: makes one style for a whole envelope
Chooser = Callable[[random.Random], Style]


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """A scan of several pages; for each page its truth: that of a claim, or only its `form`."""

    sheets: tuple[Sheet, ...]
    pages: tuple[dict[str, Any], ...]


def make(seed: int, choose: Chooser, separator: Pixels | None = None) -> Batch:
    """One to three documents one after the other, scanned by one machine.

    With a `separator` (a sheet, grey, 300 dpi), one batch in three has it before each document.
    """
    rng = random.Random(f"{seed} batch")
    style = choose(rng)
    while SCANNERS[style.scan].photo:  # nobody photographs envelopes
        style = choose(rng)
    sheets: list[Sheet] = []
    truths: list[dict[str, Any]] = []
    separated = rng.random() < 1 / 3
    duplex = rng.random() < 0.35
    for number in range(rng.randint(1, 3)):
        if separator is not None and separated:
            sheets.append(scan_sheet(separator, style, rng))
            truths.append({"form": Form.SEPARATOR.value})
        found = _document(rng, replace(style, damage=()), seed + number, duplex=duplex)
        sheets += found.sheets
        truths += found.pages
    return Batch(tuple(sheets), tuple(truths))


def _document(rng: random.Random, style: Style, seed: int, *, duplex: bool) -> Batch:
    """A claim with its backs and perhaps an attachment, or one on a form of 2005."""
    if rng.random() < 0.08:
        return _outdated(rng, style)
    form = rng.choice((Form.CMS1500, Form.UB04))
    if form is Form.UB04 and rng.random() < 0.5:
        lines = rng.randint(institutional.LINES + 1, institutional.LINES * 2)
        pages = institutional.claim(rng, style.wording, TODAY, lines=lines)
        claim = MadeClaim(form, pages)
    else:
        claim = claims.make(form, rng, style.wording, today=TODAY)
    scanned = scan_claim(claim, seed, style)
    sheets: list[Sheet] = []
    truths: list[dict[str, Any]] = []

    def other(page: Pixels, truth: dict[str, str]) -> None:
        sheets.append(scan_sheet(page, style, rng))
        truths.append(dict(truth))

    for sheet, truth in zip(scanned.sheets, scanned.truths, strict=True):
        sheets.append(sheet)
        truths.append(truth)
        if duplex:
            other(papers.back(form), {"form": Form.BACK.value})
    if rng.random() < 0.5:
        kind = rng.choice(tuple(papers.ATTACHMENTS))
        draw = rng.choice(papers.ATTACHMENTS[kind])
        other(draw(claim.pages[0], rng), {"form": Form.ATTACHMENT.value, "kind": kind})
        if duplex:
            other(papers.blank_sheet(), {"form": Form.BLANK.value})
    return Batch(tuple(sheets), tuple(truths))


def _outdated(rng: random.Random, style: Style) -> Batch:
    """A claim on the 08/05, which is sent back: only its rules tell it for sure."""
    claim = claims.make(Form.CMS1500_0805, rng, style.wording, today=TODAY)
    scanned = scan_claim(claim, rng.randrange(2**31), replace(style, form="black"))
    return Batch(scanned.sheets, scanned.truths)
