"""What becomes of a request by itself: sent on the profile's word, reminded, urged, closed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from config.settings import Letters
from delivery.compose import current
from ledger import documents, finishing, requests, steps
from ledger.documents import SYSTEM, Document
from ledger.requests import Request, Stage
from letters import desk, policy
from letters.draft import doubted
from letters.errors import NothingToAskError
from models.reading import DocumentReading
from models.request import OPEN, RequestState
from models.state import State

#: how far a request has come, for the steps that follow it up
_PLACE = {state: number for number, state in enumerate(RequestState)}
#: what closing does to a claim
_CLOSED = {
    "returned": State.RETURNED,
    "rejected": State.REJECTED,
    "review": State.REVIEW,
}


def offer(session: Session, document: Document, reading: DocumentReading) -> Request | None:
    """Draft the request about a claim that nothing is in doubt about; None where none is needed.

    Again and again: a draft that nobody edited follows what is known of the claim. Where the
    profile sends by itself it goes out at once, or when nobody has the claim open any more.

    Args:
        session: of the ledger.
        document: a claim.
        reading: as it stands.
    """
    if document.state != State.REVIEW or not reading.form.is_claim or doubted(reading):
        return None
    try:
        made = requests.get(session, desk.draft(session, document.dcn).id)
    except NothingToAskError:
        return None
    if desk.policy_of(session, document, reading).send == "auto":
        made.next_on = dt.datetime.now().astimezone().date()
        if document.leased_until is None:
            follow_step(session, made)
    return made


def follow_step(session: Session, request: Request) -> steps.Step:
    """The step that follows a request up from where it stands, entered once."""
    document = documents.get(session, request.dcn)
    step = steps.Step(
        kind=steps.Kind.FOLLOW,
        scan_id=document.scan_id,
        number=_PLACE[RequestState(request.state)] + len(_PLACE) * _reopened(session, request),
        dcn=request.dcn,
        revision=request.id,
    )
    return steps.need(session, step)


def _reopened(session: Session, request: Request) -> int:
    """How often a request came back to a state that it had been in: each time counts anew."""
    return sum(event.event == "reopened" for event in requests.log(session, request.id))


def due(session: Session, today: dt.date) -> int:
    """Enter a step for every request whose next letter, or closing, is due; how many there are.

    The database knows what is due: whatever the queue forgets is found again.
    """
    found = requests.due(session, today)
    for request in found:
        follow_step(session, request)
    return len(found)


def follow(session: Session, request_id: int, house: Letters, today: dt.date) -> None:
    """Do what is due for a request, once: the next letter, or closing.

    Args:
        session: of the ledger.
        request_id: of the request.
        house: the settings of letters.
        today: the day that counts.

    Raises:
        HeadError: the payer's name or address is not set.
        RecipientError: the letter has no address.
    """
    request = requests.get(session, request_id)
    document = documents.get(session, request.dcn)
    state = RequestState(request.state)
    if state is RequestState.DRAFT:
        _send(session, document, house, today)
    elif state in OPEN and request.next_on is not None and request.next_on <= today:
        _go_on(session, request, document, house, today)


def _send(session: Session, document: Document, house: Letters, today: dt.date) -> None:
    """Send a draft, where the profile still wants that and the claim still needs it."""
    reading = current(session, document)
    wanted = desk.policy_of(session, document, reading).send == "auto"
    if wanted and document.state == State.REVIEW and not doubted(reading):
        desk.send(session, document.dcn, house, SYSTEM, today)


def _go_on(
    session: Session, request: Request, document: Document, house: Letters, today: dt.date
) -> None:
    """The next letter of a request, or its end."""
    rules = desk.policy_of(session, document, current(session, document))
    found = policy.following(rules, RequestState(request.state))
    if found is None or document.state != State.WAITING:
        request.next_on = None
        return
    stage, _ = found
    if stage is not None:
        desk.issue(session, request, Stage(stage), house, SYSTEM, today)
        return
    requests.move(session, request, RequestState.CLOSED, SYSTEM, "no answer")
    finishing.settle(session, document, _CLOSED[rules.close], SYSTEM, "no answer")
