"""Which claim a paper belongs to: by control number, by account and provider, by member and days.

In that order, as a mailroom does it; never by a name. A name can only speak against: what is found
by anything but a control number is no match where the names differ. Where several claims fit, it
is the only one of them that waits for its provider; else nothing is a match, and a person looks.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from ledger.documents import Document
from ledger.identities import Identity, plain, words
from models import dcn as control_numbers
from models.clues import Clues
from models.page import Form
from models.state import State

#: how alike two words of names are that a misreading may have made of one
_ALIKE: Final = 0.75
#: claims that are looked at; who has more under one account and provider needs a person
_MOST: Final = 100
#: forms that have no fields to match by, but a number
_CLAIMS: Final = (Form.CMS1500, Form.UB04, Form.CMS1500_0805, Form.UB92)


@dataclass(frozen=True, slots=True)
class Match:
    """The claim that a paper belongs to.

    Attributes:
        dcn: of the claim.
        by: what found it.
        agrees: what else the paper says of patient and member does not speak against it; may be
            False only where a control number found it.
    """

    dcn: str
    by: Literal["control_number", "account", "member"]
    agrees: bool = True


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A claim that fits so far."""

    identity: Identity
    state: State


def match(session: Session, clues: Clues, *, besides: Iterable[str] = ()) -> Match | None:
    """The claim that a paper belongs to; None where it tells none, or more than one.

    Args:
        session: of the ledger.
        clues: what the paper says.
        besides: control numbers that are no answer, such as the paper's own.
    """
    besides = set(besides)
    session.flush()
    by_number = _numbered(session, clues, besides)
    if by_number is not None:
        return by_number
    for by, conditions in (("account", _by_account(clues)), ("member", _by_member(clues))):
        if not conditions:
            continue
        found = [
            each
            for each in _candidates(session, conditions, besides)
            if agrees(each.identity, clues)
        ]
        # a day or a member that the paper has too parts the claims of one account
        for closer in (_same_days, _same_member):
            near = [each for each in found if closer(each.identity, clues)]
            found = near or found
        one = _only(found)
        if one is not None:
            return Match(one.identity.dcn, "account" if by == "account" else "member")
        if found:
            return None
    return None


def _numbered(session: Session, clues: Clues, besides: set[str]) -> Match | None:
    """By a number of ours: its check character has told that it was not misread."""
    found = {dcn for dcn in map(_ours, clues.control_numbers) if dcn} - besides
    query = select(Document.dcn).where(Document.dcn.in_(found), Document.form.in_(_CLAIMS))
    known = list(session.scalars(query)) if found else []
    if len(known) != 1:
        return None
    identity = session.get(Identity, known[0])
    return Match(known[0], "control_number", identity is None or agrees(identity, clues))


def _ours(text: str) -> str | None:
    try:
        return control_numbers.parse(text)
    except control_numbers.DcnError:
        return None


def _by_account(clues: Clues) -> list[ColumnElement[bool]]:
    account, providers = plain(clues.account), _providers(clues)
    if not account or not providers:
        return []
    known = Identity.npi.in_(providers) | Identity.tax_id.in_(providers)
    return [Identity.account == account, known]


def _by_member(clues: Clues) -> list[ColumnElement[bool]]:
    """The member, and a claim whose days hold all of the paper's."""
    member, first = plain(clues.member), clues.first_day
    if not member or first is None:
        return []
    last = clues.last_day or first
    return [
        Identity.member == member,
        Identity.first_day <= min(first, last),
        Identity.last_day >= max(first, last),
    ]


def _providers(clues: Clues) -> list[str]:
    return [each for each in map(plain, clues.providers) if each]


def _candidates(
    session: Session, conditions: Sequence[ColumnElement[bool]], besides: set[str]
) -> list[_Candidate]:
    query = (
        select(Identity, Document.state)
        .join(Document, Document.dcn == Identity.dcn)
        .where(*conditions, Document.state != State.VOIDED)
        .order_by(Identity.dcn.desc())
        .limit(_MOST)
    )
    found = [_Candidate(row[0], State(row[1])) for row in session.execute(query)]
    return [each for each in found if each.identity.dcn not in besides]


def agrees(identity: Identity, clues: Clues) -> bool:
    """Whether nothing that the paper says of patient and provider speaks against the claim."""
    providers = _providers(clues)
    theirs = {identity.npi, identity.tax_id} - {""}
    if providers and theirs and theirs.isdisjoint(providers) and not clues.control_numbers:
        return False
    return _names_agree(identity.name, words(clues.name))


def _names_agree(one: str, other: str) -> bool:
    """Whether two names may be one person's: two words of one are in the other, misread or not."""
    mine, theirs = one.split(), other.split()
    if not mine or not theirs:
        return True
    shared = sum(bool(difflib.get_close_matches(word, theirs, 1, _ALIKE)) for word in mine)
    return shared >= min(2, len(mine), len(theirs))


def _same_days(identity: Identity, clues: Clues) -> bool:
    first: dt.date | None = clues.first_day
    if first is None or identity.first_day is None or identity.last_day is None:
        return False
    return identity.first_day <= first <= identity.last_day


def _same_member(identity: Identity, clues: Clues) -> bool:
    return bool(identity.member) and identity.member == plain(clues.member)


def _only(found: Sequence[_Candidate]) -> _Candidate | None:
    """The one claim that is left, or the one of several that waits for its provider."""
    if len(found) == 1:
        return found[0]
    waiting = [each for each in found if each.state is State.WAITING]
    return waiting[0] if len(waiting) == 1 else None


def clues_of(identity: Identity) -> Clues:
    """What a claim form says, as clues to an earlier claim that it may be sent for again."""
    return Clues(
        account=identity.account,
        providers=tuple(each for each in (identity.npi, identity.tax_id) if each),
        member=identity.member,
        first_day=identity.first_day,
        last_day=identity.last_day,
        name=identity.name,
    )


def without_numbers(clues: Clues) -> Clues:
    """The same clues, but for control numbers."""
    return dataclasses.replace(clues, control_numbers=())
