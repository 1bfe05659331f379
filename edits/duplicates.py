"""When two claims are the same: member, provider, and every service with its charge.

A claim that says that it replaces or voids another (item 22 or the frequency of FL4 is 7 or 8)
has no fingerprint of a first claim; neither has one without a member, a provider or a service.
A second form of a long claim has other services, so another fingerprint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from edits import about
from edits.certainty import Emptiness
from edits.context import Context
from edits.paper import Paper
from edits.registry import Case
from models.page import Form
from models.reading import FieldReading

CORRECTIONS: Final = frozenset("78")


def corrects(case: Case) -> bool:
    """Whether the claim replaces or voids one that came before."""
    if about.is_1500(case):
        return case.paper.value("22.code") in CORRECTIONS
    kind = about.bill(case)
    return kind is not None and kind.frequency in CORRECTIONS


def fingerprint(case: Case) -> str | None:
    """A digest of what makes the claim this one; None where too much of it is missing.

    SHA-256 over the member's ID, birth date, the billing NPI and the services in any order:
    day, code, modifiers, units and charge of each; of a UB-04 the statement period and revenue
    codes too. It tells nothing about the claim to who doesn't have it.
    """
    paper = case.paper
    member = paper.value(about.member_field(case))
    provider = paper.value(about.billing_npi_field(case))
    services = sorted(_services(case))
    if not member or not provider or not services:
        return None
    period = [] if about.is_1500(case) else [paper.value("6.from"), paper.value("6.thru")]
    born = paper.value(about.birth_field(case))
    known = [paper.form.value, member, born, provider, period, services]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def fingerprint_of(form: Form, fields: Mapping[str, FieldReading]) -> str | None:
    """The fingerprint of a first claim; None of one that corrects another, or says too little."""
    case = Case(Paper(form, fields, Emptiness()), Context())
    return None if corrects(case) else fingerprint(case)


def _services(case: Case) -> list[list[str]]:
    columns = ("from", "units", "charges") if about.is_1500(case) else ("42", "45", "46", "47")
    found = []
    for line in case.paper.lines():
        code, modifiers = line.procedure()
        parts = [line.value(column) or "" for column in columns]
        found.append([*parts, code or "", *sorted(modifiers)])
    return found
