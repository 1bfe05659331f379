"""Made-up claims on the CMS-1500 (08/05), as programs print them that nobody has renewed."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

from samples import people, professional
from samples.wording import Wording, money

#: items of the 02/12 that the 08/05 has not, or has for something else
_GONE = ("8", "10d", "11b", "11b.qualifier", "14.qualifier", "17.qualifier", "21.indicator")
_EMPLOYERS = ("CITY OF LAKEVIEW", "HARBOR FREIGHT LINES", "PINE STREET SCHOOL", "RETIRED")
_LETTERS, _FIGURES = "ABCD", "1234"
_OFFICES = 0.3


def claim(rng: random.Random, wording: Wording, today: dt.date) -> dict[str, str]:
    """What is printed on one form, by field id: diagnoses 1 to 4, a status, a balance."""
    page = professional.claim(rng, wording, today)
    first = page.pop("15.date", None)
    page = {k: t for k, t in page.items() if k not in _GONE and not k.startswith("15.")}
    page = {k: t for k, t in page.items() if not (k.startswith("21.") and k[3:] not in _LETTERS)}
    if first is not None:
        page["15.first_date"] = first
    page["8.marital_status"] = rng.choice(("single", "married", "other"))
    if rng.random() < _OFFICES:
        page["8.employment"] = rng.choice(("employed", "full_time_student", "part_time_student"))
        page["11b.employer"] = wording.text(rng.choice(_EMPLOYERS))
    if "9" in page:
        page["9b.birth_date"] = wording.date(people.person(rng, (1950, 1990)).born)
        page["9b.sex"] = rng.choice("MF")
        page["9c"] = wording.text(rng.choice(_EMPLOYERS))
    for field in [k for k in page if k.endswith(".pointer")]:
        kept = [_FIGURES[_LETTERS.index(c)] for c in page[field] if c in _LETTERS]
        page[field] = "".join(kept) or "1"
    page["30"] = money(Decimal(page["28"]) - Decimal(page.get("29", "0")))
    return page
