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
#: what a resource is, for people
_RESOURCES: Final = {
    "attachments": "what came with the claim",
    "batch": "the batch's counts",
    "copies": "which pages are copies",
    "coverage": "a member roster with coverage",
    "history": "claims of before",
    "labels": "what the attachment says",
    "members": "a member roster",
    "papers": "what the attachments say",
    "providers": "a provider roster",
    "received": "the day of receipt",
    "request": "what the provider was asked for",
}


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
        state: `on`; `off`, by the profile; `not run`, it lacks something.
        lacks: what it lacks where it does not run, in words.
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
    sharper: tuple[str, ...] = field(default=())

    @property
    def status(self) -> str:
        """The state in one phrase: `on`, `off by profile`, `not run: needs a member roster`."""
        if self.state == "not run":
            return f"not run: needs {', '.join(self.lacks)}"
        if self.state == "off":
            return "off by profile"
        return f"on (sharper with {', '.join(self.sharper)})" if self.sharper else "on"


def resource(need: str) -> str:
    """A resource in words."""
    kind, _, name = need.partition(":")
    if kind == "table":
        return f"the code list {name}"
    if kind == "policy":
        return f"{name} in the profile's procedures"
    if kind == "option":
        return f"{name} in the profile's options"
    return _RESOURCES[need]


def _words(needs: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(resource(need) for need in needs))


def _listed(entry: Entry, context: Context) -> Listed:
    made = RULES[entry.id]
    profile = context.profile.rules.get(entry.id)
    lacks = [need for each in made for need in context.lacks(each.needs)]
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
        sharper=_words(need for each in made for need in context.lacks(each.sharper)),
    )


def rules(context: Context | None = None) -> list[Listed]:
    """Every rule, in the order of the catalogue.

    Args:
        context: what is loaded, and the profile; None for nothing, and the packaged one.
    """
    known = context or Context()
    return [_listed(entry, known) for entry in entries().values()]
