"""A claim form found on a page, and the print of the page as all ways of finding one want it."""

from __future__ import annotations

from dataclasses import dataclass

from models.page import Form, Registration


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A claim form found on a page.

    Attributes:
        form: which.
        turns: quarter turns clockwise that put the page upright.
        confidence: probability that it is this form, this way up.
        registration: how it lies on the page.
    """

    form: Form
    turns: int
    confidence: float
    registration: Registration
