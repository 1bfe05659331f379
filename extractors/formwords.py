"""Whether a page is a claim form by its words, wherever they stand.

A form that is squashed, torn or photographed so that none could be laid on it still reads, and is
no attachment: nobody would look for a claim there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

#: words of the captions of each claim form that few other papers use
_CAPTIONS: Final = (
    frozenset({
        "accident", "assignment", "champva", "emg", "employment", "epsdt", "feca", "nucc",
        "outside", "pointer", "policy", "qual", "referring", "rendering", "reserved",
        "resubmission", "supplier", "tricare",
    }),
    frozenset({
        "asg", "attending", "covers", "creation", "dhr", "hcpcs", "hipps", "nubc", "occurrence",
        "operating", "pps", "prv", "rel", "remarks", "rev", "serv", "span", "stat", "totals",
        "treatment",
    }),
)  # fmt: skip
#: so many of them make a form: forms have 9 and more, other papers up to 3
_ENOUGH: Final = 7


def of_a_form(words: Iterable[str]) -> bool:
    """Whether so many words of a page are those of one form."""
    said = {word for text in words for word in re.findall(r"[a-z]+", text.lower())}
    return any(len(captions & said) >= _ENOUGH for captions in _CAPTIONS)
