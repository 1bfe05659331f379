"""Is the claim complete? Every rule asked of a claim, and each finding laid at someone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from edits import rules
from edits.certainty import cause
from edits.context import Context
from edits.entries import Entry, entries
from edits.paper import IllegibleError, Paper
from edits.registry import BOTH, Case, Hit, Implementation
from edits.where import places
from models.page import Form
from models.reading import FieldReading, Finding

__all__ = ["Context", "Outcome", "check", "run"]

#: empty places whose doubt a finding names
_FEW: Final = 3
#: rules about the paper itself start with this
_OF_THE_PAPER: Final = "D"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of the rules.

    Attributes:
        findings: rules that fired, in the order of the catalogue.
        not_run: rules that could not run, and which resources they lack. They have not passed.
    """

    findings: list[Finding] = field(default_factory=list)
    not_run: dict[str, list[str]] = field(default_factory=dict)


def _finding(entry: Entry, hit: Hit, case: Case) -> Finding:
    """A hit in the profile's words, laid at someone."""
    wording = entry.wordings[hit.variant]
    profile = case.context.profile.rules.get(entry.id)
    message = (profile.message if profile else None) or wording.message
    weighed = sorted(case.paper.seen.difference(hit.fields))
    doubtful = [name for name in weighed if not case.paper.certain(name)]
    named = all(case.paper.certain(name) for name in hit.fields)
    # empty places in doubt are a page's, not a field's: a few are told, a form of them isn't
    told = [n for n in doubtful if n in case.paper.fields] or doubtful[:_FEW]
    return Finding(
        rule=entry.id,
        severity=(profile.severity if profile else None) or wording.severity,
        fields=[*hit.fields, *told],
        message=_said(message, hit, case),
        cause=cause((hit.sure, named, not doubtful)),
        codes=dict(wording.codes),
    )


def _said(message: str, hit: Hit, case: Case) -> str:
    """The message with its places filled in, its first letter a capital."""
    filled = message.format_map({"where": places(case.paper.form, hit.fields), **dict(hit.details)})
    return filled[:1].upper() + filled[1:]


def _ask(entry: Entry, implementation: Implementation, case: Case) -> list[Finding]:
    """One rule, asked of each of its subjects."""
    found = []
    for subject in implementation.subjects(case):
        case.paper.forget()
        try:
            hit = implementation.check(case, subject)
        except IllegibleError:
            continue
        if hit is not None:
            found.append(_finding(entry, hit, case))
    return found


def run(form: Form, fields: Mapping[str, FieldReading], context: Context) -> Outcome:
    """Every rule of the form that the profile wants.

    Args:
        form: of the document.
        fields: by field id.
        context: what is known beside them.
    """
    outcome = Outcome()
    case = Case(Paper(form, fields, context.emptiness()), context)
    for entry in entries().values():
        profile = context.profile.rules.get(entry.id)
        if form not in entry.forms or (profile is not None and not profile.on):
            continue
        if form in BOTH and not fields and entry.id[0] != _OF_THE_PAPER:
            continue  # nothing was read: D003 says so, and a form of empty fields says no more
        for implementation in rules.RULES.get(entry.id, ()):
            if form not in implementation.forms:
                continue
            lacking = context.lacks(implementation.needs)
            if lacking:
                outcome.not_run[entry.id] = lacking
            else:
                outcome.findings.extend(_ask(entry, implementation, case))
    return outcome


def check(form: Form, fields: Mapping[str, FieldReading], context: Context) -> list[Finding]:
    """The findings of a document: rules that fired, capture doubt and provider error told apart.

    Args:
        form: of the document.
        fields: by field id; a further page of a UB-04 has `#2`, `#3` after its ids.
        context: what is known beside them.
    """
    return run(form, fields, context).findings
