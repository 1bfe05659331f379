"""A page to its fields: the whole way from pixels to readings with a confidence."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from extractors.astray import every_mark
from extractors.branches import stand
from extractors.confidence import calibrator
from extractors.covered import covered, swallowed, tangled
from extractors.evidence import weigh
from extractors.faint import faint
from extractors.features import LIES, Features, among_page, ceiling, drawn
from extractors.fields import Line, Sheet, decode
from extractors.ink import Canvas, canvas
from extractors.kinds.table import kind_for
from extractors.marks import ASTRAY, Mark, beside, sureness
from extractors.notes import across_lines, as_note
from extractors.overrun import off_row, overrun
from extractors.own_text import heard, said_on, tip
from extractors.place import place
from extractors.readers import Readers
from extractors.readers.unread import unread
from extractors.readers.watch import ReaderError
from extractors.strip import Strip
from extractors.strips import strips
from extractors.struck import struck
from forms.layout import layout
from intake.beyond import cut_off
from intake.ink_colour import red_form
from models.clock import Stages
from models.page import CUT, PALE, BoxPx, Form, PageImage, PageLook, corners
from models.reading import Alternative, FieldReading, PageFacts, PageReading

log = logging.getLogger("paperclaim.read")
#: readings kept beside the chosen one: a person has keys 1 to 9 for them
_ALTERNATIVES = 5
#: share of the print that is there, holes of a pixel or two closed: under it, it is in dots
_SOLID = 0.85
#: what strokes are read as; one, and any character, that is less likely is dirt
_STROKES = frozenset("1Il|")
_LIKELY_STROKE, _LIKELY = 0.4, 0.2
#: grey of full ink, of paper at 255: what is paler shows by chance (a pale ribbon has 170, a scan
#: that is pale all over 206)
_PALE = 215
#: the forms that are read; the others are only told apart
READABLE = (Form.CMS1500, Form.CMS1500_0805, Form.UB04)


def facts_of(page: PageImage, look: PageLook) -> PageFacts:
    """What a page was found to be, for people and for the benchmark."""
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
        red=red_form(page, look),
    )


def _around(lines: Sequence[Line]) -> BoxPx:
    boxes = np.array([line.strip.box for line in lines])
    x0, y0 = boxes[:, :2].min(axis=0)
    x1, y1 = boxes[:, 2:].max(axis=0)
    return int(x0), int(y0), int(x1), int(y1)


@dataclass(frozen=True, slots=True, eq=False)
class Examined:
    """A field as read, and all that is known of the reading: what calibration starts from.

    Attributes:
        reading: with a confidence and `accepted`.
        features: what the confidence was made from.
    """

    reading: FieldReading
    features: Features


@dataclass(frozen=True, slots=True, eq=False)
class _Page:
    """What the confidence of every field of a page depends on.

    Attributes:
        form: which form.
        sheet: the page laid on it.
        lies: how surely, 0 to 1.
        ruled: the scan shows the form's ruling lines.
        solid: of two tones, the share of the print that a threshold left; 1.0 of others.
        uneven: how far characters stand off one line, as a share of their height.
    """

    form: Form
    sheet: Canvas
    lies: float
    ruled: bool
    solid: float
    uneven: float


def _features(lines: Sequence[Line], support: int, of: _Page) -> Features:
    """Of a field; of one with several lines, those of its worst."""
    found = []
    for line in lines:
        strip = line.strip
        known = Features.of(line.decoded, strip.kind, support)
        less, more = stand(line.decoded, line.sighting)
        found.append(
            dataclasses.replace(
                known,
                less=less,
                more=more,
                unread=unread(strip.pixels, line.sighting),
                height=strip.size[1],
                weight=strip.weight,
                contact=strip.contact,
                outside=strip.outside,
                resolution=of.sheet.ppi,
                registration=of.lies,
                settled=line.settled,
                rival=line.rival,
                border=strip.border,
                eaten=strip.eaten,
                lost=strip.lost,
                cut=strip.cut,
                solid=of.solid,
                uneven=of.uneven,
                alike=line.alike,
                parted=min(strip.sure, 20.0),
                partner=line.partner,
                rule_gap=strip.rule_gap,
                ink_gap=strip.ink_gap,
                advance=strip.size[0] / max(1, known.length),
                lines=len(lines),
                ruled=of.ruled,
                ub=of.form is Form.UB04,
            )
        )
    worst = min(found, key=lambda f: (f.legal, f.agreement >= 0, f.margin, f.weakest))
    return dataclasses.replace(
        worst,
        less=min(f.less for f in found),
        more=min(f.more for f in found),
        unread=max(f.unread for f in found),
        settled=all(f.settled for f in found),
        rival=min(f.rival for f in found),
        eaten=any(f.eaten for f in found),
        lost=any(f.lost for f in found),
        cut=any(f.cut for f in found),
        alike=any(f.alike for f in found),
        partner=min(f.partner for f in found),
    )


def _solid(sheet: Canvas, cut: Sequence[Strip]) -> float:
    """How much of its strokes a threshold left of most of a page's print; 1.0 without one."""
    return median(s.solid for s in cut) if sheet.two_tone and cut else 1.0


def _uneven(cut: Sequence[Strip]) -> float:
    """How far characters stand off their line: a printer's don't, a hand's do."""
    known = [strip.uneven for strip in cut if strip.uneven is not None]
    return median(known) if known else 0.0


def _printed(
    lines: Sequence[Line], features: Features, sheet: Canvas, page: PageImage, error_rate: float
) -> Examined:
    """A field of print."""
    confidence = min(calibrator().confidence(features), ceiling(features))
    values = [line.decoded.value for line in lines]
    alternatives = lines[0].decoded.alternatives if len(lines) == 1 else ()
    doubts = {d for line in lines for d in line.decoded.doubts}
    if not all(line.settled for line in lines):
        doubts.add("ink.rule")
    if any(line.strip.eaten for line in lines):
        doubts.add("ink.caption")
    if features.registration < LIES:
        doubts.add("page.row")
    if any(line.strip.cut for line in lines):
        doubts.add("ink.cut")
    if features.lost and not features.eaten:
        doubts.add("ink.joined")
    if features.over or drawn(features):
        doubts.add("ink.over")
    if features.solid < _SOLID:
        doubts.add("ink.unclear")
    if features.alike:
        doubts.add("hand.alike")
    if features.less < 0:
        doubts.add("readers.differ")
    return Examined(
        FieldReading(
            text="\n".join(line.decoded.text for line in lines),
            value=None if None in values else "\n".join(v for v in values if v is not None),
            confidence=round(confidence, 5),
            accepted=calibrator().accepts(confidence, error_rate),
            page=page.number,
            box=page.around(sheet.scanned(corners(_around(lines)))),
            alternatives=[
                Alternative(text=text, confidence=round(probability, 4))
                for text, probability in alternatives[:_ALTERNATIVES]
            ],
            doubts=sorted(doubts),
        ),
        features,
    )


def _marked(mark: Mark, sheet: Canvas, page: PageImage, lies: float, error_rate: float) -> Examined:
    """A choice with a mark in one of its boxes, or in several."""
    sure = sureness(mark)
    one = len(mark.marked) == 1
    features = Features(
        group="choice",
        margin=20 * (2 * sure - 1),
        weakest=sure,
        length=len(mark.marked),
        legal=one,
        resolution=sheet.ppi,
        registration=lies,
    )
    if mark.astray >= ASTRAY:
        features = dataclasses.replace(features, settled=False, rival=0.0)
    confidence = min(calibrator().confidence(features), ceiling(features))
    doubts = [] if one else ["mark.several"]
    if mark.filled:
        doubts.append("mark.filled")
    if mark.astray:
        doubts.append("mark.astray")
    return Examined(
        FieldReading(
            text=" ".join("X" for _ in mark.marked),
            value=mark.marked[0] if one else None,
            confidence=round(confidence, 5),
            accepted=one and calibrator().accepts(confidence, error_rate),
            page=page.number,
            box=page.around(sheet.scanned(corners(mark.box))),
            source="mark",
            doubts=doubts,
        ),
        features,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """What a claim form says.

    Attributes:
        fields: what is printed, in the form's order.
        dirt: what was read where nobody believes that anything is printed.
        unsure: fields that read as empty and might not be, those of `dirt` among them.
        doubts: of the page as a whole.
    """

    fields: dict[str, Examined] = field(default_factory=dict)
    dirt: dict[str, Examined] = field(default_factory=dict)
    unsure: frozenset[str] = frozenset()
    doubts: tuple[str, ...] = ()


def examine(page: PageImage, look: PageLook, readers: Readers, stages: Stages) -> Examination:
    """Every field of a claim form; nothing of a page that can't be read.

    Args:
        page: as scanned.
        look: what it is and how it lies.
        readers: loaded once a process.
        stages: adds up CPU seconds.
    """
    unsure: set[str] = set()
    registration = look.registration
    if look.form not in READABLE or registration is None or registration.method == "none":
        return Examination()
    form = layout(look.form)
    with stages("ink"):
        sheet = canvas(page, registration, form)
    with stages("place"):
        placed = place(sheet, form)
        lies = registration.quality * placed.sure
        cut = strips(sheet, form, placed)
        marked = every_mark(sheet, form, placed)
        hidden = covered(sheet, form, placed)
        unsure |= beside(sheet, form, marked) | hidden | tangled(sheet, form, placed)
    found = decode(Sheet(look.form, sheet.ppi, placed.off), cut, readers, stages, unsure)
    with stages("place"):
        pale = faint(sheet, form, placed, found)
        unsure |= pale.empty | swallowed(sheet, form, placed, found)
    with stages("weigh"):
        said = said_on(page, registration.to_scan, form, (placed.off.dx, placed.off.dy))
        found = tip(found, said, look.form)
        single = {name: lines[0].decoded for name, lines in found.items() if len(lines) == 1}
        weighed = weigh(look.form, single)
        for name, weight in weighed.items():
            found[name] = [dataclasses.replace(found[name][0], decoded=weight.decoded)]
        ruled = bool(sheet.ruled.any())
        of = _Page(look.form, sheet, lies, ruled, _solid(sheet, cut), _uneven(cut))
        over = overrun(found, marked, look.form, sheet, placed) | (hidden & found.keys())
        over |= set(off_row(found, form, sheet, placed)) | (pale.beside & found.keys())
        over |= {
            line.strip.field
            for line in itertools.chain(*found.values())
            if struck(sheet, line.strip)
        }
        known = among_page(
            {
                name: _features(lines, weighed[name].support if name in weighed else 0, of)
                for name, lines in found.items()
            }
        )
        known |= {name: dataclasses.replace(known[name], over=True) for name in over}
        fields = {
            name: _printed(lines, known[name], sheet, page, readers.error_rate)
            for name, lines in found.items()
        }
    fields |= {mark.field: _marked(mark, sheet, page, lies, readers.error_rate) for mark in marked}
    for name in across_lines({name: examined.reading for name, examined in fields.items()}):
        fields[name] = dataclasses.replace(fields[name], reading=as_note(fields[name].reading))
    for name in said.keys() & fields.keys():
        kind = None if form.fields[name].choices else kind_for(look.form, name)
        reading = heard(fields[name].reading, said[name], kind, readers.error_rate)
        fields[name] = dataclasses.replace(fields[name], reading=reading)
    unsure |= {name for name, words in said.items() if words.drawn and name not in fields}
    ordered = [(name, fields[name]) for name in form.fields if name in fields]
    dirt = {name: examined for name, examined in ordered if _dirt(examined.reading)}
    printed = {name: examined for name, examined in ordered if name not in dirt}
    if CUT in look.doubts:  # said of the page as a whole
        unsure -= cut_off(look.form, registration, page.pixels.shape[:2])
    doubts = (PALE,) if sheet.floor > _PALE else ()
    return Examination(printed, dirt, frozenset(unsure - printed.keys() | dirt.keys()), doubts)


def _dirt(reading: FieldReading) -> bool:
    """Whether nobody believes it.

    A lone stroke or character whose reading is as good as surely wrong is more often what is left
    of a line, or dirt, than print that was misread: to call it empty and look is less wrong than
    a figure that nobody printed.
    """
    least = _LIKELY_STROKE if reading.text in _STROKES else _LIKELY
    alone = len(reading.text) == 1 and reading.source == "ocr"
    return alone and reading.confidence < least


def read_page(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """Every field of a claim form; of other pages only what they are.

    Args:
        page: as scanned.
        look: what it is and how it lies.
        readers: loaded once a process.
    """
    stages = Stages()
    try:
        found = examine(page, look, readers, stages)
    except ReaderError as error:
        # marks alone would look like a form with everything missing: a person reads it all
        log.warning("page %d: %s", page.number, error.code)
        return reading_of(page, look, Examination(), stages, [error.code])
    return reading_of(page, look, found, stages, [])


def reading_of(
    page: PageImage, look: PageLook, found: Examination, stages: Stages, doubts: list[str]
) -> PageReading:
    """What was found on a page, as it is kept."""
    told = {"unsure": sorted(found.unsure), "doubts": [*doubts, *found.doubts]}
    return PageReading(
        facts=facts_of(page, look).model_copy(update=told),
        fields={name: examined.reading for name, examined in found.fields.items()},
        barcodes=[b.text for b in look.barcodes],
        kind=look.kind,
        seconds=stages.seconds,
    )
