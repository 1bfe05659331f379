"""The kinds, read from `data/kinds.toml`, and the kind of every field."""

from __future__ import annotations

import csv
import functools
import re
import tomllib
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from extractors.kinds import values
from extractors.kinds.grammar import Grammar
from forms.layout import layout
from models.page import Form


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """What may stand in a field.

    Attributes:
        name: in `kinds.toml`.
        group: the contract's kind; confidence is calibrated by it.
        grammar: its shapes.
        illegal: log-odds against print that has none of the shapes.
        form: which normal form (`extractors.kinds.values`).
        free_spaces: blanks mean nothing and may stand anywhere.
        context: what neighbours say of a look-alike: ``""``, ``id`` or ``word``.
        checks: evidence beyond the shape (`extractors.kinds.checks`).
        anything: its shapes allow any print.
    """

    name: str
    group: str
    grammar: Grammar = field(repr=False)
    illegal: float
    form: str
    free_spaces: bool
    context: str
    checks: tuple[str, ...]
    anything: bool

    @property
    def words(self) -> bool:
        """Whether words stand there, in capitals or not; all other kinds are capitals."""
        return self.form == "words"

    def shape_weight(self, text: str) -> float | None:
        """Weight of the shape of `text`; None: it has none that the kind allows."""
        if not self.words:
            text = text.upper()
        return self.grammar.match(text.replace(" ", "") if self.free_spaces else text)

    def legal(self, text: str) -> bool:
        """Whether `text` has a shape that the kind allows. An error on paper may have none."""
        return self.shape_weight(text) is not None

    def value(self, text: str) -> str | None:
        """`text` in the kind's normal form; None where it has none.

        A code or name of the wrong shape still has one (capitals, no blanks), so that a finding
        can show it; a date, amount, count, phone or ZIP hasn't.
        """
        if self.form in {"compact", "words"} or self.legal(text):
            return values.NORMAL[self.form](text)
        return None


def _data(name: str) -> str:
    return (resources.files("extractors.kinds") / "data" / name).read_text(encoding="utf-8")


@functools.cache
def _rows() -> dict[str, dict[str, Any]]:
    """Every kind's table, with what it takes over from the one that it is like."""
    rows: dict[str, dict[str, Any]] = {}
    for name, row in tomllib.loads(_data("kinds.toml")).items():
        rows[name] = {**rows[row["like"]], **row} if "like" in row else row
    return rows


@functools.cache
def kind_named(name: str) -> Kind:
    """The kind of that name in `kinds.toml`.

    Raises:
        KeyError: there is none.
    """
    row = _rows()[name]
    return Kind(
        name=name,
        group=row["group"],
        grammar=Grammar([(shape, float(weight)) for shape, weight in row["shapes"]]),
        illegal=float(row["illegal"]),
        form=row["value"],
        free_spaces=row.get("spaces", "free") == "free",
        context=row.get("context", ""),
        checks=tuple(row.get("checks", ())),
        anything=any(shape == ".+" for shape, _ in row["shapes"]),
    )


def names() -> tuple[str, ...]:
    """All kinds, in the order of `kinds.toml`."""
    return tuple(_rows())


@functools.cache
def _by_field() -> tuple[tuple[Form, re.Pattern[str], str], ...]:
    rows = csv.DictReader(_data("fields.csv").splitlines())
    return tuple((Form(r["form"]), re.compile(r["field"]), r["kind"]) for r in rows)


#: what an ICD indicator of 9 makes of a kind
_ICD9 = {"icd10cm": "icd9cm", "icd10cm_poa": "icd9cm", "icd10pcs": "icd9pcs"}


@functools.cache
def kind_for(form: Form, field_id: str, icd: str = "0") -> Kind:
    """The kind of a field: the finer one that its id tells, else the layout's.

    Args:
        form: which form.
        field_id: of the contract.
        icd: what the ICD indicator says, ``0`` or ``9``.

    Raises:
        KeyError: the form has no such field and `fields.csv` names none.
    """
    for on, pattern, name in _by_field():
        if on == form.family and pattern.fullmatch(field_id):
            return kind_named(name)
    name = layout(form).fields[field_id].kind
    return kind_named(_ICD9.get(name, name) if icd == "9" else name)
