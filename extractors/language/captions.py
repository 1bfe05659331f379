"""Captions: what stands before a value and says what it is, and how much that is worth.

The trained component tells values in surroundings that it knows. Where nothing beside a value says
what it is, it is a guess, however sure the component may be.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final, NamedTuple

from extractors.language.lay import CLOSE, MARKS
from extractors.language.shapes import FIGURE

#: words before a value that may be its caption, and what ends one
_WORDS: Final = 12
_ENDS = re.compile(r"[ :;,.»|$-]+$")
#: a caption told again, which may be a value that stands above by chance
_TOLD = re.compile(r"« [^«»]*$")
#: the first of two days or codes, behind whose caption the second one stands, too
_FIRST = {
    "date": re.compile(
        r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}|\d{4}-\d{2}-\d{2}"
        r"|\b[a-z]{3,9}\.? \d{1,2} ,? ?\d{4}) (?:-|to|through|thru|until|and|&)$"
    ),
    "number": re.compile(r"\b[a-z0-9.]{3,8} ?[,;&]$"),
}
_CODES: Final = frozenset({"procedure", "diagnosis"})
#: words before a value that may be of a misread caption; letters of one, and how alike it is then
_LAST: Final = 6
_LONG, _ALIKE = 4, 0.8
#: what a caption says that there is no label for, such as a discount or a telephone
NOTHING: Final = ""
#: how sure a value may be that no caption tells but a sentence, or a caption that nobody knows; and
#: one of which nothing says what it is: that is a guess, and nobody is asked about it
HINTED: Final = 0.9
GUESSED: Final = 0.45
#: in a sentence, what makes a day one of service: something was done on it
_DONE = re.compile(
    r"\b(?:seen|visit(?:s|ed)?|services?|treated|treatment|admitted|discharged|surgery|operat\w+"
    r"|performed|collected|delivered|encounter|examined|procedure|rendered|evaluated)"
    r"(?: [a-z']+){0,4}$"
)
_FROM = re.compile(r"\b(?:from|beginning|starting)$")
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
_AMOUNT = re.compile(r"\d[\d,]*\.\d{2}")
#: labels whose values tell by their looks what they are
_TELLING: Final = frozenset({"npi", "tax_id", "diagnosis", "procedure", "birth_date"})


class Caption(NamedTuple):
    """What a caption says.

    Attributes:
        label: that it is of; `NOTHING` for one that there is no label for.
        most: how sure a value behind it may be.
    """

    label: str
    most: float


class _Known(NamedTuple):
    caption: Caption
    shape: str
    pattern: re.Pattern[str]


@functools.cache
def _known() -> tuple[_Known, ...]:
    """Usual captions; where two of them end alike, the longer one counts."""
    path = resources.files("extractors.language") / "data" / "captions.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return tuple(
        _Known(
            Caption(each["label"], each.get("most", 1.0)),
            each["shape"],
            re.compile(rf"(?:^|[ «|(])({each['caption']})(?: is| was| of| on)?$"),
        )
        for each in found
    )


def said(before: str, looks: str) -> Caption | None:
    """What the caption right before a value says; None where there is no usual one.

    Args:
        before: the words of its line before it.
        looks: the value's shape; a number may be a misread day or amount.
    """
    text = _ENDS.sub("", before.lower())
    for left in (text, _ENDS.sub("", _TOLD.sub("", text))):
        hits = (
            (each.pattern.search(left), each.caption)
            for each in _known()
            if each.shape == looks
            or (looks == "number" and each.caption.label and each.shape != "name")
        )
        found = [(len(hit[1]), caption) for hit, caption in hits if hit]
        if found:
            return max(found)[1]
    if looks not in _FIRST:
        return None
    first = _FIRST[looks].search(before.lower().rstrip())
    told = said(before[: first.start()], looks) if first else None
    if told is not None and told.label == "authorization_from":
        return Caption("authorization_to", told.most)
    return told if told is not None and (looks == "date" or told.label in _CODES) else None


@functools.cache
def _words_of_captions() -> frozenset[str]:
    words = (word for each in _known() for word in re.findall(r"[a-z]+", each.pattern.pattern))
    return frozenset(word for word in words if len(word) >= _LONG)


@functools.lru_cache(4096)
def _word(word: str) -> str:
    """A word of captions that one may be, misread in a letter; else itself."""
    known = _words_of_captions()
    if len(word) < _LONG or word in known:
        return word
    return next(iter(difflib.get_close_matches(word, known, 1, _ALIKE)), word)


def _mended(before: str) -> str:
    """The words before a value with those misread that captions have."""
    words = before.lower().split()
    return " ".join([*words[:-_LAST], *map(_word, words[-_LAST:])])


def line_of(words: Sequence[str], start: int) -> str:
    """The words of a value's line that stand before it; of a line's first value, the line above."""
    text = " ".join(words[max(0, start - _WORDS) : start])
    return text.rstrip().rpartition("\n")[2]


def most(words: Sequence[str], start: int, stop: int, label: str, looks: str) -> float:
    """How sure a value may be of its label, by what is said around it.

    Args:
        words: of the page.
        start: of the value, in words.
        stop: last+1.
        label: that it has.
        looks: its shape.
    """
    before = line_of(words, start)
    caption = said(before, looks)
    if looks == "money" and _OFF.search(before):
        return GUESSED
    if caption is not None and caption.label == label:
        return caption.most
    meant = said(_mended(before), looks)
    if caption is None and meant is not None and meant.label == label:
        return HINTED
    if label in _TELLING:
        return 1.0
    if looks == "date" or label == "date_of_service":
        return _day(words, start, stop, label)
    if looks == "name":
        return _name(words, start, stop, label)
    beside = _BESIDE.search(before.rstrip("$ "))
    return HINTED if beside and not FIGURE.search(beside[1]) else GUESSED


def _day(words: Sequence[str], start: int, stop: int, label: str) -> float:
    last = words[start - 1] if start else "\n"
    end = next((at for at in range(stop, len(words)) if words[at] == "\n"), len(words))
    row = any(_AMOUNT.fullmatch(word) for word in words[stop:end])
    if label == "date_of_service" and row and last in MARKS:
        return 1.0 if last == CLOSE else HINTED  # a line of services, under a caption or not
    text = " ".join(" ".join(words[max(0, start - _WORDS) : start]).lower().split())
    if label == "date_of_service":
        return HINTED if _DONE.search(text) else GUESSED
    return HINTED if _FROM.search(text) or _FIRST["date"].search(text) else GUESSED


def _name(words: Sequence[str], start: int, stop: int, label: str) -> float:
    text = " ".join(words[start:stop])
    before = line_of(words, start).rstrip()
    if before.endswith(("»", ":")) and label != "patient":
        return HINTED
    if label == "patient":
        born = _BORN.match(" ".join(words[stop : stop + 4]).replace("\n", "|"))
        return HINTED if born or _ABOUT.search(before) else GUESSED
    if label == "provider":
        hinted = _DOCTOR.fullmatch(text.rstrip(" .")) or _SIGNED.search(before)
        return HINTED if hinted else GUESSED
    return HINTED if _PLAN.search(text) else GUESSED
