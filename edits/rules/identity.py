"""Who the patient and the insured are."""

from __future__ import annotations

from edits.registry import Case, Hit, claim
from models.page import Form


@claim("I002", forms=(Form.CMS1500,))
def member_id(case: Case) -> Hit | None:
    """Item 1a is blank."""
    return None if case.paper.has("1a") else Hit(("1a",))
