"""A paper joins its claim: the request is answered, the claim moves on, closed ones reopen.

A join that was wrong is taken back with all that followed from it, and stays in the history.

What a corrected form says otherwise than the claim, and what is written on a reply sheet, is laid
before a person as a draft of the field, never entered by itself. A claim that has become complete
by papers alone goes on without a person; one whose provider sent a reply sheet, or another form,
is looked at.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from delivery.compose import current, said
from delivery.places import spec_of
from ledger import answers, documents, finishing, identities, joins, requests
from ledger.database import now
from ledger.documents import SYSTEM, Document, PurgedError
from ledger.joins import Role
from letters import desk, policy
from letters.draft import Draft
from models.reading import ANSWER, REQUEST, DocumentReading
from models.request import OPEN, RequestState
from models.state import State

#: states that a claim comes back from when something arrives for it
_COME_BACK = (State.WAITING, State.RETURNED, State.REJECTED, State.DELIVERED)
#: states that a claim may have been brought to by looking at a paper
_DECIDED = (State.READY, State.DELIVERED, State.RETURNED, State.REJECTED)


def join(
    session: Session,
    paper: Document,
    dcn: str,
    role: Role,
    *,
    by: str,
    actor: str = SYSTEM,
) -> bool:
    """Join a paper to a claim, with all that follows; False where it is joined already.

    Args:
        session: of the ledger.
        paper: what came, a document of its own.
        dcn: of the claim.
        role: what it is to the claim.
        by: what told: `bar code`, `control_number`, `account`, `member`, `person`.
        actor: who says so.

    Raises:
        UnknownDocumentError: there is no such claim.
        PurgedError: it was purged, or the paper.
    """
    claim = documents.get(session, dcn)
    if State.PURGED in (claim.state, paper.state):
        raise PurgedError("What was purged belongs to nothing new.")
    if joins.join(session, paper.dcn, dcn, role, by=by, actor=actor) is None:
        return False
    _answered(session, claim, paper, actor)
    if role is Role.CORRECTION:
        identities.forget(session, paper.dcn)
        _lay_before(session, claim, paper)
    elif role is Role.REPLY:
        _read_back(session, claim, paper)
    if claim.state != State.VOIDED:
        _move_on(session, claim, paper, actor)
    return True


def unjoin(session: Session, paper: Document, dcn: str, reason: str, *, actor: str) -> None:
    """Take a paper away from a claim that it does not belong to, with all that followed.

    What it suggested for fields is dropped. Where it alone was taken for the provider's answer,
    that is waited for again; a claim that was decided with it comes back to review. A form that
    was taken for a correction is a claim of its own now.

    Args:
        session: of the ledger.
        paper: what came.
        dcn: of the claim that it was joined to.
        reason: why, in a few words.
        actor: user name.

    Raises:
        NotJoinedError: it was not.
    """
    claim = documents.get(session, dcn)
    joins.take_back(session, paper.dcn, dcn, actor=actor)
    answers.forget_drafts_of(session, dcn, paper.dcn)
    why = f"{paper.dcn} taken away: {reason}"
    if claim.state == State.REVIEW and _not_answered(session, claim, paper, actor):
        finishing.settle(session, claim, State.WAITING, actor, why)
    elif claim.state in _DECIDED:
        finishing.settle(session, claim, State.REVIEW, actor, why)
    else:
        documents.remark(session, claim, actor, why)
        finishing.tell(session, claim)
    own = DocumentReading.model_validate_json(paper.reading)
    if own.form.is_claim and paper.state == State.INFORMATION:
        identities.keep(session, paper.dcn, own)
        finishing.settle(session, paper, State.REVIEW, actor, f"it does not correct {dcn}")


def _not_answered(session: Session, claim: Document, paper: Document, actor: str) -> bool:
    """Wait again for the answer to the last request, where only this paper was taken for it."""
    request = requests.last(session, claim.dcn)
    if request is None or request.state != RequestState.ANSWERED:
        return False
    request = requests.get(session, request.id)
    events = requests.log(session, request.id)
    took = {event.reason for event in events if event.event == RequestState.ANSWERED}
    before = [event.event for event in events if event.event in (*OPEN, RequestState.CLOSED)][-1]
    others = {f"by {each.paper}" for each in joins.of_claim(session, claim.dcn)}
    mine = f"by {paper.dcn}"
    if mine not in took or took & others or before not in OPEN:
        if mine in took:
            requests.note(session, request, "unjoined", actor, paper.dcn)
        return False
    asked = RequestState(before)
    requests.reopen(session, request, asked, actor, f"{paper.dcn} is no answer")
    first = requests.letters(session, request.id)[0].dated
    rules = desk.policy_of(session, claim, current(session, claim))
    request.next_on = policy.next_on(rules, asked, first)
    return True


def _answered(session: Session, claim: Document, paper: Document, actor: str) -> None:
    """The last request about a claim has its answer."""
    request = requests.last(session, claim.dcn)
    if request is None:
        return
    request = requests.get(session, request.id)
    if request.state in (*OPEN, RequestState.CLOSED):
        requests.move(session, request, RequestState.ANSWERED, actor, f"by {paper.dcn}")
    elif request.state == RequestState.ANSWERED:
        requests.note(session, request, RequestState.ANSWERED, actor, f"by {paper.dcn}")


def _lay_before(session: Session, claim: Document, paper: Document) -> None:
    """What a corrected form says otherwise becomes a draft of the field, for a person."""
    before = current(session, claim)
    after = DocumentReading.model_validate_json(paper.reading)
    if after.form is not before.form:
        return
    for name, field in after.fields.items():
        old = before.fields.get(name)
        text = field.value if field.source == "mark" else field.text
        same = old is not None and (old.value, old.text) == (field.value, field.text)
        if text and not same and (old is None or old.value is None or old.value != field.value):
            draft = answers.Draft(dcn=claim.dcn, field=name, text=text, by=paper.dcn, at=now())
            answers.keep_draft(session, draft)


def _read_back(session: Session, claim: Document, paper: Document) -> None:
    """What is written on a reply sheet becomes a draft of the field that was asked about.

    The boxes of a sheet are told apart by their order: where there are more or fewer of them than
    questions, nobody knows which is which, and nothing is suggested.
    """
    sheet = DocumentReading.model_validate_json(paper.reading)
    said = {each.label: each.value for each in sheet.entities}
    wanted = [
        request
        for request in requests.of_claim(session, claim.dcn)
        if said.get("control_number") == claim.dcn and said.get(REQUEST) == str(request.number)
    ]
    boxes = [each for each in sheet.entities if each.label == ANSWER]
    items = Draft.model_validate_json(wanted[0].draft).items if wanted else []
    fields = [_only(item.fields) for item in items] if len(boxes) == len(items) else []
    before = current(session, claim)
    for box, field in zip(boxes, fields, strict=False):
        text = _as_typed(before, field, box.text) if field else ""
        old = before.fields.get(field or "")
        if field and text and (old is None or text not in (old.text, old.value)):
            draft = answers.Draft(dcn=claim.dcn, field=field, text=text, by=paper.dcn, at=now())
            answers.keep_draft(session, draft)
    about = dict(enumerate(fields))
    answered = [
        box.model_copy(update={"field": about.get(number)})
        for number, box in enumerate(boxes)
        if box.text
    ]
    entities = [*(each for each in sheet.entities if each.label != ANSWER), *answered]
    paper.reading = sheet.model_copy(update={"entities": entities}).model_dump_json(by_alias=True)


def _only(fields: list[str]) -> str | None:
    """The field that a question is about, where it is one."""
    return fields[0] if len(fields) == 1 else None


def _as_typed(claim: DocumentReading, field: str, text: str) -> str:
    """What a person would type for an answer; of check boxes the name of one, or nothing."""
    spec = spec_of(claim.form, field)
    if spec is None or not spec.choices:
        return text
    return next((one.name for one in spec.choices if one.name == text.strip().lower()), "")


def _in_hand(session: Session, claim: Document) -> bool:
    """Whether a person works on a claim."""
    opened = claim.leased_until is not None and claim.leased_until > now()
    return opened or bool(said(session, claim.dcn))


def _drop_draft(session: Session, claim: Document, actor: str) -> None:
    """A claim that is complete needs no letter."""
    request = requests.last(session, claim.dcn)
    if request is not None and request.state == RequestState.DRAFT:
        requests.move(session, request, RequestState.WITHDRAWN, actor, "complete")


def _move_on(session: Session, claim: Document, paper: Document, actor: str) -> None:
    """The claim's state after something joined it."""
    why = f"{paper.dcn} joined"
    reading = current(session, claim)
    identities.keep(session, claim.dcn, reading)
    looked_at = any(
        each.role in (Role.REPLY, Role.CORRECTION) for each in joins.of_paper(session, paper.dcn)
    )
    complete = reading.status == "ready" and not looked_at
    if claim.state in _COME_BACK:
        if complete:
            documents.move(session, claim, State.REVIEW, actor, why)
            finishing.ready(session, claim, actor, "complete")
        else:
            finishing.settle(session, claim, State.REVIEW, actor, why)
    elif claim.state == State.REVIEW and complete and not _in_hand(session, claim):
        _drop_draft(session, claim, actor)
        finishing.ready(session, claim, actor, "complete")
    elif claim.state == State.READY:
        # it may have been composed without the paper
        finishing.tell(session, claim)
