"""Shapes of codes whose lists others own: what can be told without a list."""

from __future__ import annotations

import re
from typing import Final

_HCPCS: Final = re.compile(r"\d{5}|\d{4}[FTUMA]|[A-V]\d{4}", re.ASCII)
_CPT: Final = re.compile(r"\d{5}|\d{4}[FTUMA]", re.ASCII)
_MODIFIER: Final = re.compile(r"[0-9A-Z]{2}")
_HIPPS: Final = re.compile(r"[0-9A-Z]{5}")
_REVENUE: Final = re.compile(r"\d{4}", re.ASCII)
_BILL_TYPE: Final = re.compile(r"0?[1-9]\d[0-9A-Z]", re.ASCII)
_TAXONOMY: Final = re.compile(r"\d{3}[0-9A-Z]{6}X", re.ASCII)
#: blanks between its parts tell nothing; a figure too many makes another number of each of them
_NDC: Final = re.compile(
    r"(?:^|\s)N4 ?(\d{11})(?!\d)"
    r"(?: *(F2|GR|ME|ML|UN) *(\d{1,8}(?:\.\d{1,3})?|\.\d{1,3})(?![\d.]*\d))?",
    re.ASCII,
)
_CLIA: Final = re.compile(r"\d{2}D\d{7}", re.ASCII)
_DRG: Final = re.compile(r"0?\d{3}", re.ASCII)
#: highest revenue code of any use, 3109 (adult care)
_LAST_REVENUE: Final = 3109


def hcpcs(code: str) -> bool:
    """A CPT code, or a HCPCS level II code."""
    return _HCPCS.fullmatch(code) is not None


def cpt(code: str) -> bool:
    """A CPT code of any category, or a laboratory's PLA or MAAA code."""
    return _CPT.fullmatch(code) is not None


def modifier(code: str) -> bool:
    """Two letters or figures."""
    return _MODIFIER.fullmatch(code) is not None


def hipps(code: str) -> bool:
    """Five letters or figures."""
    return _HIPPS.fullmatch(code) is not None


def revenue(code: str) -> bool:
    """Four figures, no higher than revenue codes go."""
    return _REVENUE.fullmatch(code) is not None and 0 < int(code) <= _LAST_REVENUE


def bill_type(code: str) -> bool:
    """Facility, kind of care and frequency, with or without the leading zero."""
    return _BILL_TYPE.fullmatch(code) is not None


def taxonomy(code: str) -> bool:
    """Ten characters that end in X."""
    return _TAXONOMY.fullmatch(code) is not None


def ndc(text: str) -> tuple[str, str, str] | None:
    """Drug code, unit and quantity of the first `N4...`; the last two empty where not printed."""
    found = _NDC.search(text)
    return (found[1], found[2] or "", found[3] or "") if found else None


def clia(code: str) -> bool:
    """A laboratory's CLIA number."""
    return _CLIA.fullmatch(code) is not None


def drg(code: str) -> bool:
    """A diagnosis related group, three figures."""
    return _DRG.fullmatch(code) is not None
