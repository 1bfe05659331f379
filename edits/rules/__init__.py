"""The rules, by topic. Importing this registers them all."""

from __future__ import annotations

from edits.registry import RULES
from edits.rules import identity, lines, providers, totals

__all__ = ["RULES", "identity", "lines", "providers", "totals"]
