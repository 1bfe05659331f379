"""Captions: what stands right before a value, or over it, and says what it is."""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Sequence
from importlib import resources
from typing import Any, Final, NamedTuple

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
#: how sure a value may be that a caption tells which was misread
MISREAD: Final = 0.9


#: how a sentence goes on from a caption to its value, unless that is a name
_GOES_ON = (r"(?: is| was| of| on)?", "")


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
            re.compile(rf"(?:^|[ «|(])({each['caption']}){_GOES_ON[each['shape'] == 'name']}$"),
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


def nearly(before: str, looks: str) -> Caption | None:
    """As `said`, of a caption of which words were misread; nobody is blamed by such a one."""
    told = said(_mended(before), looks)
    return told and told._replace(most=min(MISREAD, told.most))


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


def before(words: Sequence[str], start: int, most: int = _WORDS) -> str:
    """The words before a value, whatever line they are on."""
    return " ".join(words[max(0, start - most) : start])


def line_of(words: Sequence[str], start: int) -> str:
    """The words of a value's line that stand before it; of a line's first value, the line above."""
    return before(words, start).rstrip().rpartition("\n")[2]
