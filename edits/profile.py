"""Payer profiles: which rules apply, how severe they are, in which words, and policy; TOML.

name = "acme"
payers = ["ACME", "ACME HEALTH"]    # names on the form that this profile is for
tags = ["acme"]                     # inbox folders that it is for

[options]
filing_days = 180

[rules.P014]
on = false

[rules.I032]
severity = "pend"
message = "Your account number is needed in {where}."

[[procedures]]
codes = ["G0101", "Q0091"]
sex = "F"

[letters]
send = "auto"

[clocks.medicare]
days = 30
"""

from __future__ import annotations

import functools
import string
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from edits.entries import entries
from models.deadline import Clock
from models.errors import PaperclaimError
from models.record import Record

#: the clock of a line of business that a profile says nothing of
ANY_BUSINESS: Final = "any"


class ProfileError(PaperclaimError):
    """A payer profile is wrong."""

    code = "edits.profile"
    remedy = "Compare it with docs/profiles.md and start again."
    exit_code = 2


class RuleProfile(Record):
    """What a profile says of one rule; what it leaves out stays as it is.

    Attributes:
        on: whether the rule runs.
        severity: for every variant of the rule.
        message: to the provider, in the payer's words, for every variant of the rule.
    """

    on: bool = True
    severity: Literal["reject", "pend", "warn"] | None = None
    message: str | None = None


class Options(Record):
    """What rules leave to the payer.

    Attributes:
        oldest_patient: years; older ones are asked about (I013).
        filing_days: days from service to receipt (C004).
        one_place_of_service: of every claim, not only of Medicare's (S009).
        split_years: bills but acute inpatient ones end with the calendar year (U004).
        originals: copies without red ink are warned of (D002).
        our_names: names of the payer as forms have them; others are rejected (D010).
        authorized_bills: types of bill, their second and third figure, that need an
            authorization (U029).
    """

    oldest_patient: int = Field(default=125, ge=1)
    filing_days: int = Field(default=365, ge=1)
    one_place_of_service: bool = False
    split_years: bool = False
    originals: bool = False
    our_names: tuple[str, ...] = ()
    authorized_bills: frozenset[str] = frozenset()


class ProcedurePolicy(Record):
    """What the payer says of some procedures; what is left out is not looked at.

    Attributes:
        codes: HCPCS or CPT codes, or ranges such as `G0008-G0010`.
        sex: the only one that it is done for (S023).
        ages: youngest and oldest, in full years (S024).
        places: of service (S025).
        diagnoses: heads of the codes that support it (S026).
        revenue: heads of the revenue codes that it is billed under (S039).
        authorization: is needed (C006, U029).
        ndc: is needed (S017).
        document: kind of attachment that must come along (C012).
    """

    codes: tuple[str, ...] = Field(min_length=1)
    sex: Literal["F", "M"] | None = None
    ages: tuple[int, int] | None = None
    places: frozenset[str] | None = None
    diagnoses: tuple[str, ...] | None = None
    revenue: tuple[str, ...] | None = None
    authorization: bool | None = None
    ndc: bool | None = None
    document: str | None = None

    def covers(self, code: str) -> bool:
        """Whether it is about the procedure."""
        for each in self.codes:
            first, _, last = each.partition("-")
            if code == first or (last and len(code) == len(first) and first <= code <= last):
                return True
        return False


class LetterPolicy(Record):
    """How the payer asks providers. Days count from the day of the first letter; 0 is never.

    Attributes:
        send: drafts wait for a processor's `word`, or go out by themselves (`auto`).
        channel: `print`, or `mail` where an e-mail address is known.
        due_days: until when the first letter asks for an answer.
        reminder_days: when the reminder goes out.
        second_days: when the second letter goes out.
        second_due_days: until when the second letter asks for an answer, from its own day.
        close_days: when the claim is closed that nobody answered for.
        close: what closing does to the claim.
    """

    send: Literal["word", "auto"] = "word"
    channel: Literal["print", "mail"] = "print"
    due_days: int = Field(default=45, ge=1, le=366)
    reminder_days: int = Field(default=30, ge=0, le=366)
    second_days: int = Field(default=46, ge=0, le=366)
    second_due_days: int = Field(default=15, ge=1, le=366)
    close_days: int = Field(default=68, ge=0, le=732)
    close: Literal["returned", "rejected", "review"] = "returned"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        """A letter that comes after the next one would never go out."""
        days = [day for day in (self.reminder_days, self.second_days, self.close_days) if day]
        if days != sorted(set(days)):
            message = "reminder_days, second_days and close_days must follow each other"
            raise ValueError(message)
        last = self.second_days + self.second_due_days if self.second_days else self.due_days
        if self.close_days and self.close_days <= last:
            message = "close_days must lie after the last day for an answer"
            raise ValueError(message)
        return self


class Profile(Record):
    """A payer's profile.

    Attributes:
        name: in listings.
        payers: names in the carrier block or FL50 that it is for, upper case.
        tags: of batches that it is for; a tag goes before a name.
        options: what rules leave to the payer.
        rules: by id.
        procedures: policy; the first that is about a procedure and says something counts.
        letters: how providers are asked.
        business: line of business of all its claims; None for what item 1 of a claim says.
        clocks: prompt-pay clocks by line of business; `any` is for those not named.
    """

    name: str = Field(min_length=1)
    payers: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    options: Options = Options()
    rules: dict[str, RuleProfile] = Field(default_factory=dict)
    procedures: tuple[ProcedurePolicy, ...] = ()
    letters: LetterPolicy = LetterPolicy()
    business: str | None = None
    clocks: dict[str, Clock] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Rules exist, and messages name nothing that the rule can't fill in."""
        known = entries()
        for rule, said in self.rules.items():
            if rule not in known:
                message = f"there is no rule {rule}"
                raise ValueError(message)
            wordings = known[rule].wordings.values()
            allowed = {"where"}.union(*(_named(wording.message) for wording in wordings))
            if said.message and not _named(said.message) <= allowed:
                message = f"the message of {rule} may name only {sorted(allowed)}"
                raise ValueError(message)
        return self

    def policy(self, procedure: str, aspect: str) -> Any:
        """What is said of a procedure in one respect, None where nothing is."""
        for each in self.procedures:
            said = getattr(each, aspect)
            if said is not None and each.covers(procedure):
                return said
        return None

    def asks(self, rule: str) -> bool:
        """Whether a rule runs, as far as the profile goes."""
        said = self.rules.get(rule)
        return said is None or said.on

    def clock(self, business: str | None) -> Clock:
        """The clock of a line of business: the profile's, else the packaged profile's."""
        name = (self.business or business or ANY_BUSINESS).lower()
        for clocks in (self.clocks, packaged().clocks):
            found = clocks.get(name) or clocks.get(ANY_BUSINESS)
            if found is not None:
                return found
        return Clock(days=30)

    def tells(self, aspect: str) -> bool:
        """Whether anything is said in this respect, of whatever procedure."""
        return any(getattr(each, aspect) is not None for each in self.procedures)


def _named(message: str) -> set[str]:
    """What a message names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(message) if name is not None}


def parse(text: str) -> Profile:
    """A profile from TOML.

    Raises:
        ProfileError: it is no TOML, or says something that no profile can say.
    """
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"The profile is no TOML ({error}).") from error
    except ValidationError as error:
        said = "; ".join(
            f"{'.'.join(map(str, each['loc'])) or 'profile'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        )
        raise ProfileError(f"The profile is wrong ({said}).") from error


@functools.cache
def packaged() -> Profile:
    """The profile that comes with the product: Medicare's logic of unprocessable claims."""
    file = resources.files("edits") / "data" / "default.profile.toml"
    return parse(file.read_text(encoding="utf-8"))


class Profiles:
    """All profiles of a payer, and which one a claim is judged by."""

    def __init__(self, profiles: Iterable[Profile] = ()) -> None:
        self.all = (*profiles, packaged())

    @classmethod
    def load(cls, folder: Path) -> Profiles:
        """The profiles of a folder, `*.toml` by name, and the packaged one after them.

        Raises:
            ProfileError: one of them is wrong, or two have the same name.
        """
        found = []
        for path in sorted(folder.glob("*.toml")):
            try:
                found.append(parse(path.read_text(encoding="utf-8")))
            except ProfileError as error:
                raise ProfileError(f"{path.name}: {error.message}") from error
            except (OSError, UnicodeDecodeError) as error:
                raise ProfileError(f"{path.name} can't be read ({error}).") from error
        names = [profile.name for profile in found]
        if len(set(names)) < len(names):
            raise ProfileError("Two profiles have the same name.")
        return cls(found)

    def named(self, name: str) -> Profile:
        """A profile by its name.

        Raises:
            ProfileError: there is none.
        """
        found = next((each for each in self.all if each.name == name), None)
        if found is None:
            names = ", ".join(each.name for each in self.all)
            raise ProfileError(f"There is no profile {name}.", remedy=f"There are: {names}.")
        return found

    def choose(self, *, payer: str | None = None, tags: Iterable[str] = ()) -> Profile:
        """The profile of a claim: by a tag of its batch, else by its payer, else the packaged."""
        tags, payer = set(tags), (payer or "").upper()
        by_tag = (each for each in self.all if tags.intersection(each.tags))
        by_payer = (each for each in self.all if payer and payer in map(str.upper, each.payers))
        return next(by_tag, None) or next(by_payer, None) or packaged()
