"""Service lines."""

from __future__ import annotations

from edits.paper import Line
from edits.registry import Case, Hit, line
from models.page import Form


@line("S002", forms=(Form.CMS1500,))
def from_date(_case: Case, line: Line) -> Hit | None:
    """A service line has no from date, or one that is no day of the calendar."""
    if not line.has("from"):
        return Hit((line.id("from"),), "missing")
    return None if line.date("from") else Hit((line.id("from"),))
