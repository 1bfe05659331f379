"""States, the District, territories and the military's mail regions, by their USPS letters."""

from __future__ import annotations

import functools
from typing import Final

import us

#: Armed Forces Americas, Europe, Pacific
MILITARY: Final = frozenset({"AA", "AE", "AP"})
#: freely associated states, with which USPS still exchanges mail
ASSOCIATED: Final = frozenset({"FM", "MH", "PW"})


@functools.cache
def everything() -> frozenset[str]:
    """All of them."""
    own = frozenset(s.abbr for s in us.states.STATES_AND_TERRITORIES)
    return own | {"DC"} | MILITARY | ASSOCIATED


def known(code: str) -> bool:
    """Whether `code` is one of them, upper case."""
    return code in everything()
