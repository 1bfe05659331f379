"""The document control number (DCN): shown everywhere, on every letter, in every answer.

`YYJJJ` receipt day (two-digit year, day of the year), `P` for paper, a seven-digit sequence of
that day, and a check character (ISO 7064 MOD 37,36), so that no single wrong character passes, and
one swap of neighbours in two hundred: `26327P0000012M`.
"""

from __future__ import annotations

import datetime as dt
import re

from models.errors import PaperclaimError

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LARGEST = 10_000_000
_SHAPE = re.compile(r"\d{5}P\d{7}[0-9A-Z]")


class DcnError(PaperclaimError):
    """A document control number is mistyped."""

    code = "dcn.invalid"
    remedy = "Type it as printed: 14 characters, such as 26327P0000012M."


def _check_character(body: str) -> str:
    """The ISO 7064 MOD 37,36 check character of `body`."""
    product = 36
    for character in body:
        product = (product + _ALPHABET.index(character)) % 36 or 36
        product = product * 2 % 37
    return _ALPHABET[(37 - product) % 36]


def make(received: dt.date, sequence: int) -> str:
    """The DCN of the `sequence`-th document (from 1) received that day.

    Raises:
        ValueError: the sequence does not fit seven digits.
    """
    if not 0 < sequence < _LARGEST:
        raise ValueError(sequence)
    body = f"{received:%y%j}P{sequence:07d}"
    return body + _check_character(body)


def parse(text: str) -> str:
    """`text` as a DCN, upper case, spaces and hyphens taken out.

    Raises:
        DcnError: it is none, or its check character says that it was mistyped.
    """
    dcn = re.sub(r"[\s-]", "", text).upper()
    if not _SHAPE.fullmatch(dcn) or _check_character(dcn[:-1]) != dcn[-1]:
        raise DcnError("This is not a document control number.")
    return dcn
