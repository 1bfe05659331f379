"""The least that does the job: a Social Security number shows its last four digits at most."""

from __future__ import annotations

import re
from typing import Final

#: three, two and four digits, with or without signs between them, that stand alone; numbers that
#: were never given out (area 000 or 666 or from 900 on, group 00, serial 0000) are none
_SSN: Final = re.compile(
    r"(?<![\dA-Z])(?!000|666|9)\d{3}(?P<sign>[- .])?(?!00)\d{2}"
    r"(?(sign)[- .])(?!0000)(\d{4})(?![\dA-Z])"
)


def masked(text: str) -> str:
    """`text` with whatever may be a Social Security number cut to its last four digits."""
    return _SSN.sub(r"ending in \2", text)
