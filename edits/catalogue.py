"""The catalogue: every rule, when it fires, what it says, and whether it runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

from edits.context import Context
from edits.entries import Entry, Severity, entries
from edits.rules import RULES
from models.page import Form

#: how people call the forms
_FORMS: Final = {
    Form.CMS1500: "1500",
    Form.UB04: "UB",
    Form.CMS1500_0805: "1500 (08/05)",
    Form.UB92: "UB-92",
    Form.UNKNOWN: "1500 (12/90)",
    Form.ATTACHMENT: "attachment",
}
#: what has to be loaded, for people
_LOADED: Final = {
    "coverage": "a member roster with coverage",
    "members": "a member roster",
    "providers": "a provider roster",
}
#: what is known of each claim, or isn't, for people
_OF_THE_CLAIM: Final = {
    "attachments": "what came with the claim",
    "batch": "what lies before the claim",
    "copies": "pages scanned in colour",
    "counted": "a batch sheet that says how many pages were counted",
    "history": "claims of before",
    "labels": "what the attachment says",
    "papers": "what the attachments say",
    "received": "the day of receipt",
    "request": "what the provider was asked for",
}
#: those that depend on how the paper came: all others are known of every claim
_BY_PAPER: Final = ("copies", "counted")


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule as `paperclaim rules` lists it.

    Attributes:
        id: stable.
        forms: that it is about, in words.
        fields: items or form locators.
        severity: by the profile.
        condition: when it fires.
        message: to the provider, by the profile.
        state: `on`; `off`, by the profile; `not run`, something isn't loaded.
        lacks: what isn't loaded, in words.
        asks: what of the claim it looks at beside the form, in words; where that isn't known of a
            claim it does not run for that one.
        where: those of it that only some papers have.
        sharper: what would make it look closer, and isn't loaded, in words.
        basis: `V`, seen in a source; `K`, general knowledge.
    """

    id: str
    forms: str
    fields: str
    severity: Severity
    condition: str
    message: str
    state: Literal["on", "off", "not run"]
    basis: str
    lacks: tuple[str, ...] = field(default=())
    asks: tuple[str, ...] = field(default=())
    where: tuple[str, ...] = field(default=())
    sharper: tuple[str, ...] = field(default=())

    @property
    def status(self) -> str:
        """The state in one phrase: `on`, `off by profile`, `not run: needs a member roster`."""
        if self.state == "not run":
            return f"not run: needs {', '.join(self.lacks)}"
        if self.state == "off":
            return "off by profile"
        more = [f"sharper with {', '.join(self.sharper)}"] if self.sharper else []
        more += [f"of {each}" for each in self.where]
        return f"on ({'; '.join(more)})" if more else "on"


def resource(need: str) -> str:
    """A resource in words."""
    kind, _, name = need.partition(":")
    if kind == "table":
        return f"the code list {name}"
    if kind == "policy":
        return f"{name} in the profile's procedures"
    if kind == "option":
        return f"{name} in the profile's options"
    return _LOADED.get(need) or _OF_THE_CLAIM[need]


def _words(needs: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(resource(need) for need in needs))


def _listed(entry: Entry, context: Context) -> Listed:
    made = RULES[entry.id]
    profile = context.profile.rules.get(entry.id)
    needs = [need for each in made for need in each.needs]
    lacks = [need for need in context.lacks(needs) if need not in _OF_THE_CLAIM]
    usual = entry.wordings[""]
    state: Literal["on", "off", "not run"] = "not run" if lacks else "on"
    return Listed(
        id=entry.id,
        forms=", ".join(_FORMS[form] for form in entry.forms),
        fields=entry.fields,
        severity=(profile.severity if profile else None) or usual.severity,
        condition=" ".join(each.condition for each in made),
        message=(profile.message if profile else None) or usual.message,
        state="off" if profile is not None and not profile.on else state,
        basis=entry.basis,
        lacks=_words(lacks),
        asks=_words(need for need in needs if need in _OF_THE_CLAIM),
        where=_words(need for need in needs if need in _BY_PAPER),
        sharper=_words(need for each in made for need in context.lacks(each.sharper)),
    )


def rules(context: Context | None = None) -> list[Listed]:
    """Every rule, in the order of the catalogue.

    Args:
        context: what is loaded, and the profile; None for nothing, and the packaged one.
    """
    known = context or Context()
    return [_listed(entry, known) for entry in entries().values()]
