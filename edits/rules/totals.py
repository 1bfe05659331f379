"""Sums."""

from __future__ import annotations

from edits.registry import Case, Hit, claim
from models.page import Form


@claim("T001", forms=(Form.CMS1500,))
def total(case: Case) -> Hit | None:
    """Item 28 is blank, or is not the sum of the charges in 24F."""
    if not case.paper.has("28"):
        return Hit(("28",))
    charges = [line.amount("charges") for line in case.paper.lines()]
    if None in charges:
        return None
    return None if sum(c for c in charges if c) == case.paper.number("28") else Hit(("28",))
