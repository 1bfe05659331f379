"""What can be wrong with a code list that a client brings."""

from __future__ import annotations

from models.errors import PaperclaimError


class TableError(PaperclaimError):
    """A code list can't be loaded."""

    code = "codes.table"
    remedy = "Give a CSV file with the columns code, valid_from, valid_to, text; see docs/codes.md."
    exit_code = 2
