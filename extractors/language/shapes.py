"""Shapes of values: what a stretch of words looks like, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

FIGURE: Final = re.compile(r"\d")
MONTH: Final = re.compile(
    r"(?i)(jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|sept?(ember)?"
    r"|oct(ober)?|nov(ember)?|dec(ember)?)\.?"
)
#: a zero that stands as a letter does in names: `Mark 0`, `0'Brien`
_ZERO: Final = re.compile(r"(?<![^ ])0(?=['. ]|$)")
_DATE: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}")
#: an amount, as digits
MONEY: Final = re.compile(r"\d[\d,]*\.\d{2}")


def shape(words: Sequence[str]) -> str:
    """What a candidate is by its looks: `date`, `money`, `number` or `name`."""
    text = " ".join(words)
    if len(words) == 1 and _DATE.fullmatch(text):
        return "date"
    if MONTH.fullmatch(words[0]) and len(words) > 1 and FIGURE.search(text):
        return "date"
    if len(words) == 1 and MONEY.fullmatch(text):
        return "money"
    return "number" if FIGURE.search(lettered(text)) else "name"


def lettered(text: str) -> str:
    """A name whose initial O was read as a zero."""
    return _ZERO.sub("O", text)


def whole(word: str) -> bool:
    """Whether a word is a day or an amount by itself, whatever runs into it."""
    return bool(_DATE.fullmatch(word) or MONEY.fullmatch(word))
