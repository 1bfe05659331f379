"""What tells one claim from another: kept beside each claim, so that papers find their claim."""

from __future__ import annotations

import datetime as dt
import re

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from edits.duplicates import fingerprint_of
from ledger import joins
from ledger.base import Base
from ledger.documents import Document
from models.claim import days_of
from models.page import Form
from models.plain import plain as whole
from models.reading import DocumentReading

#: characters that a column holds; longer ones are no identifiers
_LONGEST = 64


class Identity(Base):
    """What a claim says about which one it is; empty where it doesn't say.

    Identifiers are upper case letters and figures only (`plain`).

    Attributes:
        dcn: of the claim.
        account: the provider's own number for the patient.
        npi: of the billing provider.
        tax_id: of the billing provider.
        member: the insured's ID.
        first_day: of service, or of the statement.
        last_day: of service, or of the statement.
        name: of the patient, words in the order of the alphabet.
        fingerprint: of its services (`edits.duplicates`); empty for one that corrects another.
    """

    __tablename__ = "identities"

    dcn: Mapped[str] = mapped_column(ForeignKey("documents.dcn"), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), index=True)
    npi: Mapped[str] = mapped_column(String(64))
    tax_id: Mapped[str] = mapped_column(String(64))
    member: Mapped[str] = mapped_column(String(64), index=True)
    first_day: Mapped[dt.date | None]
    last_day: Mapped[dt.date | None]
    name: Mapped[str] = mapped_column(String(128))
    fingerprint: Mapped[str] = mapped_column(String(64), index=True)


def plain(text: str | None) -> str:
    """An identifier as it is compared: upper case, letters and figures only."""
    return whole(text)[:_LONGEST]


def words(name: str | None) -> str:
    """A name as it is compared: its words in the order of the alphabet, initials left out."""
    found = re.findall(r"[A-Z0-9]{2,}", (name or "").upper())
    return " ".join(sorted(found))[: 2 * _LONGEST]


def identity(dcn: str, reading: DocumentReading) -> Identity:
    """What a claim says about which one it is.

    Args:
        dcn: its control number.
        reading: as it stands, with people's answers in it.
    """
    claim = reading.claim
    fingerprint = fingerprint_of(reading.form, reading.fields) or ""
    if claim is None:
        return Identity(
            dcn=dcn, account="", npi="", tax_id="", member="", name="", fingerprint=fingerprint
        )
    members = [plain(payer.insured.id) for payer in claim.payers]
    days = days_of(claim)
    name = claim.patient.name.text if claim.patient.name else None
    return Identity(
        dcn=dcn,
        account=plain(claim.patient_control_number),
        npi=plain(claim.billing_provider.npi),
        tax_id=plain(claim.tax_id),
        member=next(filter(None, members), ""),
        first_day=days[0] if days else None,
        last_day=days[-1] if days else None,
        name=words(name),
        fingerprint=fingerprint,
    )


def keep(db: Session, dcn: str, reading: DocumentReading) -> None:
    """Note who a claim is, in place of what was noted before; of anything else nothing.

    A form that corrects a claim is none of its own: papers look for the claim.
    """
    corrects = any(each.role == joins.Role.CORRECTION for each in joins.of_paper(db, dcn))
    if reading.form.is_claim and reading.claim and not corrects:
        db.merge(identity(dcn, reading))


def forget(db: Session, dcn: str) -> None:
    """Forget who a form is that turned out to correct a claim."""
    db.execute(delete(Identity).where(Identity.dcn == dcn))


def catch_up(db: Session, limit: int = 500) -> int:
    """Note claims of a time when nothing was noted; how many.

    What was noted of corrections, once, is forgotten.
    """
    db.execute(delete(Identity).where(Identity.dcn.in_(joins.corrections())))
    query = (
        select(Document)
        .outerjoin(Identity, Identity.dcn == Document.dcn)
        .where(
            Identity.dcn.is_(None),
            Document.form.in_((Form.CMS1500, Form.UB04)),
            Document.dcn.not_in(joins.corrections()),
        )
    )
    found = list(db.scalars(query.limit(limit)))
    for document in found:
        reading = DocumentReading.model_validate_json(document.reading)
        if reading.claim:
            keep(db, document.dcn, reading)
        else:
            db.merge(identity(document.dcn, reading))
    return len(found)
