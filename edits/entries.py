"""What every rule says, as data."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Literal, TypeAlias, cast

from models.page import Form

Severity: TypeAlias = Literal["reject", "pend", "warn"]


@dataclass(frozen=True, slots=True)
class Wording:
    """What a rule says in one of its variants.

    Attributes:
        severity: unless the profile says otherwise.
        message: to the provider; names in braces are filled in.
        codes: `csc` (category:status[:entity]), `carc`, `rarc`: numbers only.
    """

    severity: Severity
    message: str
    codes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule as data.

    Attributes:
        id: stable.
        forms: that it is about.
        fields: items or form locators, for people.
        basis: `V`, seen in a source; `K`, general knowledge.
        wordings: by variant; the usual one has no name.
    """

    id: str
    forms: tuple[Form, ...]
    fields: str
    basis: str
    wordings: Mapping[str, Wording]


_CODES = ("csc", "carc", "rarc")


@functools.cache
def entries() -> Mapping[str, Entry]:
    """Every rule, by id, as `data/rules.csv` has them.

    A row with a variant inherits what it leaves empty from the rule's first row.
    """
    file = resources.files("edits") / "data" / "rules.csv"
    found: dict[str, Entry] = {}
    with file.open(encoding="utf-8") as handle:
        for row in csv.DictReader(handle):
            known = found.get(row["id"])
            usual = known.wordings[""] if known else None
            codes = {code: row[code] for code in _CODES if row[code]}
            if usual:
                codes = {**usual.codes, **codes}
            wording = Wording(
                severity=cast("Severity", row["severity"] or (usual.severity if usual else "")),
                message=row["message"] or (usual.message if usual else ""),
                codes=MappingProxyType({k: v for k, v in codes.items() if v != "-"}),
            )
            if known:
                cast("dict[str, Wording]", known.wordings)[row["variant"]] = wording
            else:
                forms = tuple(Form(form) for form in row["forms"].split())
                found[row["id"]] = Entry(
                    row["id"], forms, row["fields"], row["basis"], {"": wording}
                )
    return MappingProxyType(found)
