"""What people say of a field: entered, held against what others said, shown to whom it may be.

A field that more than one person keys is nobody's answer before they agree, and is hidden from the
others until then.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy.orm import Session

from config.settings import Quality
from delivery.compose import said
from delivery.places import spec_of
from ledger import answers, audit, people
from ledger import quality as keyings
from ledger.audit import Act
from ledger.database import now
from ledger.documents import Document
from models.page import Form
from models.reading import DocumentReading
from models.role import RIGHTS, Right, Role
from models.state import State
from review.case import CaseError
from review.desk import Spoken
from review.policy import Policy, policy_of, verdict
from review.unasked import asked
from review.words import asks_a_person, entered

#: what the page may say of a field; `said` is an input's text, whatever it is
_ACTIONS = frozenset({"said", "not_present", "illegible", answers.WITHDRAWN})
#: nothing on either form is longer
LONGEST_TEXT: Final = 2000


def enter(
    db: Session, document: Document, field: str, spoken: tuple[str, str], by: str, quality: Quality
) -> list[Act]:
    """Enter what a page says of a field: an answer, or one of several that are needed.

    Args:
        db: the ledger.
        document: whose field it is.
        field: its id.
        spoken: action (`said`, `not_present`, `illegible`, `withdrawn`) and text.
        by: who says it.
        quality: how many people a field needs.

    Returns:
        What is to be noted of it, last.

    Raises:
        CaseError: this can't be said of it.
    """
    action, text = spoken[0], entered(field, spoken[1])
    check_field(document, field, text)
    if action not in _ACTIONS:
        raise CaseError("This can't be said of a field.")
    return say(db, document, field, (action, text), by, quality)


def say(
    db: Session, document: Document, field: str, spoken: tuple[str, str], by: str, quality: Quality
) -> list[Act]:
    """Enter an answer, or an entry where others have to say it too.

    Returns:
        What is to be noted of it, last.
    """
    policy = policy_of(quality, field)
    if policy is Policy.SINGLE:
        return [_answer(db, document, field, spoken, by)]
    action, text = spoken
    entry = keyings.Entry(dcn=document.dcn, field=field, action=action, text=text, by=by, at=now())
    db.add(entry)
    db.flush()
    answers.forget_drafts(db, document.dcn, [field])
    acts = [Act("keyed", document.dcn, field)]
    read = DocumentReading.model_validate_json(document.reading)
    keyed = keyings.entries(db, document.dcn).get(field, [])
    found = verdict(policy, read.form, field, read.fields.get(field), keyed)
    if found.settled is not None:
        settled = (found.settled.action, found.settled.text)
        acts.append(_answer(db, document, field, settled, by))
    elif field in answers.latest(db, document.dcn):
        acts.append(_answer(db, document, field, (answers.WITHDRAWN, ""), by))
    return acts


def heard(
    db: Session, document: Document, read: DocumentReading, user: str, quality: Quality
) -> Spoken:
    """What people said of a document, and what of it is not shown to this one.

    Args:
        db: the ledger.
        document: on the desk.
        read: as the machine read it.
        user: who looks.
        quality: how many people a field needs.
    """
    spoken = said(db, document.dcn)
    # what nobody confirmed before the claim went on is no part of it
    open_still = document.state == State.REVIEW
    drafts = answers.drafts(db, document.dcn, user) if open_still else {}
    overrides = answers.overrides(db, document.dcn)
    keyed = keyings.entries(db, document.dcn)
    blind, waiting, disputed, own = set(), set(), set(), {}
    names = {n for n, f in read.fields.items() if not f.accepted} | keyed.keys()
    names |= {n for f in read.findings if asks_a_person(f) for n in f.fields}
    for name in names - spoken.keys():
        policy = policy_of(quality, name)
        if policy is Policy.SINGLE:
            continue
        before = [e for e in keyed.get(name, []) if e.action != answers.WITHDRAWN]
        if verdict(policy, read.form, name, read.fields.get(name), before).disputed:
            disputed.add(name)
        mine = [e for e in before if e.by == user]
        referee = policy is Policy.REFEREE and len(before) > 1 and not _steers(db, user)
        if mine or referee:
            waiting.add(name)
            own[name] = mine[-1].text if mine else ""
        elif before or policy is not Policy.AGREE:
            blind.add(name)
    return Spoken(
        answers=spoken,
        drafts=drafts,
        overrides=overrides,
        blind=frozenset(blind),
        waiting=frozenset(waiting),
        disputed=frozenset(disputed),
        own=own,
        suggested=answers.suggested(db, document.dcn),
        letters=asked(db, document.dcn),
    )


def _steers(db: Session, user: str) -> bool:
    """Whether somebody is a lead."""
    found = people.user(db, user)
    return found is not None and Right.STEER in RIGHTS[Role(found.role)]


def _answer(db: Session, document: Document, field: str, spoken: tuple[str, str], by: str) -> Act:
    """Add an answer; what the audit trail is to have of it."""
    action, text = spoken
    read = DocumentReading.model_validate_json(document.reading)
    before = answers.latest(db, document.dcn).get(field)
    shown = read.fields.get(field)
    old = before.text if before else shown.text if shown else ""
    answers.say(
        db,
        answers.FieldAnswer(
            dcn=document.dcn,
            field=field,
            action=_meaning(read, field, action, text),
            text=text,
            by=by,
            at=now(),
        ),
    )
    return Act("edited", document.dcn, f"{field} {action}", audit.changed(old, text))


def check_field(document: Document, field: str, text: str) -> None:
    """Refuse a field that the form doesn't have, or a text that no field could hold."""
    form = Form(document.form)
    known = spec_of(form, field) is not None
    if not known:
        reading = DocumentReading.model_validate_json(document.reading)
        known = field in reading.fields or any(field in f.fields for f in reading.findings)
    if not known or len(text) > LONGEST_TEXT:
        raise CaseError("The form has no such field.")


def _meaning(read: DocumentReading, field: str, action: str, text: str) -> str:
    """`said` is a confirmation where the text is as read, else a correction, or nothing there."""
    if action != "said":
        return action
    if not text:
        return "not_present"
    found = read.fields.get(field)
    if found is None:
        return "corrected"
    spec = spec_of(read.form, field)
    shown = found.value if spec is not None and spec.choices else found.text
    return "confirmed" if text == entered(field, shown or "") else "corrected"
