"""Places on the forms, in the words that people use: `item 24A, line 3`, `FL 42, line 5`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from models.page import Form

_COLUMNS: Final = {
    "from": "24A", "to": "24A", "place_of_service": "24B", "emg": "24C", "procedure": "24D",
    "modifier1": "24D", "modifier2": "24D", "modifier3": "24D", "modifier4": "24D",
    "pointer": "24E", "charges": "24F", "units": "24G", "epsdt": "24H", "epsdt_code": "24H",
    "id_qualifier": "24I", "rendering_npi": "24J", "rendering_id": "24J",
    "supplemental": "24 (shaded)",
}  # fmt: skip
#: forms whose fields are items; those of the others are form locators
_ITEMS: Final = (Form.CMS1500, Form.CMS1500_0805)
_LINE: Final = re.compile(r"24\.(\d)\.(\w+)")
_DIAGNOSIS: Final = re.compile(r"21\.([A-L])")
_REVENUE: Final = re.compile(r"(4[2-8])\.(\d+)(?:\.\w+)?")
_LETTERED: Final = re.compile(r"(5[0-5]|5[7-9]|6[0-5])([ABC])")


def place(form: Form, field: str) -> str:
    """One field's place."""
    base, _, page = field.partition("#")
    name = _item(base) if form in _ITEMS else _locator(base)
    return f"{name}, page {page}" if page else name


def places(form: Form, fields: Iterable[str]) -> str:
    """The places of several fields, each one once."""
    found = list(dict.fromkeys(place(form, field) for field in fields))
    return ", ".join(found) if len(found) < 2 else f"{', '.join(found[:-1])} and {found[-1]}"  # noqa: PLR2004 - one


def _item(base: str) -> str:
    if base.startswith("carrier"):
        return "the carrier's address"
    if found := _LINE.fullmatch(base):
        return f"item {_COLUMNS[found[2]]}, line {found[1]}"
    if found := _DIAGNOSIS.fullmatch(base):
        return f"item 21{found[1]}"
    return f"item {base.partition('.')[0]}"


def _locator(base: str) -> str:
    if found := _REVENUE.fullmatch(base):
        return f"FL {found[1]}, line {found[2]}"
    if found := _LETTERED.fullmatch(base):
        return f"FL {found[1]}, line {found[2]}"
    return f"FL {base.partition('.')[0]}"
