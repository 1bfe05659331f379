"""The first scans that somebody sees who has just started Paperclaim."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

from models.page import Form
from samples import claims, faces, institutional, papers
from samples.claims import MadeClaim
from samples.files import Sheet, write
from samples.scan import make_scan, scan_claim, scan_sheet
from samples.style import Style
from samples.wording import Wording

_PRINT = ("liberation-mono", "free-mono", "dejavu-mono", "courier-prime")


def first(folder: Path) -> list[Path]:
    """Write six small, varied scans into `folder`; their paths.

    Both forms, PDF, TIFF and JPEG, one envelope with an attachment and backs, one UB-04 of two
    pages, one claim with mistakes in it. Names say nothing of what is inside. No truth files:
    this is for the inbox.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # yesterday's claims: nothing is late or in the future, whenever Paperclaim is started
    today = dt.datetime.now(tz=dt.UTC).date() - dt.timedelta(days=1)
    font = next(iter(faces.installed(_PRINT)), faces.BUILT_IN)
    clean = Style(font, "red", "office-200-colour", points=10)
    fax = Style(font, "black", "fax-200", points=10, weight=1, offset=(0.02, -0.01))
    drop = Style(font, "dropout", "office-200", points=11, money="grid", wording=Wording("/"))
    photo = Style(font, "red", "photo-200", points=10, offset=(-0.02, 0.03))
    made = {
        "sample-1.pdf": make_scan(Form.CMS1500, 11, clean, today=today).sheets,
        "sample-2.tif": make_scan(Form.UB04, 12, fax, today=today).sheets,
        "sample-3.pdf": make_scan(
            Form.CMS1500, 13, drop, today=today, faults=("bad_npi", "no_1a")
        ).sheets,
        "sample-4.jpg": make_scan(Form.CMS1500, 14, photo, today=today).sheets,
        "sample-5.pdf": _long_bill(drop, today),
        "sample-6.tif": _envelope(fax, today),
    }
    return [write(sheets, folder / name) for name, sheets in made.items()]


def _long_bill(style: Style, today: dt.date) -> tuple[Sheet, ...]:
    """A UB-04 that goes on over a second page."""
    rng = random.Random("starter long")
    pages = institutional.claim(rng, style.wording, today, lines=institutional.LINES + 7)
    return scan_claim(MadeClaim(Form.UB04, pages), 15, style).sheets


def _envelope(style: Style, today: dt.date) -> tuple[Sheet, ...]:
    """A claim scanned on both sides, and what another insurer wrote about it."""
    rng = random.Random("starter envelope")
    claim = claims.make(Form.CMS1500, rng, style.wording, today=today)
    front = scan_claim(claim, 16, style).sheets
    behind = scan_sheet(papers.back(Form.CMS1500), style, rng)
    letter = scan_sheet(papers.benefits(claim.pages[0], rng), style, rng)
    return (*front, behind, letter)
