"""A finished claim as downstream gets it: schema `paperclaim/claim/1`, one JSON a revision.

Keys are only ever added under the same schema number; a change of meaning makes a new number.
Two runs over the same record give the same bytes: nothing here looks at the clock.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Final, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from models.claim import TypedClaim
from models.page import Form
from models.reading import (
    DocumentReading,
    Entity,
    FieldReading,
    Finding,
    KindGuess,
    PageFacts,
)
from models.record import Record

SCHEMA: Final = "paperclaim/claim/1"

#: `ready` is final; `review` and `waiting` say that a further revision will follow
Status: TypeAlias = Literal[
    "ready", "review", "waiting", "information", "returned", "rejected", "voided"
]
Action: TypeAlias = Literal["confirmed", "corrected", "not_present", "illegible"]


class Confirmation(Record):
    """A person looked at a field.

    Attributes:
        by: user name.
        at: when.
        action: `confirmed` as read; `corrected`; `not_present`, nothing is printed there;
            `illegible`, something is printed that nobody can read.
        paper: control number of the provider's paper that says so (a reply sheet, a corrected
            claim): the text is printed there, and not in this claim's box.
    """

    by: str
    at: AwareDatetime
    action: Action
    paper: str | None = None


class DeliveredField(FieldReading):
    """A field as read, and who looked at it, where a person did."""

    confirmation: Confirmation | None = None


class ClaimSource(Record):
    """The scan that the claim was on.

    Attributes:
        sha256: of the file as it arrived.
        pages: of this claim, 1-based in the scan, in order.
        tags: of the batch: the inbox folders it lay in.
    """

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    pages: list[int]
    tags: list[str] = Field(default_factory=list)


class Attachment(Record):
    """Something that came with the claim, or after it.

    Attributes:
        kind: what it is; `other` where nothing is sure enough.
        kinds: what it may be, with calibrated probabilities, likeliest first.
        pages: of the claim's scan; of what came later, of the scan of `dcn`.
        dcn: of what came later: the control number that it has of its own.
        role: of what came later: `attachment`, `reply`, or `correction`, a corrected form.
    """

    form: Form
    kind: str | None
    kinds: list[KindGuess] = Field(default_factory=list)
    pages: list[int]
    dcn: str | None = None
    role: str | None = None
    entities: list[Entity] = Field(default_factory=list)


class HistoryEntry(Record):
    """One change of state: when, to what, and by whom (`system` or a user name)."""

    at: AwareDatetime
    state: str
    actor: str
    reason: str | None = None


class ClaimDocument(Record):
    """One revision of one claim.

    Attributes:
        dcn: document control number, the same in every revision.
        revision: from 1; the highest one counts.
        received: the day the paper arrived, entered once.
        status: `ready`, to be adjudicated; `review`, a person will look and another revision will
            follow; `waiting` for the provider; `information`, no claim; `returned` to the
            provider; `rejected`; `voided`.
        fields: by field id; only what is printed.
        not_present: fields the reader saw something in, and a person saw nothing printed.
        claim: the same as a typed claim.
        findings: rules that fired, capture doubt and provider error told apart.
        entities: what the free text of the form says: drugs, notes, promised attachments.
        pages: size and lie of each page, so that a box can be shown.
    """

    schema_: Literal["paperclaim/claim/1"] = Field(default=SCHEMA, alias="schema")
    dcn: str
    revision: int = Field(ge=1)
    received: dt.date
    source: ClaimSource
    form: Form
    status: Status
    fields: dict[str, DeliveredField]
    not_present: dict[str, Confirmation] = Field(default_factory=dict)
    claim: TypedClaim | None
    findings: list[Finding]
    attachments: list[Attachment] = Field(default_factory=list)
    entities: list[Entity] = Field(default_factory=list)
    pages: list[PageFacts] = Field(default_factory=list)
    history: list[HistoryEntry] = Field(default_factory=list)


class Origin(Record):
    """What the ledger knows of a claim beside its reading: see `ClaimDocument`."""

    dcn: str
    revision: int = Field(ge=1)
    received: dt.date
    sha256: str
    tags: list[str] = Field(default_factory=list)
    status: Status = "ready"


def build(
    reading: DocumentReading,
    origin: Origin,
    *,
    confirmations: Mapping[str, Confirmation] | None = None,
    attachments: Sequence[Attachment] = (),
    history: Sequence[HistoryEntry] = (),
) -> ClaimDocument:
    """The delivered form of a claim that was read, and checked by people where they had to.

    Args:
        reading: as it stands after the last change.
        origin: the ledger's side.
        confirmations: by field id: who looked at what.
        attachments: what came with the claim.
        history: its states so far, oldest first.
    """
    seen = confirmations or {}
    fields = {
        name: DeliveredField.model_validate({**dict(field), "confirmation": seen.get(name)})
        for name, field in reading.fields.items()
    }
    return ClaimDocument(
        dcn=origin.dcn,
        revision=origin.revision,
        received=origin.received,
        source=ClaimSource(sha256=origin.sha256, pages=reading.pages, tags=origin.tags),
        form=reading.form,
        status=origin.status,
        fields=fields,
        not_present={
            name: said
            for name, said in seen.items()
            if said.action == "not_present" and name not in fields
        },
        claim=reading.claim,
        findings=reading.findings,
        attachments=list(attachments),
        entities=reading.entities,
        pages=reading.page_facts,
        history=list(history),
    )


def to_json(document: ClaimDocument) -> bytes:
    """The document as UTF-8 JSON, keys as in the schema, ended by a line feed."""
    return document.model_dump_json(by_alias=True, indent=1).encode() + b"\n"
