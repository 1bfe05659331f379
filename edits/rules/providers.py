"""Who gave, ordered and bills the services."""

from __future__ import annotations

from codes import npi
from edits.registry import Case, Hit, each
from models.page import Form


def _npis(case: Case) -> list[str]:
    if case.paper.form is Form.CMS1500:
        lines = [f"24.{n}.rendering_npi" for n in range(1, 7)]
        return ["17b", *lines, "32a", "33a"]
    return ["56", "76.npi", "77.npi", "78.npi", "79.npi"]


@each("P005", _npis)
def npi_check(case: Case, name: str) -> Hit | None:
    """An NPI of ten figures has a wrong check digit."""
    value = case.paper.value(name) or ""
    return Hit((name,)) if npi.shaped(value) and not npi.checks(value) else None
