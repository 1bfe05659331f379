"""Run the edits on a claim."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from models.page import Form
from models.reading import FieldReading, Finding


@dataclass(frozen=True, slots=True)
class Context:
    """What the edits know beside the form.

    Attributes:
        received: the day the paper arrived, None where nobody said.
    """

    received: dt.date | None = None


#: fields without which a claim is unprocessable: form, rule, field, message
_REQUIRED = (
    (Form.CMS1500, "I002", "1a", "The member ID (item 1a) is missing."),
    (Form.CMS1500, "I008", "2", "The patient's name (item 2) is missing."),
    (Form.CMS1500, "P007", "33a", "The billing provider's NPI (item 33a) is missing."),
    (Form.UB04, "I007", "60A", "The insured's unique ID (FL 60) is missing."),
    (Form.UB04, "I009", "8b", "The patient's name (FL 8b) is missing."),
    (Form.UB04, "P007", "56", "The billing provider's NPI (FL 56) is missing."),
)


def check(form: Form, fields: Mapping[str, FieldReading], context: Context) -> list[Finding]:
    """The findings of a claim."""
    del context
    return [
        Finding(rule=rule, severity="reject", fields=[field], message=message, cause="provider")
        for of, rule, field, message in _REQUIRED
        if of is form and field not in fields
    ]
