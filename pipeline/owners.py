"""Whose a paper of a scan is: what lies before it, and what it says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from edits.patients import named, same_name
from models.clues import TELLING
from models.page import Form
from models.plain import plain
from models.reading import REPLY_SHEET, DocumentReading

#: a document that stands by itself, and what came with it
Gathered: TypeAlias = tuple[DocumentReading, list[DocumentReading]]
#: numbers by which a paper says whose it is, each with the fields of forms that have it, too
_NUMBERS: Final = {"account_number": ("26", "3a"), "member_id": ("1a", "60A")}
_NAMES: Final = ("2", "8b")
#: characters of a number that is the same by no chance
_LONG: Final = 5


def owner_of(paper: DocumentReading, before: Sequence[Gathered]) -> Gathered | None:
    """The claim or reply sheet that a paper came with: the one right before it.

    Or another claim, if the paper surely has a number of that one alone, and nothing on it fits
    the one before it. A name alone makes no owner. None where none is before it, or what is may
    be a claim or not.

    Args:
        paper: any document; what is no attachment came with none.
        before: what lies before it and stands by itself; the last one is nearest.
    """
    if paper.form is not Form.ATTACHMENT or paper.kind == REPLY_SHEET or not before:
        return None
    *others, last = before
    owns = last[0].form.is_claim
    if last[0].kind == REPLY_SHEET or (owns and (_has(last[0], paper) or _named(last[0], paper))):
        return last
    fitting = [one for one in others if _has(one[0], paper) and _named(one[0], paper) is not False]
    if len(fitting) == 1:
        return fitting[0]
    return last if owns else None


def _has(claim: DocumentReading, paper: DocumentReading) -> bool:
    """Whether a claim has a number that a paper surely says."""
    for label, fields in _NUMBERS.items():
        said = {
            plain(entity.value)
            for entity in paper.entities
            if entity.label == label and entity.confidence >= TELLING
        }
        mine = {plain(claim.fields[name].text) for name in fields if name in claim.fields}
        if any(len(number) >= _LONG for number in said & mine):
            return True
    return False


def _named(claim: DocumentReading, paper: DocumentReading) -> bool | None:
    """Whether a paper names a claim's patient; None where it names nobody."""
    names = named(paper.entities)
    mine = next((claim.fields[name].text for name in _NAMES if name in claim.fields), "")
    return any(same_name(mine, name) for name in names) if names and mine else None
