"""The rules, by topic. Importing this registers them all."""

from __future__ import annotations

from edits.registry import RULES
from edits.rules import (
    accident,
    addresses,
    bills,
    claims,
    diagnoses,
    documents,
    identity,
    lines,
    members,
    papers,
    providers,
    revenue,
    stays,
    totals,
)

__all__ = [
    "RULES",
    "accident",
    "addresses",
    "bills",
    "claims",
    "diagnoses",
    "documents",
    "identity",
    "lines",
    "members",
    "papers",
    "providers",
    "revenue",
    "stays",
    "totals",
]
