"""Shapes of values: what a stretch of words looks like, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

FIGURE: Final = re.compile(r"\d")
MONTH: Final = re.compile(r"(?i)(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?")
_DATE: Final = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}")
_MONEY: Final = re.compile(r"\d[\d,]*\.\d{2}")


def shape(words: Sequence[str]) -> str:
    """What a candidate is by its looks: `date`, `money`, `number` or `name`."""
    text = " ".join(words)
    if len(words) == 1 and _DATE.fullmatch(text):
        return "date"
    if MONTH.fullmatch(words[0]) and len(words) > 1 and FIGURE.search(text):
        return "date"
    if len(words) == 1 and _MONEY.fullmatch(text):
        return "money"
    return "number" if FIGURE.search(text) else "name"
