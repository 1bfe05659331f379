"""A code or an identifier as it is compared, however it was printed or typed."""

from __future__ import annotations

import re


def plain(text: str | None) -> str:
    """Upper case, letters and figures only (an ICD code without its point); empty for none."""
    return re.sub(r"[^0-9A-Z]", "", (text or "").upper())
