"""An attachment to what it is and says: its text read, told by kind, its values found."""

from __future__ import annotations

from extractors.language.lay import lay
from extractors.lines import read_text
from extractors.page import facts_of
from extractors.readers import Readers
from models.clock import Stages
from models.page import PageImage, PageLook
from models.reading import OTHER, SURE_KIND, KindGuess, PageReading


def kind_of(kinds: list[KindGuess]) -> str:
    """The likeliest kind, where it is sure enough; else `other`: a person looks."""
    return kinds[0].kind if kinds and kinds[0].probability >= SURE_KIND else OTHER


def read_attachment(page: PageImage, look: PageLook, readers: Readers) -> PageReading:
    """What a page that is no form is, and what it says.

    Args:
        page: as scanned.
        look: which way up it lies.
        readers: loaded once a process.
    """
    from extractors.language.reading import understand  # noqa: PLC0415 - spaCy is heavy

    stages = Stages()
    with stages("text"):
        tokens = lay(read_text(page, look, readers))
    with stages("language"):
        found = understand(tokens, page.number)
    return PageReading(
        facts=facts_of(page, look),
        barcodes=[b.text for b in look.barcodes],
        entities=found.entities,
        kind=kind_of(found.kinds),
        kinds=found.kinds,
        seconds=stages.seconds,
    )
