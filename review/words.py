"""Codes of the reader put in words for the person at the desk."""

from __future__ import annotations

import difflib
import itertools
import re

from edits.entries import entries
from letters.draft import OURS
from models.page import Form
from models.reading import FieldReading, Finding

#: doubt codes (docs/doubts.md); one that is not here is shown as it is
DOUBTS = {
    "hand.alike": "two characters look alike in this handwriting",
    "illegible": "marked illegible",
    "ink.caption": "a character may have been taken for the form's own print",
    "ink.cut": "the print runs into an edge: a character may be cut",
    "ink.joined": "a character touches other ink",
    "ink.over": "the print may go on in the next box or under something dark, or be struck through",
    "ink.none": "hardly any ink",
    "ink.rule": "a line of the form runs through it",
    "ink.unclear": "the print is unclear",
    "kind.check": "its check digit, a code list or the calendar says that it can't be right",
    "kind.lookalike": "one of two look-alikes, such as O and 0, was taken by what belongs here",
    "kind.rare": "this field seldom looks like that",
    "kind.shape": "does not look like what belongs here",
    "line.note": "it may be part of a note written across the line",
    "mark.astray": "the mark missed its box, or lies on the form's own lines",
    "mark.filled": "the box is filled in: a mark, or one scratched out",
    "mark.several": "more than one box is marked",
    "page.cut": "the picture shows a part of the form only",
    "page.more": "another paper seems to lie beside this form, and was not read",
    "page.pale": "the print of the page is hardly darker than its paper: some may not show",
    "page.row": "the print may belong to the row above or below",
    "page.unlaid": "it seems to be a claim form, but where its fields lie could not be told",
    "reader.amiss": "the reader's answers made no sense: nothing of the page was read",
    "reader.failed": "the reader broke down: nothing of the page was read",
    "reader.silent": "the reader did not answer in time: nothing of the page was read",
    "readers.differ": "two ways of reading it differ",
    "roster.other": "the member or provider list has another reading that the ink allows",
    "text.differs": "the file's own text says something else",
}

#: those of a page of which nothing was read
UNREAD = frozenset({"page.unlaid", "reader.amiss", "reader.failed", "reader.silent"})

FORMS = {
    Form.CMS1500: "CMS-1500",
    Form.CMS1500_0805: "CMS-1500 (08/05)",
    Form.UB04: "UB-04",
    Form.UB92: "UB-92",
    Form.ATTACHMENT: "Attachment",
    Form.UNKNOWN: "Unknown page",
    Form.SEPARATOR: "Separator sheet",
    Form.BACK: "Back of a form",
    Form.BLANK: "Blank page",
}

#: how a field stands; `review.desk.State` has the codes
SIGNS = {
    "accepted": "read, accepted",
    "confirmed": "confirmed",
    "doubt": "in doubt",
    "failed": "a rule fails",
    "disputed": "disputed",
    "missing": "missing",
    "illegible": "illegible",
    "empty": "nothing printed",
}

#: below this, a tenth of a percent says nothing
_FINE = 0.9

#: a character is marked where other readings, by the reader's own posterior, have this much of it
_WEAK = 0.01

CAUSES = {"provider": "on the paper", "capture": "maybe misread"}

#: before the words of a rule that may have fired because of a misreading: they are a provider's
_UNSURE = "Not sure yet: "

#: kinds of papers whose code is no word
PAPERS = {"eob": "explanation of benefits", "other": "other paper"}


def asks_a_person(finding: Finding) -> bool:
    """Whether somebody has to look because of a finding."""
    return finding.cause == "capture" and finding.severity != "warn"


def why(field: FieldReading) -> list[str]:
    """Why a field is not accepted, in words, the most telling first."""
    reasons = []
    torn = _torn(field)
    if torn:
        reasons.append(torn)
    reasons += [doubt(code) for code in field.doubts]
    reasons.append(f"{percent(field.confidence)} sure")
    return reasons


def doubt(code: str) -> str:
    """A doubt of a field or a page in words."""
    return DOUBTS.get(code, code.replace(".", " "))


def reason(code: str) -> str:
    """Why a document is in the queue: a doubt, or what a rule says in short, with its code.

    What a rule fills in is left out.
    """
    rule = entries().get(code)
    if rule is None:
        return doubt(code)
    text = re.sub(r"\{\w+\}", "…", _ours(rule.wordings[""].message))
    first, _, _ = text.partition(". ")
    return f"{first.rstrip('.')} ({code})"


def for_us(finding: Finding) -> str:
    """What a rule says, for our own people: they need not be told that it is for them.

    The words of most rules are a provider's. Where we may have misread that is said first, so that
    nobody is blamed for what nobody is sure of.
    """
    doubted = finding.cause == "capture" and not finding.message.startswith(OURS)
    return f"{_UNSURE if doubted else ''}{_ours(finding.message)}"


def _ours(message: str) -> str:
    return message.removeprefix(OURS).strip()


def paper(kind: str) -> str:
    """A kind of paper in words."""
    name = PAPERS.get(kind, kind.replace("_", " "))
    return name[:1].upper() + name[1:]


def answered(action: str, by: str) -> str:
    """What somebody said of a field, and who did."""
    said = {"not_present": "nothing printed,", "illegible": "illegible,"}
    return f"{said.get(action, action)} by {by}"


def percent(probability: float) -> str:
    """A probability for people; never 100 % while there is doubt."""
    return f"{min(99.9, probability * 100):.{0 if probability < _FINE else 1}f} %"


def _torn(field: FieldReading) -> str | None:
    """Say at which character the next best reading differs, as in: reads 1 or I."""
    for alternative in field.alternatives:
        other = alternative.text
        if len(other) != len(field.text):
            return f"reads {shown(field.text)} or {shown(other)}"
        for mine, theirs in zip(field.text, other, strict=True):
            if mine != theirs:
                return f"reads {shown(mine)} or {shown(theirs)}"
    return None


def weak(field: FieldReading) -> frozenset[int]:
    """Characters of the text that other readings have otherwise: which to look at, in a doubt.

    The reader's posterior for each place is what its other readings that differ there weigh
    together. It tells places of one field apart, and is no measure of how sure the field is: that
    is the calibrated confidence's. Those where the best other reading differs are always among
    them. None where the reader has no other reading.
    """
    if field.accepted:
        return frozenset()
    weights: dict[int, float] = {}
    for number, alternative in enumerate(field.alternatives):
        matcher = difflib.SequenceMatcher(a=field.text, b=alternative.text, autojunk=False)
        for kind, start, end, _, _ in matcher.get_opcodes():
            if kind == "equal":
                continue
            # something more in between: the characters on both sides of it
            places = range(start, end) if end > start else range(start - 1, start + 1)
            for place in places:
                best = 1.0 if number == 0 else alternative.confidence
                weights[place] = weights.get(place, 0.0) + best
    inside = range(len(field.text))
    return frozenset(p for p, weight in weights.items() if weight >= _WEAK and p in inside)


def marked(text: str, places: frozenset[int]) -> list[tuple[str, bool]]:
    """A text in pieces, each with whether its characters are among `places`."""
    numbered = itertools.groupby(enumerate(text), key=lambda pair: pair[0] in places)
    return [("".join(char for _, char in group), known) for known, group in numbered]


def look(field: FieldReading) -> str:
    """What a field in doubt looks like, so that it can be judged beside others of its kind.

    One character that may be another: `1 or 7`; a check box: `box` and its doubt. Empty where it
    is neither, or nothing is in doubt.
    """
    if field.accepted:
        return ""
    if field.source == "mark":
        return f"box: {doubt(field.doubts[0]) if field.doubts else 'unsure'}"
    if not field.alternatives:
        return ""
    other = field.alternatives[0].text
    pairs = [(a, b) for a, b in zip(field.text, other, strict=False) if a != b]
    if len(other) != len(field.text) or len(pairs) != 1:
        return ""
    return " or ".join(pairs[0]) if all(c.strip() for c in pairs[0]) else ""


def against(other: str, text: str) -> list[tuple[str, bool]]:
    """Another reading in pieces, each with whether it differs from `text`."""
    pieces = []
    matcher = difflib.SequenceMatcher(a=text, b=other, autojunk=False)
    for kind, _, _, start, end in matcher.get_opcodes():
        if end > start:
            pieces.append((other[start:end], kind != "equal"))
    return pieces


def entered(field: str, text: str) -> str:
    """What somebody typed, as it is entered: one blank between words.

    In item 19 three of them part its items (NUCC), and stay.
    """
    items = re.split(r" {3,}", text) if field == "19" else [text]
    return "   ".join(words for item in items if (words := " ".join(item.split())))


def place(line: str) -> str:
    """Which service line a field is in: `42.3#2` is `3, page 2`."""
    return line.partition(".")[2].replace("#", ", page ")


def shown(text: str) -> str:
    """A reading inside a sentence: blanks must be seen."""
    if not text.strip():
        return "a blank"
    return f"“{text}”" if " " in text or len(text) > 1 else text
