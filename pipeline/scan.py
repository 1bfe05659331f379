"""A scan to its reading, in this process: what `paperclaim read` does with each file."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from extractors.answers import read_reply
from extractors.attachment import read_attachment
from extractors.page import read_page
from extractors.readers import Readers
from intake.limits import Limits
from intake.look import look
from intake.scan import open_scan
from intake.separator import reply_of
from models.clock import Stages
from models.errors import PaperclaimError
from models.page import Form, PageImage, PageLook
from models.reading import OTHER, PageReading, Reading, ReadingError, Source
from pipeline.documents import assemble

#: certainty of a form that was found by its print alone, below which that may be chance: forms
#: have far more, whatever they were scanned with
_CHANCE = 0.999


def _reader(seen: PageLook) -> Callable[[PageImage, PageLook, Readers], PageReading]:
    """What reads a page: of a reply sheet the code says what it is, of other papers their text."""
    if any(reply_of(code.text) for code in seen.barcodes):
        return read_reply
    return read_attachment if seen.form is Form.ATTACHMENT else read_page


def _paper(page: PageImage, seen: PageLook, readers: Readers) -> PageReading | None:
    """A page that only resembles a form, as the paper that its text surely says it is."""
    found = seen.registration
    if found is None or found.method != "print" or seen.confidence >= _CHANCE:
        return None
    loose = dataclasses.replace(seen, form=Form.ATTACHMENT, registration=None)
    reading = read_attachment(page, loose, readers)
    if reading.kind in (None, OTHER):
        return None
    sure = {"form_confidence": reading.kinds[0].probability}
    return reading.model_copy(update={"facts": reading.facts.model_copy(update=sure)})


def read_image(page: PageImage, readers: Readers, stages: Stages | None = None) -> PageReading:
    """One page image, looked at and read, with what is amiss with it by its look."""
    stages = stages or Stages()
    with stages("look"):
        seen = look(page)
    reading = _paper(page, seen, readers) or _reader(seen)(page, seen, readers)
    facts = reading.facts
    if facts.form.is_claim:
        facts = facts.model_copy(update={"doubts": sorted({*facts.doubts, *seen.doubts})})
    seconds = {**stages.seconds, **reading.seconds}
    return reading.model_copy(update={"facts": facts, "seconds": seconds})


def _pages(path: Path, limits: Limits, stages: Stages) -> Iterator[PageImage]:
    images = open_scan(path, limits)
    while True:
        with stages("decode"):
            image = next(images, None)
        if image is None:
            return
        yield image


def read_pages(path: Path, readers: Readers, limits: Limits) -> list[PageReading]:
    """Every page of a scan.

    Raises:
        ScanError: the scan can't be turned into pages.
    """
    found = []
    stages = Stages()
    for image in _pages(path, limits, stages):
        found.append(read_image(image, readers, stages))
        stages = Stages()
    return found


def read_scan(path: Path, readers: Readers, limits: Limits) -> Reading:
    """The reading of a scan, by the contract; a scan that can't be read says why."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as handle:
            while block := handle.read(1 << 20):
                digest.update(block)
        pages = read_pages(path, readers, limits)
    except PaperclaimError as error:
        source = Source(name=path.name, sha256=digest.hexdigest(), pages=0)
        message = f"{error.message} {error.advice}"
        return Reading(source=source, error=ReadingError(code=error.code, message=message))
    source = Source(name=path.name, sha256=digest.hexdigest(), pages=len(pages))
    return Reading(source=source, documents=assemble(pages))
