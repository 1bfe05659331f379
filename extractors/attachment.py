"""An attachment to what it is and says: its text read, told by kind, its values found."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from extractors.language.lay import lay
from extractors.lines import read_text
from extractors.page import facts_of
from extractors.readers import Readers
from extractors.readers.watch import ReaderError
from models.clock import Stages
from models.page import PageImage, PageLook
from models.reading import OTHER, SURE_KIND, KindGuess, PageReading

if TYPE_CHECKING:
    from extractors.language.reading import Understood

log = logging.getLogger("paperclaim.read")


def kind_of(kinds: list[KindGuess]) -> str:
    """The likeliest kind, where it is sure enough; else `other`: a person looks."""
    return kinds[0].kind if kinds and kinds[0].probability >= SURE_KIND else OTHER


def read_attachment(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """What a page that is no form is, and what it says; one that can't be read is `other`.

    Args:
        page: as scanned.
        look: which way up it lies.
        readers: loaded once a process.
    """
    stages = Stages()
    facts = facts_of(page, look)
    codes = [b.text for b in look.barcodes]
    try:
        found = _said(page, look, readers, stages)
    except ReaderError as error:
        log.warning("page %d: %s", page.number, error.code)
        facts = facts.model_copy(update={"doubts": [error.code]})
        return PageReading(facts=facts, barcodes=codes, kind=OTHER, seconds=stages.seconds)
    return PageReading(
        facts=facts,
        barcodes=codes,
        entities=found.entities,
        kind=kind_of(found.kinds),
        kinds=found.kinds,
        seconds=stages.seconds,
    )


def _said(page: PageImage, look: PageLook, readers: Readers, stages: Stages) -> Understood:
    """What a page says.

    Raises:
        ReaderError: nobody knows what. That is for people to look at; the claim that the paper
            came with is read all the same.
        MemoryError: the page may be read another time.
    """
    from extractors.language.reading import understand  # noqa: PLC0415 - spaCy is heavy

    try:
        with stages("text"):
            tokens = lay(read_text(page, look, readers))
        with stages("language"):
            return understand(tokens, page.number)
    except (ReaderError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - any page may come; its text must not be told
        kind = type(error).__name__
        raise ReaderError(f"The text of a page could not be read ({kind}).") from None
