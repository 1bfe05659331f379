"""How sure a value may be by its surroundings: what a caption says, a sentence, or nothing.

The trained component tells values in surroundings that it knows. Where nothing beside a value says
what it is, it is a guess, however sure the component may be.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from extractors.language.captions import before, line_of, nearly, said
from extractors.language.lay import CLOSE, MARKS
from extractors.language.shapes import FIGURE, MONEY

#: how sure a value may be that no caption tells but a sentence, or a caption that nobody knows; and
#: one of which nothing says what it is: that is a guess, and nobody is asked about it
HINTED: Final = 0.9
GUESSED: Final = 0.45
#: in a sentence, what makes a day one of service: something was done on it
_DONE = re.compile(
    r"\b(?:seen|visit(?:s|ed)?|services?|treated|treatment|admitted|discharged|surgery|operat\w+"
    r"|performed|collected|delivered|encounter|examined|procedure|rendered|evaluated)"
    r"(?: [a-z']+){0,4}$|\bclaims? (?:from|of|for)$"
)
#: what stands before the first day of an authorization, and before its last
_FROM = re.compile(r"\b(?:from|beginning|starting)$")
_UNTIL = re.compile(r"\d ?(?:-|to|through|thru|until)$")
#: a doctor, by what stands before or behind a name
_DOCTOR = re.compile(
    r"(?i)(?:dr|doctor)\b.*|.*\b(?:m\.?d|d\.?o|rn|np|pa|pa-c|dpm|dds|dmd|phd|arnp|aprn)"
)
#: what stands before the name of who signs, asks or bills
_SIGNED = re.compile(r"(?i)\b(?:by|from|sincerely ,|signed|signature|dr \.?) ?:?$")
#: what stands before a patient's name, and behind it
_ABOUT = re.compile(r"(?i)\b(?:re|dear|name is|claim (?:of|for)|please see|daughter|son) ?:?$")
_BORN = re.compile(r"(?i)[,|( ]*(?:d\.?o\.?b|born|birth)")
_PLAN = re.compile(
    r"(?i)\b(?:health|insurance|plan|mutual|benefits?|medicare|medicaid|hmo|ppo|fund|trust"
    r"|cooperative|life|casualty|welfare|union|compensation)\b"
)
#: what stands beside a value as a caption does: told again, before a colon, or in a cell of its own
_BESIDE = re.compile(r"([^|«:]*)(?:»|:|\||#)$")
#: a sign before an amount that is taken off
_OFF = re.compile(r"(?:-|\() ?\$? ?$")
#: labels whose values tell by their looks what they are
_TELLING: Final = frozenset({"npi", "tax_id", "diagnosis", "procedure", "birth_date"})


def most(words: Sequence[str], start: int, stop: int, label: str, looks: str) -> float:
    """How sure a value may be of its label, by what is said around it.

    Args:
        words: of the page.
        start: of the value, in words.
        stop: last+1.
        label: that it has.
        looks: its shape.
    """
    line = line_of(words, start)
    if looks == "money" and _OFF.search(line):
        return GUESSED
    caption = said(line, looks) or nearly(line, looks)
    if caption is not None and caption.label == label:
        return caption.most
    if label in _TELLING:
        return 1.0
    if looks == "date" or label == "date_of_service":
        return _day(words, start, stop, label)
    if looks == "name":
        return _name(words, start, stop, label)
    beside = _BESIDE.search(line.rstrip("$ "))
    return HINTED if beside and not FIGURE.search(beside[1]) else GUESSED


def _day(words: Sequence[str], start: int, stop: int, label: str) -> float:
    last = words[start - 1] if start else "\n"
    end = next((at for at in range(stop, len(words)) if words[at] == "\n"), len(words))
    row = any(MONEY.fullmatch(word) for word in words[stop:end])
    if label == "date_of_service" and row and last in MARKS:
        return 1.0 if last == CLOSE else HINTED  # a line of services, under a caption or not
    text = " ".join(before(words, start).lower().split())
    if label == "date_of_service":
        return HINTED if _DONE.search(text) else GUESSED
    return HINTED if _FROM.search(text) or _UNTIL.search(text) else GUESSED


def _name(words: Sequence[str], start: int, stop: int, label: str) -> float:
    text = " ".join(words[start:stop])
    line = line_of(words, start).rstrip()
    if label == "patient":
        born = _BORN.match(" ".join(words[stop : stop + 4]).replace("\n", "|"))
        return HINTED if born or _ABOUT.search(line) else GUESSED
    if line.endswith(("»", ":")):
        return HINTED
    if label == "provider":
        hinted = _DOCTOR.fullmatch(text.rstrip(" .")) or _SIGNED.search(line)
        return HINTED if hinted else GUESSED
    return HINTED if _PLAN.search(text) else GUESSED
