"""Which claim a paper belongs to: by control number, by account and provider, by member and days.

In that order, as a mailroom does it; never by a name. A name can only speak against: what is found
by anything but a control number is no match where the names differ. Where several claims fit, it
is the only one of them that waits for its provider; else nothing is a match, and a person looks.

Where these keys find nothing, one of them may have been misread or not found on the paper: then the
others have to agree, the days with them, and the patient's name has to speak for it, too.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import difflib
import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from extractors.kinds.lookalikes import lookalikes
from ledger.documents import Document
from ledger.identities import Identity, plain, words
from models import dcn as control_numbers
from models.clues import Clues
from models.page import Form
from models.state import GONE, State

#: how alike two words of names are that a misreading may have made of one
_ALIKE: Final = 0.75
#: characters of an identifier that is the same but for one by no chance
_LONG: Final = 5
#: letters of a name that may have lost one
_LONG_NAME: Final = 6
#: letters of names that are taken for each other, large or small
_LETTERS: Final = "EF CG CE OQ OD IL IT IJ LT UV VY VW MN PR HN HB KX NU FT RN RK"
#: words that tell a father from his son; a numeral of one letter is no word of a name here
_BORN_LATER: Final = frozenset({"JR", "SR", "II", "III", "IV"})
#: characters of an account number that no two providers have on one day
_OWN: Final = 9
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
            if agrees(each.identity, clues) and (by == "account" or _one_of(each.identity, clues))
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
    return _nearly(session, clues, besides)


def _one_of(identity: Identity, clues: Clues) -> bool:
    """Whether it is the patient, of all who share a card: by the account, or by name.

    A family has one card, and its members may have come on one day, some of them with names that
    are nearly the same.
    """
    account = plain(clues.account)
    if account and identity.account:
        if account == identity.account:
            return True
        if _provider(identity, clues) and not _misread(account, identity.account):
            return False  # the same provider calls somebody else so
    return not identity.name or _same_name(identity.name, words(clues.name))


def _nearly(session: Session, clues: Clues, besides: set[str]) -> Match | None:
    """By two keys that agree, where a third was misread in one character or not found."""
    account, member, days = plain(clues.account), plain(clues.member), _by_a_day(clues)
    exact = [and_(Identity.account == account, Identity.member == member)]
    wanted = [exact] if account and member else []
    if days:
        nearly = [Identity.account.in_(_variants(account))] if account else []
        nearly += [Identity.member.in_(_variants(member))] if member else []
        wanted += [[and_(or_(*nearly), or_(*days))]] if nearly else []
        # an identifier that lost a character is found by all else
        wanted += [[_by_provider(clues), or_(*days)]] if _providers(clues) else []
    for conditions in wanted:
        near = _candidates(session, conditions, besides)
        if len(near) >= _MOST:
            continue  # the one that is looked for may not be among these
        found: list[tuple[_Candidate, Literal["account", "member"]]] = [
            (each, by) for each in near if (by := _near_key(each.identity, clues)) is not None
        ]
        if found:
            return Match(found[0][0].identity.dcn, found[0][1]) if len(found) == 1 else None
    return None


def _near_key(identity: Identity, clues: Clues) -> Literal["account", "member"] | None:
    """The key by which a claim is nearly found; None where it isn't."""
    account, name = plain(clues.account), words(clues.name)
    if account and account == identity.account:
        same = _names_agree(identity.name, name) and _same_account(identity, clues)
        return "account" if same else None
    if not _same_name(identity.name, name) or not _same_days(identity, clues):
        return None
    if account and identity.account and _provider(identity, clues):
        # another account, unless it was misread; that the member is the same is not enough
        near = _misread(account, identity.account) and _last_day(identity, clues)
        return "account" if near else None
    return "member" if _nearly_member(identity, clues) else None


def _nearly_member(identity: Identity, clues: Clues) -> bool:
    """Whether the member is the claim's, of whom the first day and the name are."""
    member = plain(clues.member)
    if member == identity.member:
        return bool(member)  # the last of the days is another's, such as that of printing
    if not _last_day(identity, clues):
        return False
    return _twin(member, identity.member) or (
        _provider(identity, clues) and _misread(member, identity.member)
    )


def _same_account(identity: Identity, clues: Clues) -> bool:
    """Whether an account is the claim's, though the provider or the days were not found so."""
    named = bool(identity.name) and bool(words(clues.name))
    if named and _same_member(identity, clues):
        return clues.first_day is None or any(_a_day(identity, day) for day in _days(clues))
    if not _same_days(identity, clues) or not _last_day(identity, clues):
        return False
    providers, theirs = _providers(clues), {identity.npi, identity.tax_id} - {""}
    if providers and theirs and theirs.isdisjoint(providers):
        # an NPI's check digit says that it was not misread; a tax number has none
        return named and any(_twin(one, identity.tax_id) for one in providers)
    return named or len(plain(clues.account)) >= _OWN


def _days(clues: Clues) -> list[dt.date]:
    return [day for day in (clues.first_day, clues.last_day) if day is not None]


def _a_day(identity: Identity, day: dt.date) -> bool:
    """Whether a day is one of the claim's, but for its year, of which one figure was misread."""
    first, last = identity.first_day, identity.last_day
    if first is None or last is None:
        return False
    leap = (day.month, day.day) == (2, 29)
    years = {first.year, last.year} if not leap else {day.year}
    return any(first <= day.replace(year=year) <= last for year in years)


def _provider(identity: Identity, clues: Clues) -> bool:
    return not {identity.npi, identity.tax_id}.isdisjoint(_providers(clues))


def _same_name(one: str, other: str) -> bool:
    """Whether two names are the same, but for letters that are taken for each other."""
    mine, theirs = one.split(), other.split()
    if _generations_differ(mine, theirs):
        return False
    shared = sum(any(word == each or _blurred(word, each) for each in theirs) for word in mine)
    return bool(mine) and bool(theirs) and shared >= min(2, len(mine), len(theirs))


def _blurred(one: str, other: str) -> bool:
    """Whether two words of names are one, misread or short of a letter; of its last one never.

    The last letter tells brothers from sisters.
    """
    if len(one) == len(other):
        off = ["".join(sorted(pair)) for pair in zip(one, other, strict=True) if len(set(pair)) > 1]
        pairs = {"".join(sorted(pair)) for pair in _LETTERS.split()}
        return len(off) == 1 and (off[0] in pairs or _twin(one, other))
    longer, shorter = sorted((one, other), key=len, reverse=True)
    lost = [at for at in range(len(longer) - 1) if longer[:at] + longer[at + 1 :] == shorter]
    twice = any(longer[at] == longer[at + 1] for at in lost)
    return bool(lost) and (twice or len(shorter) >= _LONG_NAME)


def _misread(one: str, other: str) -> bool:
    """Whether two identifiers are the same but for one character, misread or lost."""
    if min(len(one), len(other)) < _LONG or abs(len(one) - len(other)) > 1:
        return False
    if len(one) == len(other):
        return _twin(one, other)
    longer, shorter = sorted((one, other), key=len, reverse=True)
    return any(longer[:at] + longer[at + 1 :] == shorter for at in range(len(longer)))


def _twin(one: str, other: str) -> bool:
    """Whether two texts differ in one character, a letter in place of the figure it looks like."""
    if len(one) != len(other):
        return False
    off = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    return len(off) == 1 and off[0][1] in _alike().get(off[0][0], ())


def _variants(text: str) -> set[str]:
    """An identifier, and what it may have been if one of its characters was misread."""
    others = {
        text[:at] + other + text[at + 1 :]
        for at, character in enumerate(text)
        for other in _alike().get(character, ())
        if len(text) >= _LONG
    }
    return {text, *others}


@functools.cache
def _alike() -> Mapping[str, frozenset[str]]:
    """Letters and figures that are taken for each other."""
    found: dict[str, set[str]] = {}
    for read, printed in lookalikes().items():
        for one, other in ((read.upper(), p.upper()) for p, _ in printed):
            if one.isalnum() and other.isalnum() and one != other:
                found.setdefault(one, set()).add(other)
                found.setdefault(other, set()).add(one)
    return {character: frozenset(others) for character, others in found.items()}


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
    return [Identity.account == account, _by_provider(clues)]


def _by_provider(clues: Clues) -> ColumnElement[bool]:
    providers = _providers(clues)
    return Identity.npi.in_(providers) | Identity.tax_id.in_(providers)


def _by_member(clues: Clues) -> list[ColumnElement[bool]]:
    """The member, and a claim whose days hold all of the paper's."""
    member, days = plain(clues.member), _by_days(clues)
    return [Identity.member == member, *days] if member and days else []


def _by_a_day(clues: Clues) -> list[ColumnElement[bool]]:
    """Claims whose days hold the first or the last of the paper's; nothing where it names none."""
    days = sorted(set(_days(clues)))
    return [and_(Identity.first_day <= day, Identity.last_day >= day) for day in days]


def _by_days(clues: Clues) -> list[ColumnElement[bool]]:
    """A claim whose days hold all of the paper's; nothing where it names none."""
    first, last = clues.first_day, clues.last_day or clues.first_day
    if first is None or last is None:
        return []
    return [Identity.first_day <= min(first, last), Identity.last_day >= max(first, last)]


def _providers(clues: Clues) -> list[str]:
    return [each for each in map(plain, clues.providers) if each]


def _candidates(
    session: Session, conditions: Sequence[ColumnElement[bool]], besides: set[str]
) -> list[_Candidate]:
    query = (
        select(Identity, Document.state)
        .join(Document, Document.dcn == Identity.dcn)
        .where(*conditions, Document.state.not_in(GONE))
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
    if _generations_differ(mine, theirs):
        return False
    shared = sum(bool(difflib.get_close_matches(word, theirs, 1, _ALIKE)) for word in mine)
    return shared >= min(2, len(mine), len(theirs))


def _generations_differ(mine: Iterable[str], theirs: Iterable[str]) -> bool:
    """Whether both names say which of a family it is, and not the same."""
    one, other = _BORN_LATER.intersection(mine), _BORN_LATER.intersection(theirs)
    return bool(one) and bool(other) and one.isdisjoint(other)


def _same_days(identity: Identity, clues: Clues) -> bool:
    first: dt.date | None = clues.first_day
    if first is None or identity.first_day is None or identity.last_day is None:
        return False
    return identity.first_day <= first <= identity.last_day


def _last_day(identity: Identity, clues: Clues) -> bool:
    """Whether the paper's last day lies among the claim's, too."""
    last = clues.last_day or clues.first_day
    return _same_days(identity, dataclasses.replace(clues, first_day=last))


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
