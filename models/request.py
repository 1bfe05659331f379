"""The states of a request to a provider: one table of transitions."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from models.errors import LedgerError


class RequestState(enum.StrEnum):
    """Where a request stands.

    Attributes:
        DRAFT: waits for a processor's word.
        SENT: the first letter went out.
        REMINDED: and a reminder after it.
        URGED: and the second letter.
        ANSWERED: something came back.
        CLOSED: nobody answered, and the rule for that was applied.
        WITHDRAWN: it isn't needed any more.
    """

    DRAFT = "draft"
    SENT = "sent"
    REMINDED = "reminded"
    URGED = "urged"
    ANSWERED = "answered"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_R = RequestState
_AFTER_SENDING = frozenset({_R.ANSWERED, _R.CLOSED, _R.WITHDRAWN})
#: from -> to; a reply after closing answers too, and one that was none of it is waited for again
TRANSITIONS: Mapping[RequestState, frozenset[RequestState]] = MappingProxyType(
    {
        _R.DRAFT: frozenset({_R.SENT, _R.WITHDRAWN}),
        _R.SENT: _AFTER_SENDING | {_R.REMINDED, _R.URGED},
        _R.REMINDED: _AFTER_SENDING | {_R.URGED},
        _R.URGED: _AFTER_SENDING,
        _R.ANSWERED: frozenset({_R.SENT, _R.REMINDED, _R.URGED}),
        _R.CLOSED: frozenset({_R.ANSWERED}),
        _R.WITHDRAWN: frozenset(),
    }
)
#: a reply is awaited
OPEN = frozenset({_R.SENT, _R.REMINDED, _R.URGED})


class RequestError(LedgerError):
    """This can't be done with a request as it stands."""

    code = "letters.request"
    remedy = "Open the claim again: somebody else may have sent or withdrawn the letter."


def check(before: RequestState, after: RequestState) -> None:
    """Let a change of state pass.

    Raises:
        RequestError: there is no such transition.
    """
    if after not in TRANSITIONS[before]:
        raise RequestError(f"A request can't go from {before} to {after}.")
