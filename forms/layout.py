"""Layouts: the fields and ruling lines of a form, read from `forms/data/`.

`FORM.fields.csv` has one line a field: id, label and kind as in the reading contract, its box
in inches from the top left corner of the paper, for a choice the centre of each box, and the
number of characters that fit.
`FORM.rules.csv` has one line a ruling line, horizontal or vertical; `FORM.preprinted.csv` one a
rectangle in which the form itself prints something else: captions and dashes (`mark`), check
boxes (`box`), black header blocks (`block`), pale letters (`ghost`).

The 08/05 has the ids of the 02/12 where an item means the same: its diagnoses 1 to 4 are `21.A` to
`21.D`. What only it has got an id of its own: `8.marital_status`, `8.employment`, `9b.*`, `9c`,
`10d.local`, `11b.employer`, `15.first_date`, `30`.
"""

from __future__ import annotations

import csv
import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType

from models.page import BoxIn, Form

#: the paper, inches: width and height
PAPER = (8.5, 11.0)
#: kinds that hold words, which may part and end anywhere
WORDY = frozenset({"text", "name", "signature"})


@dataclass(frozen=True, slots=True)
class Choice:
    """One check box: its name in the contract, and its centre in inches."""

    name: str
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form.

    Attributes:
        id: as in the contract, such as `24.1.charges`.
        label: for people.
        kind: what may stand in it (`extractors.kinds`).
        box: inches; for a choice, around all its boxes.
        choices: the check boxes of a choice, else empty.
        length: characters that fit its print positions, 0 where that isn't known.
    """

    id: str
    label: str
    kind: str
    box: BoxIn
    choices: tuple[Choice, ...] = ()
    length: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A ruling line, in inches; horizontal when y0 == y1."""

    x0: float
    y0: float
    x1: float
    y1: float
    style: str

    @property
    def horizontal(self) -> bool:
        """Whether it runs across the page."""
        return self.y0 == self.y1


@dataclass(frozen=True, slots=True)
class Preprinted:
    """Where the form itself prints something that is no ruling line, in inches."""

    box: BoxIn
    what: str


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """A form: its fields in reading order, by id, its ruling lines, its other print.

    `ghosts` are letters so pale that print over them is read as if they weren't there.
    """

    form: Form
    fields: Mapping[str, FieldSpec]
    rules: tuple[Rule, ...]
    preprinted: tuple[Preprinted, ...]
    ghosts: tuple[BoxIn, ...] = ()


#: inches: half the side of a printed check box
HALF_BOX = 0.07
_CHOICE = re.compile(r"(\S+)@([\d.]+),([\d.]+)")


def _lines(name: str) -> Iterator[dict[str, str]]:
    with (resources.files("forms") / "data" / name).open(encoding="utf-8") as handle:
        yield from csv.DictReader(handle)


def _field(row: dict[str, str]) -> FieldSpec:
    choices = tuple(
        Choice(name, float(x), float(y)) for name, x, y in _CHOICE.findall(row["choices"])
    )
    if choices:
        xs, ys = [c.x for c in choices], [c.y for c in choices]
        box = (min(xs) - HALF_BOX, min(ys) - HALF_BOX, max(xs) + HALF_BOX, max(ys) + HALF_BOX)
    else:
        box = (float(row["x0"]), float(row["y0"]), float(row["x1"]), float(row["y1"]))
    return FieldSpec(row["id"], row["label"], row["kind"], box, choices, int(row["length"] or 0))


@functools.cache
def rules(form: Form) -> tuple[Rule, ...]:
    """The ruling lines of a form, also of one whose fields we have no layout of.

    Raises:
        FileNotFoundError: we don't have its ruling lines.
    """
    return tuple(
        Rule(float(r["x0"]), float(r["y0"]), float(r["x1"]), float(r["y1"]), r["style"])
        for r in _lines(f"{form}.rules.csv")
    )


@functools.cache
def layout(form: Form) -> Layout:
    """The layout of a claim form.

    Raises:
        KeyError: `form` is not one that we have a layout of.
    """
    if form not in (Form.CMS1500, Form.CMS1500_0805, Form.UB04):
        raise KeyError(form)
    fields = {row["id"]: _field(row) for row in _lines(f"{form}.fields.csv")}
    preprinted = tuple(
        Preprinted((float(r["x0"]), float(r["y0"]), float(r["x1"]), float(r["y1"])), r["what"])
        for r in _lines(f"{form}.preprinted.csv")
    )
    inked = tuple(mark for mark in preprinted if mark.what != "ghost")
    ghosts = tuple(mark.box for mark in preprinted if mark.what == "ghost")
    return Layout(form, MappingProxyType(fields), rules(form), inked, ghosts)
