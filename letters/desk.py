"""Asking a provider, as the review desk, the command line and the schedule do it.

Each function works in the caller's transaction; what follows from it is in the same one.

    draft -> edit -> preview_pdf -> send          the claim waits for its provider
    withdraw                                      it isn't asked, or need not answer
    judge                                         what came is no answer
    log, letter_pdf                               what was sent, as it was sent
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import ValidationError
from sqlalchemy.orm import Session

from config.settings import Letters
from delivery.compose import current
from edits.profile import LetterPolicy
from ledger import documents, finishing, knowledge, requests, scans, steps
from ledger.documents import SYSTEM, Document
from ledger.requests import Letter, Request, Stage
from letters import policy as policies
from letters.draft import EMAIL, Draft, Item, Recipient, basis, doubted, items, recipient
from letters.errors import (
    DoubtError,
    DraftError,
    HeadError,
    NothingToAskError,
    RecipientError,
    StaleError,
    WaitingError,
)
from letters.paper import Content, Head, pdf
from letters.reference import reference
from models.reading import DocumentReading
from models.request import OPEN, RequestError, RequestState
from models.state import State

#: what stands in a preview where the payer has no name yet
_NO_HEAD = Head("(letters.payer is not set)", ("(letters.address is not set)",))
_STATES = {
    Stage.LETTER: RequestState.SENT,
    Stage.REMINDER: RequestState.REMINDED,
    Stage.SECOND: RequestState.URGED,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as people see it.

    Attributes:
        id: of the request.
        number: among those of its claim, from 1.
        state: see `models.request`.
        draft: what it says.
        due: until when an answer is asked for; None before it is sent.
        next_on: when the next letter, or closing, is due.
        letters: keys of its letters, the first one first.
    """

    id: int
    number: int
    state: RequestState
    draft: Draft
    due: dt.date | None
    next_on: dt.date | None
    letters: list[str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a request's log.

    Attributes:
        at: when.
        request: number of the request.
        event: `drafted`, `edited`, `sent`, `reminded`, `urged`, `posted`, `answered`, ...
        actor: `system` or a user name.
        reason: why, or where a letter went; None where there is nothing to say.
    """

    at: dt.datetime
    request: int
    event: str
    actor: str
    reason: str | None


def draft(session: Session, dcn: str, actor: str = SYSTEM) -> Asked:
    """Draft the request about a claim: every problem that is the provider's, in the rules' words.

    A draft that is there already is given back; where nobody edited it, as it would be made now.

    Raises:
        UnknownDocumentError: there is no such claim.
        DoubtError: something may have been misread; that is settled first.
        NothingToAskError: no rule lays anything at the provider.
        WaitingError: the provider was asked already.
        RequestError: the claim is not in review.
    """
    document = documents.get(session, dcn)
    last = requests.last(session, dcn)
    waits = last if last is not None and last.state == RequestState.DRAFT else None
    if waits is not None and _edited(session, waits):
        return asked(session, waits)
    if last is not None and last.state in OPEN:
        raise WaitingError("The provider was asked already.")
    if document.state != State.REVIEW:
        raise RequestError("Only a claim in review can be asked about.")
    reading = current(session, document)
    if doubted(reading):
        raise DoubtError("Something on this claim is still in doubt.")
    wanted, notes = items(reading)
    if not wanted:
        if waits is not None:
            requests.move(session, waits, RequestState.WITHDRAWN, actor, "nothing left to ask")
        raise NothingToAskError("No rule lays anything at the provider.")
    to = _recipient(session, reading)
    made = Draft(
        items=wanted,
        notes=notes,
        recipient=to,
        basis=basis(wanted, notes, to),
        channel=policy_of(session, document, reading).channel,
    )
    if waits is None:
        waits = requests.add(session, dcn, made.model_dump_json(), actor)
    else:
        waits.draft = made.model_dump_json()
    return asked(session, waits)


def waiting(session: Session, dcn: str, actor: str) -> Asked:
    """The draft that waits: where nobody edited it, as it would be made now.

    Raises:
        RequestError: there is no draft, or it was sent; or as `draft`.
    """
    _draft_of(session, dcn)
    return draft(session, dcn, actor)


def edit(session: Session, dcn: str, changed: Draft, actor: str) -> Asked:
    """Put another draft in place of the one that waits; its log says who did.

    One that says the same changes nothing: the draft still follows its claim.

    Raises:
        RequestError: there is no draft, or it was sent.
    """
    request = _draft_of(session, dcn)
    before = Draft.model_validate_json(request.draft)
    changed = changed.model_copy(update={"basis": before.basis})
    if changed == before:
        return asked(session, request)
    request.draft = changed.model_dump_json()
    request.changed = dt.datetime.now(dt.UTC)
    requests.note(session, request, "edited", actor)
    return asked(session, request)


def edit_texts(session: Session, dcn: str, texts: Sequence[str], remark: str, actor: str) -> Asked:
    """Change the words of a draft's questions; an empty one is left out, a new one is added.

    One that is left out keeps its place until the letter is sent: the same texts again, from a
    page that was not loaded anew, mean the same questions.

    Args:
        session: of the ledger.
        dcn: of the claim.
        texts: one a question, in the draft's order; further ones are new questions.
        remark: in a processor's own words.
        actor: user name.

    Raises:
        DraftError: nothing is left to ask, or a text is too long.
        RequestError: there is no draft, or it was sent.
    """
    before = Draft.model_validate_json(_draft_of(session, dcn).draft)
    try:
        written = [text if text.strip() else "" for text in texts]
        written += [""] * (len(before.items) - len(written))
        wanted = [
            Item.model_validate(item.model_dump() | {"text": text})
            for item, text in zip(before.items, written, strict=False)
        ]
        wanted += [Item(text=text) for text in written[len(before.items) :]]
        while wanted and not wanted[-1].text and not wanted[-1].rule:
            wanted.pop()  # a question of a person's own that is taken back
        changed = Draft(
            items=wanted,
            notes=before.notes,
            remark=remark,
            recipient=before.recipient,
            channel=before.channel,
        )
    except ValidationError as error:
        raise DraftError(f"The draft has {error.error_count()} mistakes.") from None
    return edit(session, dcn, changed, actor)


def address(session: Session, dcn: str, to: Recipient, actor: str) -> Asked:
    """Change whom a draft goes to.

    Raises:
        RequestError: there is no draft, or it was sent.
    """
    before = Draft.model_validate_json(_draft_of(session, dcn).draft)
    return edit(session, dcn, before.model_copy(update={"recipient": to}), actor)


def preview_pdf(session: Session, dcn: str, house: Letters, today: dt.date | None = None) -> bytes:
    """The letter that would be sent now, marked as a draft on every page.

    Args:
        session: of the ledger.
        dcn: of the claim.
        house: the settings of letters; the payer's name may still be missing.
        today: the day on the letter; None for this one.

    Raises:
        RequestError: there is no draft.
    """
    request = _draft_of(session, dcn)
    made = _content(session, request, Stage.LETTER, house, today or _today())
    return pdf(_previewed(made))


def send(
    session: Session, dcn: str, house: Letters, actor: str, today: dt.date | None = None
) -> Letter:
    """Send the draft: the letter is kept as it is, posted by a worker, and the claim waits.

    Args:
        session: of the ledger.
        dcn: of the claim.
        house: the settings of letters.
        actor: who gives the word; `system` where the profile does.
        today: the day on the letter; None for this one.

    Raises:
        RequestError: there is no draft, or it was sent.
        HeadError: the payer's name or address is not set.
        RecipientError: the letter has no address.
        DoubtError: the claim is in doubt again.
        StaleError: it was edited, and the claim has since got another address or other findings.
        TransitionError: the claim is not in review any more.
    """
    draft(session, dcn, actor)
    request = _draft_of(session, dcn)
    document = documents.get(session, dcn)
    check(session, dcn)
    request.draft = Draft.model_validate_json(request.draft).final().model_dump_json()
    letter = issue(session, request, Stage.LETTER, house, actor, today or _today())
    finishing.settle(session, document, State.WAITING, actor, f"request {request.number}")
    return letter


def check(session: Session, dcn: str) -> None:
    """Refuse a draft that can't be sent as it stands: edited once, it doesn't follow its claim.

    Raises:
        RequestError: there is no draft, or it was sent.
        DoubtError: the claim is in doubt again.
        StaleError: the claim has since got another address or other findings.
    """
    made = Draft.model_validate_json(_draft_of(session, dcn).draft)
    reading = current(session, documents.get(session, dcn))
    if doubted(reading):
        raise DoubtError("Something on this claim is still in doubt.")
    if made.basis != basis(*items(reading), _recipient(session, reading)):
        raise StaleError("The claim has got another address or other findings since.")


def issue(
    session: Session,
    request: Request,
    stage: Stage,
    house: Letters,
    actor: str,
    today: dt.date,
) -> Letter:
    """Make a letter of a request and have it posted, once: the same again gives the first.

    Raises:
        RequestError: the request is not at this stage.
        HeadError: the payer's name or address is not set.
        RecipientError: the letter has no address.
    """
    key = f"{request.dcn}-{request.number}-{stage}"
    found = requests.letter(session, key)
    if found is not None:
        return found
    if not house.payer or not house.address:
        raise HeadError("The payer's name and address are not set.")
    content = _content(session, request, stage, house, today)
    to = content.draft.recipient
    if not to.name or not to.lines:
        raise RecipientError("The letter has no full address.")
    made = pdf(content)
    by_mail = content.draft.channel == "mail" and bool(to.email)
    letter = Letter(
        request_id=request.id,
        key=key,
        stage=stage,
        channel="mail" if by_mail else "print",
        address=to.email if by_mail else "",
        dated=today,
        due=content.due,
        digest=hashlib.sha256(made).hexdigest(),
        content=made,
    )
    session.add(letter)
    session.flush()
    document = documents.get(session, request.dcn)
    policy = policy_of(session, document, current(session, document))
    requests.move(session, request, _STATES[stage], actor)
    request.due = content.due
    request.next_on = policies.next_on(policy, _STATES[stage], content.first)
    steps.need(
        session,
        steps.Step(
            kind=steps.Kind.POST,
            scan_id=document.scan_id,
            dcn=request.dcn,
            revision=letter.id,
        ),
    )
    return letter


def withdraw(session: Session, dcn: str, actor: str, reason: str) -> Asked:
    """Take a request back: a draft is dropped; a provider who was asked need not answer.

    A claim that waited is in review again.

    Raises:
        RequestError: there is none to take back.
    """
    request = requests.last(session, dcn)
    if request is None:
        raise RequestError("Nothing was asked about this claim.")
    requests.move(session, request, RequestState.WITHDRAWN, actor, reason)
    document = documents.get(session, dcn)
    if document.state == State.WAITING:
        finishing.settle(session, document, State.REVIEW, actor, reason)
    return asked(session, request)


def judge(session: Session, dcn: str, answer: Literal["wrong", "unreadable"], actor: str) -> None:
    """Say that what came as an answer is none: the next request says so too (rule C014).

    Raises:
        RequestError: no answer has come.
    """
    request = requests.last(session, dcn)
    if request is None or request.state != RequestState.ANSWERED:
        raise RequestError("No answer has come.")
    requests.note(session, request, answer, actor)


def log(session: Session, dcn: str) -> list[Entry]:
    """Everything that happened to the requests about a claim, oldest first."""
    return [
        Entry(one.at, request.number, one.event, one.actor, one.reason)
        for request in requests.of_claim(session, dcn)
        for one in requests.log(session, request.id)
    ]


def letter_pdf(session: Session, key: str) -> bytes:
    """A letter as it was sent.

    Raises:
        RequestError: there is none of that key.
    """
    found = requests.letter(session, key)
    if found is None:
        raise RequestError("There is no such letter.")
    return found.content


def asked(session: Session, request: Request) -> Asked:
    """A request as people see it."""
    return Asked(
        id=request.id,
        number=request.number,
        state=RequestState(request.state),
        draft=Draft.model_validate_json(request.draft),
        due=request.due,
        next_on=request.next_on,
        letters=[letter.key for letter in requests.letters(session, request.id)],
    )


def policy_of(session: Session, document: Document, reading: DocumentReading) -> LetterPolicy:
    """How the payer of a claim asks providers."""
    tags = scans.tags(session, document.scan_id)
    return knowledge.profile(session, reading.form, reading.fields, tags).letters


def _recipient(session: Session, reading: DocumentReading) -> Recipient:
    """Who is asked: as the claim has it, with the e-mail address that the roster knows."""
    found = recipient(reading)
    loaded = knowledge.known(session)
    providers = loaded.rosters.providers() if loaded else None
    npi = reading.claim.billing_provider.npi if reading.claim else None
    known = providers.find(npi) if providers and npi else None
    email = known.email if known else ""
    return found.model_copy(update={"email": email if re.fullmatch(EMAIL, email) else ""})


def _edited(session: Session, request: Request) -> bool:
    """Whether a person has changed a draft."""
    return any(event.event == "edited" for event in requests.log(session, request.id))


def _draft_of(session: Session, dcn: str) -> Request:
    request = requests.last(session, dcn)
    if request is None or request.state != RequestState.DRAFT:
        raise RequestError("There is no draft for this claim.")
    return requests.get(session, request.id)


def _content(
    session: Session, request: Request, stage: Stage, house: Letters, today: dt.date
) -> Content:
    """What a letter of a request says."""
    document = documents.get(session, request.dcn)
    reading = current(session, document)
    policy = policy_of(session, document, reading)
    first = next((one.dated for one in requests.letters(session, request.id)), today)
    due = policies.due(policy, first, stage, today)
    return Content(
        head=Head(house.payer, house.address, house.phone, house.fax) if house.payer else _NO_HEAD,
        draft=Draft.model_validate_json(request.draft).final(),
        reference=reference(document.dcn, document.received, reading),
        number=request.number,
        stage=stage,
        dated=today,
        due=due,
        first=first,
        closing=policies.closing(policy, due),
    )


def _previewed(content: Content) -> Content:
    return dataclasses.replace(content, preview=True)


def _today() -> dt.date:
    return dt.datetime.now().astimezone().date()
