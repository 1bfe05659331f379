"""How much a text looks like words: which letters follow which in names, places and medicine.

The table (`data/trigrams.csv`, made by `bench.trigrams`) tells `MEDICINE` from `MEDICI E`. It
chooses among readings that the ink allows, and makes a text that looks broken doubtful.
"""

from __future__ import annotations

import csv
import functools
import re
import string
from collections.abc import Mapping
from importlib import resources
from types import MappingProxyType

LETTERS = string.ascii_uppercase
#: before and after a word
EDGE = "_"
#: the table holds minus log-probabilities in such fractions, none above `WORST`
SCALE = 10
WORST = 99
#: minus log-probability that a letter of a real word has on the average
USUAL = 2.4

_DIRECTIONS = frozenset("NSEW")
#: a point, colon, comma or dash that no word has beside it
_STRAY = re.compile(
    r"(?<=[A-Za-z])[.:_](?=[A-Za-z0-9])|(?<=[0-9])[.:_](?=[A-Za-z])|[._:-]$|^[._:,-]"
)
_RUN = re.compile(r"[A-Z]+")


@functools.cache
def _table() -> Mapping[str, float]:
    """Log-probability of a letter after two, by the three."""
    data = resources.files("extractors.kinds") / "data" / "trigrams.csv"
    rows = csv.reader(data.read_text(encoding="utf-8").splitlines())
    head = next(rows)[1:]
    return MappingProxyType(
        {
            row[0] + letter: -int(cell) / SCALE
            for row in rows
            for letter, cell in zip(head, row[1:], strict=True)
        }
    )


@functools.lru_cache(maxsize=4096)
def _word(word: str) -> float:
    """Log-probability of one word in capitals, its end included."""
    table = _table()
    padded = f"{EDGE}{EDGE}{word}{EDGE}"
    return sum(table[padded[i : i + 3]] for i in range(len(padded) - 2))


def wordlike(text: str) -> float:
    """How much the words of a text look like words, log-odds against letters at random.

    Above 0 for most real ones; comparable between texts of different length.
    """
    found = _RUN.findall(text.upper())
    # a letter alone is an initial: it says nothing
    return sum(_word(word) + USUAL * (len(word) + 1) for word in found if len(word) > 1)


def strays(text: str) -> int:
    """Marks and blanks that words don't have: a point within a word, a letter left alone."""
    words = text.split()
    alone = sum(len(w) == 1 and w.isalpha() and w.upper() not in _DIRECTIONS for w in words[:-1])
    return alone + len(_STRAY.findall(text))


def oddest(text: str, *, initials: bool) -> float:
    """How unlike a word the oddest word of a text is: minus log-probability a letter.

    Around 2.5 for real words, from 3.5 for most broken ones; 0 for a text with no words. A
    direction does not count, nor, where there are `initials`, a letter alone at the end.
    """
    found = _RUN.findall(text.upper())
    if initials and found and len(found[-1]) == 1:
        found.pop()
    return max((-_word(w) / (len(w) + 1) for w in found if w not in _DIRECTIONS), default=0.0)
