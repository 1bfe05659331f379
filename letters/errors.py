"""Why a letter can't be drafted or sent."""

from __future__ import annotations

from models.errors import PaperclaimError
from models.request import RequestError


class NothingToAskError(RequestError):
    """The claim has no problem that is the provider's."""

    code = "letters.nothing"
    remedy = "Nothing to do: finish the claim, or reject it."


class DoubtError(RequestError):
    """Something on the claim may have been misread: the provider is not asked about that."""

    code = "letters.doubt"
    remedy = "Settle what is in doubt first; the rules run again then."


class WaitingError(RequestError):
    """The provider was asked already, and has not answered."""

    code = "letters.waiting"
    remedy = "Wait for the answer, or withdraw the request."


class HeadError(RequestError):
    """The payer's name and address are not set."""

    code = "letters.head"
    remedy = "Set letters.payer and letters.address."


class RecipientError(RequestError):
    """The letter has no full address."""

    code = "letters.recipient"
    remedy = "Add the provider's name and address to the draft."


class DraftError(RequestError):
    """The draft is not as a draft may be."""

    code = "letters.draft"
    remedy = "Shorten the texts, and leave at least one question."


class StaleError(RequestError):
    """The claim has changed since the draft was made."""

    code = "letters.stale"
    remedy = "Withdraw the draft, and draft it again."


class PostError(PaperclaimError):
    """A letter can't leave."""

    code = "letters.post"
    remedy = "Check the letters' folder, or the mail server; posting is tried again."


class UnsureError(PaperclaimError):
    """An e-mail may have left, and nobody knows."""

    code = "letters.unsure"
    remedy = "Ask the mail server's log; `paperclaim letters resend` sends it again."
