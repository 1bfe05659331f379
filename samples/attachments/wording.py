"""How one paper words a case: its print of names, days, codes and amounts, its captions."""

from __future__ import annotations

import datetime as dt
import functools
import random
import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any, Literal, TypeAlias

from samples.attachments.facts import Facts, organisation
from samples.attachments.sheet import value
from samples.codes import dotted
from samples.people import Person

Split: TypeAlias = Literal["train", "calibration", "test"]
AMOUNTS = ("billed", "allowed", "paid", "patient_responsibility")
#: prefix of wordings that only one side gets
_ONLY = {"-": ("train", "calibration"), "+": ("test",)}
_DAYS = ("%m/%d/%Y", "%m/%d/%Y", "%m/%d/%y", "%m-%d-%Y", "%B %d, %Y", "%b %d, %Y", "%Y-%m-%d")


@functools.cache
def texts() -> Mapping[str, Any]:
    """What kinds of papers say."""
    path = resources.files("samples") / "data" / "attachments.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


def of(split: Split, wordings: Sequence[str]) -> list[str]:
    """The wordings that a split may use, without their marks."""
    return [w.lstrip("+-") for w in wordings if split in _ONLY.get(w[:1], (split,))]


class Voice:
    """One paper's habits; what it says of a case, as text with the values marked."""

    def __init__(self, kind: str, facts: Facts, rng: random.Random, split: Split) -> None:
        self.kind, self.facts, self.split = kind, facts, split
        self._rng = rng
        self._day = rng.choice(_DAYS)
        self._names = rng.choice(
            ("last, first", "last, first", "first last", "LAST, FIRST", "FIRST LAST")
        )
        self._capitals = rng.random() < 0.4
        self._dollar = rng.random() < 0.4
        self._point = rng.random() < 0.8
        self._asked: dict[str, int] = {}

    def caption(self, label: str) -> str:
        """What stands before a value."""
        own = texts()["captions_of"].get(self.kind, {}).get(label)
        words = self._rng.choice(of(self.split, own or texts()["captions"][label]))
        return words.upper() if self._capitals else words

    def noise(self) -> tuple[str, str]:
        """A caption and a value that nobody asks for."""
        words = self._rng.choice(of(self.split, texts()["noise"]["captions"]))
        rng = self._rng
        match words:
            case "Sex":
                said = self.facts.patient.sex
            case "Phone" | "Fax":
                area, digits = self.facts.phone
                said = f"({area}) {digits[:3]}-{digits[3:]}"
            case "Printed" | "Report date":
                said = self.day(max(self.facts.days) + dt.timedelta(days=rng.randrange(40)))
            case "Page":
                said = f"1 of {rng.randint(1, 4)}"
            case "Employer" | "Copy to" | "Location" | "Ward" | "Interpreter" | "Policy type":
                said = rng.choice(("NORTH WING", "FILE", "SELF", "NONE", "MAIN OFFICE", "GROUP"))
            case _:
                said = f"{rng.randrange(10, 10 ** rng.randint(2, 8))}"
        return (words.upper() if self._capitals else words), said

    def day(self, day: dt.date) -> str:
        """A day as this paper prints it."""
        text = day.strftime(self._day)
        return text.upper() if self._capitals and self._day[1] in "Bb" else text

    def money(self, amount: Decimal) -> str:
        """An amount."""
        return f"{'$' if self._dollar else ''}{amount:,.2f}"

    def code(self, code: str) -> str:
        """A diagnosis."""
        return dotted(code) if self._point else code

    def name(self, who: Person) -> str:
        """A name."""
        if self._names.lower() == "last, first":
            text = f"{who.last}, {who.first}" + (f" {who.middle}" if who.middle else "")
        else:
            text = f"{who.first} " + (f"{who.middle}. " if who.middle else "") + who.last
        return text if self._names.isupper() else text.title()

    def said(self, label: str) -> str:
        """A value of a case, marked; a label that is asked for again gives the next one."""
        count = self._asked[label] = self._asked.get(label, -1) + 1
        return value(label, self._text(label, count))

    def _text(self, label: str, count: int) -> str:
        facts = self.facts
        number, start, end = facts.authorization
        said: dict[str, Callable[[], str]] = {
            "patient": lambda: self.name(facts.patient),
            "provider": lambda: self._provider(count),
            "birth_date": lambda: self.day(facts.patient.born),
            "date_of_service": lambda: self.day(facts.days[min(count, 1) * (len(facts.days) - 1)]),
            "diagnosis": lambda: self.code(facts.diagnoses[count % len(facts.diagnoses)]),
            "procedure": lambda: facts.lines[count % len(facts.lines)].procedure,
            "authorization": lambda: number,
            "authorization_from": lambda: self.day(start),
            "authorization_to": lambda: self.day(end),
            "payer": lambda: facts.payer if self._names.isupper() else facts.payer.title(),
            "account_number": lambda: facts.account,
            "tax_id": lambda: f"{facts.tax_id[:2]}-{facts.tax_id[2:]}",
        }
        if label in AMOUNTS:
            return self.money(total(facts, label))
        return said[label]() if label in said else str(getattr(facts, label))

    def _provider(self, count: int) -> str:
        facts = self.facts
        if self.kind == "itemized_bill":
            return organisation(facts, "facility")
        if count and self.kind == "referral":
            return organisation(facts, "provider")
        who = self.name(facts.doctor)
        return self._rng.choice((who, f"{who}, {facts.degree}", f"{who} {facts.degree}"))


def total(facts: Facts, label: str) -> Decimal:
    """The sum of an amount over the lines of a case."""
    name = "share" if label == "patient_responsibility" else label
    return sum((getattr(line, name) for line in facts.lines), Decimal(0))
