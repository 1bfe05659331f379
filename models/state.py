"""The states of a document: one table of transitions, and who may make them."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from models.errors import LedgerError


class State(enum.StrEnum):
    """Where a document stands."""

    RECEIVED = "received"
    READING = "reading"
    REVIEW = "review"
    WAITING = "waiting"
    READY = "ready"
    DELIVERED = "delivered"
    RETURNED = "returned"
    REJECTED = "rejected"
    VOIDED = "voided"
    INFORMATION = "information"
    PURGED = "purged"


class Actor(enum.StrEnum):
    """Who makes a change: the machine, or a person."""

    SYSTEM = "system"
    PERSON = "person"


_S, _P = frozenset({Actor.SYSTEM}), frozenset({Actor.PERSON})
_BOTH = _S | _P

#: from -> to -> who may
TRANSITIONS: Mapping[State, Mapping[State, frozenset[Actor]]] = MappingProxyType(
    {
        State.RECEIVED: {State.READING: _S, State.REVIEW: _S, State.VOIDED: _P},
        State.READING: {
            State.REVIEW: _S,
            State.READY: _S,
            State.INFORMATION: _S,
            State.VOIDED: _P,
        },
        State.REVIEW: {
            State.READY: _BOTH,
            State.WAITING: _BOTH,
            State.RETURNED: _P,
            State.REJECTED: _P,
            State.VOIDED: _P,
            State.INFORMATION: _P,
        },
        State.WAITING: {
            State.REVIEW: _BOTH,
            State.RETURNED: _BOTH,
            State.REJECTED: _BOTH,
            State.VOIDED: _P,
        },
        State.READY: {State.DELIVERED: _S, State.REVIEW: _P, State.VOIDED: _P},
        State.DELIVERED: {State.REVIEW: _BOTH, State.VOIDED: _P, State.PURGED: _P},
        State.RETURNED: {State.REVIEW: _BOTH, State.VOIDED: _P, State.PURGED: _P},
        State.REJECTED: {State.REVIEW: _BOTH, State.VOIDED: _P, State.PURGED: _P},
        State.INFORMATION: {State.REVIEW: _P, State.VOIDED: _P, State.PURGED: _P},
        State.VOIDED: {State.PURGED: _P},
        State.PURGED: {},
    }
)
#: a document in one of these waits for nobody
RESTING = frozenset(
    {
        *(State.DELIVERED, State.RETURNED, State.REJECTED, State.VOIDED, State.INFORMATION),
        State.PURGED,
    }
)
#: nobody looks for a document in one of these, and nothing joins it
GONE = (State.VOIDED, State.PURGED)


class TransitionError(LedgerError):
    """A document can't go from one state to another, or not by this hand."""

    code = "ledger.transition"
    remedy = "Reload the document: somebody else may have changed it."


def check(before: State, after: State, actor: Actor) -> None:
    """Let a change of state pass.

    Raises:
        TransitionError: there is no such transition, or this actor may not make it.
    """
    if actor not in TRANSITIONS[before].get(after, ()):
        raise TransitionError(f"A document can't go from {before} to {after} by the {actor}.")
