"""An attachment to what it is and says: its text read, told by kind, its values found."""

from __future__ import annotations

import dataclasses
import logging
from typing import TYPE_CHECKING

from extractors.formwords import of_a_form
from extractors.language.lay import lay
from extractors.lines import Text, read_text
from extractors.page import facts_of
from extractors.readers import Readers
from extractors.readers.watch import ReaderError
from models.clock import Stages
from models.errors import NoRoomError
from models.page import UNLAID, Form, PageImage, PageLook
from models.reading import OTHER, SURE_KIND, KindGuess, PageReading

if TYPE_CHECKING:
    from extractors.language.reading import Understood

#: probability that a form by its words alone is none that we know
_UNLAID = 0.6
log = logging.getLogger("paperclaim.read")
#: mean probability of its characters, from which on a page is the right way up: a bad photograph
#: has 0.9, and any page that stands on its head 0.7
_LEGIBLE = 0.8


def kind_of(kinds: list[KindGuess]) -> str:
    """The likeliest kind, where it is sure enough; else `other`: a person looks."""
    return kinds[0].kind if kinds and kinds[0].probability >= SURE_KIND else OTHER


def read_attachment(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """What a page that is no form is, and what it says; one that can't be read is `other`.

    One that is a claim form by its words, and on which none was laid, is nothing we know: people
    look at it, as nothing of its fields was read.

    Args:
        page: as scanned.
        look: which way up it lies.
        readers: loaded once a process.
    """
    stages = Stages()
    facts = facts_of(page, look)
    codes = [b.text for b in look.barcodes]
    try:
        found, turns = _said(page, look, readers, stages)
        facts = facts.model_copy(update={"quarter_turns": turns})
    except ReaderError as error:
        log.warning("page %d: %s", page.number, error.code)
        facts = facts.model_copy(update={"doubts": [error.code]})
        return PageReading(facts=facts, barcodes=codes, kind=OTHER, seconds=stages.seconds)
    if found is None:
        unlaid = {"form": Form.UNKNOWN, "form_confidence": _UNLAID, "doubts": [UNLAID]}
        return PageReading(
            facts=facts.model_copy(update=unlaid), barcodes=codes, seconds=stages.seconds
        )
    return PageReading(
        facts=facts,
        barcodes=codes,
        entities=found.entities,
        kind=kind_of(found.kinds),
        kinds=found.kinds,
        seconds=stages.seconds,
    )


def _said(
    page: PageImage, look: PageLook, readers: Readers, stages: Stages
) -> tuple[Understood | None, int]:
    """What a page says, and the quarter turns that put it upright; None of a claim form.

    Raises:
        ReaderError: nobody knows what. That is for people to look at; the claim that the paper
            came with is read all the same.
        MemoryError, NoRoomError: the page may be read another time.
    """
    from extractors.language.reading import understand  # noqa: PLC0415 - spaCy is heavy

    try:
        with stages("text"):
            turns, text = _upright(page, look, readers)
            if of_a_form(word.text for word in text.words):
                return None, turns
            tokens = lay(text)
        with stages("language"):
            return understand(tokens, page.number), turns
    except (ReaderError, MemoryError, NoRoomError):
        raise
    except Exception as error:  # noqa: BLE001 - any page may come; its text must not be told
        kind = type(error).__name__
        raise ReaderError(f"The text of a page could not be read ({kind}).") from None


def _upright(page: PageImage, look: PageLook, readers: Readers) -> tuple[int, Text]:
    """The turns at which a page reads best, and its text; one that reads well is read once."""
    best = look.quarter_turns, read_text(page, look, readers)
    for more in (2, 1, 3):
        if best[1].clear >= _LEGIBLE:
            break
        turns = (look.quarter_turns + more) % 4
        text = read_text(page, dataclasses.replace(look, quarter_turns=turns), readers)
        if text.clear > best[1].clear:
            best = turns, text
    return best
