"""What on a page may be a value, by its shape alone: dates, amounts, numbers, codes, names.

Patterns find the borders of values; what a value is, is the business of the trained component.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np
from spacy.tokens import Doc
from spacy.util import registry
from thinc.api import Ops, get_current_ops
from thinc.types import Ragged

from extractors.language.lay import CLOSE, MARKS, OPEN, SIGNAL
from extractors.language.shapes import FIGURE, MONTH, whole

#: key of the spans in a document, and the name of the suggester
KEY: Final = "said"
NAME: Final = "paperclaim.candidates.v1"
#: tokens of the longest name and number
_NAME, _NUMBER = 7, 3
_WORD = re.compile(r"(?:[A-Z]|0')[A-Za-z'.&/-]*")
#: an initial, misread or not
_INITIAL = re.compile(r"[A-Za-z0]")
#: what stands within names
_BETWEEN = frozenset({",", "&", ".", "of", "and", "de", "la", "the", "DE", "LA", "OF", "AND"})
#: what captions and sentences are made of and names are not
_CAPTIONS = re.compile(
    r"(?i)account|acct|address|adj|advice|allowed|amount|amt|billed|claim|code|date|dob|dos|fax|form"
    r"|id|invoice|location|mrn|name|notice|npi|number|paid|payable|phone|reason|remittance|report"
    r"|resp|responsibility|sex|ssn|statement|tax|telephone|tin|totals?|voucher"
    r"|was|were|has|had|have|with|this|that|not"
)
#: a name begins with none of these
_NO_FIRST = frozenset({"OF", "AND", "PATIENT", "MEMBER", "PROVIDER", "INSURED", "SUBSCRIBER"})
_DAY_YEAR = re.compile(r"\d{1,2}")
_YEAR = re.compile(r"\d{4}")


def candidates(words: Sequence[str]) -> list[tuple[int, int]]:
    """First and last+1 token of everything that may be a value."""
    found: set[tuple[int, int]] = set()
    for start, stop in _stretches(words):
        found.update(_numbers(words, start, stop))
        found.update(_months(words, start, stop))
        found.update(_names(words, start, stop))
    return sorted(found)


def _stretches(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of tokens between marks that are printed there: no captions told again."""
    start, told = 0, False
    for at, word in enumerate((*words, OPEN)):
        if word in MARKS or word.startswith(SIGNAL):
            if not told and at > start:
                yield start, at
            told = word == OPEN or (told and word != CLOSE)
            start = at + 1


def _numbers(words: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop):
        for last in range(first + 1, min(first + _NUMBER, stop) + 1):
            if not FIGURE.search(words[last - 1]):
                break
            if last > first + 1 and (whole(words[first]) or whole(words[last - 1])):
                break
            if last > first + 1 or len(words[first]) > 2:  # noqa: PLR2004 - counts, rooms, pages
                yield first, last


def _months(words: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
    """`March 3, 2026`."""
    for first in range(start, stop - 2):
        if not MONTH.fullmatch(words[first]) or not _DAY_YEAR.fullmatch(words[first + 1]):
            continue
        last = first + 3 if words[first + 2] in {",", "."} else first + 2
        if last < stop and _YEAR.fullmatch(words[last]):
            yield first, last + 1


def _names(words: Sequence[str], start: int, stop: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop):
        if not _WORD.fullmatch(words[first]) or len(words[first]) < 2:  # noqa: PLR2004 - initials
            continue
        if words[first].upper() in _NO_FIRST:
            continue
        for last in range(first + 1, min(first + _NAME, stop) + 1):
            word = words[last - 1]
            if _CAPTIONS.fullmatch(word):
                break
            if _WORD.fullmatch(word) or (last > first + 1 and _INITIAL.fullmatch(word)):
                yield first, last
            elif word not in _BETWEEN:
                break


@registry.misc(NAME)  # type: ignore[untyped-decorator] # spaCy's registry has no types
def suggester() -> Callable[..., Ragged]:
    """The candidates, for spaCy's span categorizer."""

    def suggest(docs: Any, *, ops: Ops | None = None) -> Ragged:
        ops = ops or get_current_ops()
        spans: list[tuple[int, int]] = []
        lengths = []
        for doc in docs:
            found = candidates(_texts(doc))
            if len(found) == 1:
                found *= 2  # spaCy takes the scores of a single span for no list at all
            spans.extend(found)
            lengths.append(len(found))
        data = np.asarray(spans, dtype=np.int32).reshape(-1, 2)
        places = ops.asarray2i(data)  # type: ignore[arg-type] # thinc has its own array types
        return Ragged(places, ops.asarray1i(lengths))

    return suggest


def _texts(doc: Doc) -> list[str]:
    return [token.text for token in doc]
