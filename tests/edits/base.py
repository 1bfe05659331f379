"""Claims with nothing wrong, and changes to them: what the tests of rules start from."""

from __future__ import annotations

import datetime as dt
import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from edits.check import Context
from extractors.kinds.table import kind_for
from forms.layout import layout
from models.page import Form
from models.reading import FieldReading

CASES = Path(__file__).parent / "cases"
TODAY = dt.date(2026, 11, 23)
RECEIVED = dt.date(2026, 11, 20)
CONTEXT = Context(today=TODAY, received=RECEIVED)
#: both boxes of a choice are marked
BOTH = "X X"


def reading(form: Form, name: str, text: str, **changes: Any) -> FieldReading:
    """A field as if it had been read without doubt."""
    spec = layout(form).fields[name.partition("#")[0]]
    value: str | None
    if spec.choices:
        value, shown = (None, BOTH) if text == BOTH else (text, "X")
    else:
        value, shown = kind_for(form, spec.id).value(text), text
    known: dict[str, Any] = {
        "text": shown,
        "value": value,
        "confidence": 0.999,
        "accepted": True,
        "page": 1,
        "box": (0, 0, 0, 0),
    }
    return FieldReading(**(known | changes))


def readings(form: Form, texts: Mapping[str, str]) -> dict[str, FieldReading]:
    """Fields by id; an empty text is a field with nothing printed."""
    return {name: reading(form, name, text) for name, text in texts.items() if text}


@functools.cache
def base(name: str) -> tuple[Form, Mapping[str, str]]:
    """A claim with nothing wrong: `cms1500`, `outpatient`, `inpatient`."""
    texts = tomllib.loads((CASES / "base.toml").read_text(encoding="utf-8"))[name]
    return Form.CMS1500 if name == "cms1500" else Form.UB04, texts


def changed(name: str, changes: Mapping[str, str]) -> tuple[Form, dict[str, str]]:
    """A clean claim with fields changed; `24.1.*` is the whole line."""
    form, texts = base(name)
    known = dict(texts)
    for field, text in changes.items():
        if field.endswith("*"):
            known |= {other: text for other in known if other.startswith(field[:-1])}
        else:
            known[field] = text
    return form, known
