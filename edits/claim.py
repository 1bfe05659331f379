"""The typed claim."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.page import Form
from models.reading import FieldReading


def build(form: Form, fields: Mapping[str, FieldReading]) -> dict[str, Any]:
    """A claim from its fields."""
    return {"form": str(form), "values": {name: f.value for name, f in fields.items()}}
