"""Medicare Beneficiary Identifiers: eleven characters, each place with its own set."""

from __future__ import annotations

import re
from typing import Final

#: letters that can't be taken for figures: no S, L, O, I, B, Z (42 CFR 400.200; CMS MBI format)
LETTERS: Final = "ACDEFGHJKMNPQRTUVWXY"
_EITHER: Final = f"[0-9{LETTERS}]"
_LETTER: Final = f"[{LETTERS}]"
_SHAPE: Final = re.compile(
    rf"[1-9]{_LETTER}{_EITHER}\d{_LETTER}{_EITHER}\d{_LETTER}{{2}}\d{{2}}", re.ASCII
)


def valid(text: str) -> bool:
    """Whether `text`, upper case and without hyphens, has the shape of an MBI."""
    return _SHAPE.fullmatch(text) is not None
