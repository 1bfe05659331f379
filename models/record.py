"""What everything that crosses a boundary is made of."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


def _opened(schema: dict[str, Any]) -> None:
    """Keys may be added under the same number: the published schema lets unknown ones pass."""
    schema.pop("additionalProperties", None)


class Record(BaseModel):
    """Base of everything that crosses a boundary: to us, unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, populate_by_name=True, json_schema_extra=_opened
    )
