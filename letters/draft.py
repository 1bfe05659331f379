"""What a letter asks for: every problem that is the provider's, in the words of the rules."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Final, Literal, Self, TypeAlias

from pydantic import Field, model_validator

from edits.where import places
from models.claim import Address, Provider
from models.page import Form
from models.reading import DocumentReading, Finding
from models.record import Record

#: messages that start with this are for our own people
OURS: Final = "(Ours)"
#: the rule that says that a request was closed: no question
CLOSED: Final = "C013"
#: of an e-mail address, as much as is safe to ask of its shape
EMAIL: Final = r"[^@\s<>,;]+@[^@\s<>,;]+"
_LONGEST: Final = 2000
#: figures of a ZIP code with its four further ones
_ZIP4: Final = 9


class Item(Record):
    """One thing that is asked for.

    Attributes:
        rule: that fired; empty for what a person added.
        where: places on the form, in words.
        fields: ids of those places; none of what a person added.
        text: what is wrong and what to send; empty where a person leaves it out of the letter.
        codes: claim status, CARC and RARC.
    """

    rule: str = ""
    where: str = Field(default="", max_length=300)
    fields: list[str] = Field(default_factory=list)
    text: str = Field(max_length=_LONGEST)
    codes: dict[str, str] = Field(default_factory=dict)


class Recipient(Record):
    """Who is asked: name and address lines; an e-mail address where notices may go."""

    name: str = Field(default="", max_length=120)
    lines: list[str] = Field(default_factory=list, max_length=6)
    email: str = Field(default="", max_length=254, pattern=f"^({EMAIL})?$")


class Draft(Record):
    """What a letter says, beside what tells the claim.

    Attributes:
        items: what has to be answered. Until it is sent those that are left out keep their place:
            whoever types tells questions apart by it.
        notes: what the provider may want to know for the next claim; no answer is needed.
        remark: a processor's own words.
        recipient: the billing provider as the claim has it.
        channel: `print`, or `mail`: a notice by e-mail, the letter in the portal.
        basis: what the claim gave it when it was made, as a digest; editing doesn't change it.
    """

    items: list[Item] = Field(min_length=1)
    notes: list[Item] = Field(default_factory=list)
    remark: str = Field(default="", max_length=_LONGEST)
    recipient: Recipient
    channel: Literal["print", "mail"] = "print"
    basis: str = ""

    @model_validator(mode="after")
    def _asks(self) -> Self:
        if not any(item.text for item in self.items):
            raise ValueError("nothing is asked")
        return self

    def final(self) -> Draft:
        """As it is sent: without what was left out."""
        return self.model_copy(update={"items": [item for item in self.items if item.text]})


def asked(findings: Iterable[Finding]) -> list[Finding]:
    """The findings that a provider is told of: theirs, and never a doubt of our reading."""
    return [
        f
        for f in findings
        if f.cause == "provider" and f.rule != CLOSED and not f.message.startswith(OURS)
    ]


def doubted(reading: DocumentReading) -> bool:
    """Whether a person has something to settle before it is known what is the provider's."""
    unsettled = any(not field.accepted for field in reading.fields.values())
    return unsettled or any(
        f.cause == "capture" and f.severity != "warn" and not f.message.startswith(OURS)
        for f in reading.findings
    )


def items(reading: DocumentReading) -> tuple[list[Item], list[Item]]:
    """What is asked for and what is only noted, in the order of the form.

    The same words about several places are one item.
    """

    def at(finding: Finding) -> tuple[_Place, str]:
        return _place((finding.fields or ["~"])[0]), finding.rule

    wanted: dict[tuple[bool, str], list[Finding]] = {}
    for finding in sorted(asked(reading.findings), key=at):
        wanted.setdefault((finding.severity == "warn", finding.message), []).append(finding)
    made: tuple[list[Item], list[Item]] = ([], [])
    for (warned, _), same in wanted.items():
        made[warned].append(_item(reading.form, same))
    return made


def _item(form: Form, same: list[Finding]) -> Item:
    fields = dict.fromkeys(field for finding in same for field in finding.fields)
    where = places(form, fields) if fields else ""
    first = same[0]
    return Item(
        rule=first.rule,
        where=where[:1].upper() + where[1:],
        fields=list(fields),
        text=first.message,
        codes=first.codes,
    )


#: page, then the parts of a field's id: figures by their value, before letters
_Place: TypeAlias = tuple[int, list[tuple[bool, int, str]]]


def _place(field: str) -> _Place:
    """Where a field stands among those of its form."""
    base, _, page = field.partition("#")
    parts = re.findall(r"\d+|[^\d.]+", base)
    known = [(not part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts]
    return int(page or "1"), known


def recipient(reading: DocumentReading) -> Recipient:
    """The billing provider, as the claim has it: nothing is completed."""
    provider = reading.claim.billing_provider if reading.claim else Provider()
    address = provider.address or Address()
    code = address.zip or ""
    code = f"{code[:5]}-{code[5:]}" if len(code) == _ZIP4 else code
    city = " ".join(filter(None, (address.city, address.state, code)))
    lines = [address.street, city or None, address.text]
    kept = [line.strip() for part in lines if part for line in part.splitlines() if line.strip()]
    name = " ".join((provider.name or "").splitlines())
    return Recipient(name=name[:120].strip(), lines=kept[:6])


def basis(wanted: Sequence[Item], notes: Sequence[Item], to: Recipient) -> str:
    """A digest of what a claim gives its draft: what is asked and told, and whom.

    An edited draft does not follow its claim; by this it is known that the claim went on.
    """
    told = [[item.model_dump() for item in items] for items in (wanted, notes)]
    made = json.dumps([*told, to.model_dump()], sort_keys=True)
    return hashlib.sha256(made.encode()).hexdigest()
