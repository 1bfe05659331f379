"""A case: a document on the desk, with what came with it and what was said of it."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

from delivery.answers import Answer
from models.deadline import Deadline
from models.errors import PaperclaimError
from models.reading import DocumentReading
from review.desk import Desk, Spoken, attached, desk
from review.leases import Holder


class CaseError(PaperclaimError):
    """This can't be done with this document."""

    code = "review.refused"
    remedy = "Open it again from the queue: somebody else may have worked on it."


@dataclass(frozen=True, slots=True)
class Paper:
    """Something that came with the case or after it: where its pages are, and what it says."""

    dcn: str
    reading: DocumentReading


@dataclass(frozen=True)
class Case:
    """A document on the desk.

    Attributes:
        dcn: control number.
        state: of the document.
        received: receipt day.
        tags: of its batch.
        read: as the machine read it.
        now: with all answers in it, checked by everything that is known.
        papers: what came with it, and after it.
        said: answers, drafts of this person, overrides.
        holder: who has it open.
        clock: how its clock stands, None where none runs.
        aside: why it was postponed or escalated; empty where it was not.
        priority: its place in the queue: 0 as all the others, 9 the most urgent.
        version: changes with everything that is said.
    """

    dcn: str
    state: str
    received: dt.date
    tags: list[str]
    read: DocumentReading
    now: DocumentReading
    papers: list[Paper]
    said: Spoken
    holder: Holder | None = None
    clock: Deadline | None = None
    aside: str = ""
    priority: int = 0
    version: str = ""

    @property
    def spoken(self) -> dict[str, Answer]:
        """Answers by field id."""
        return self.said.answers

    @property
    def drafts(self) -> dict[str, str]:
        """Typed and not confirmed."""
        return self.said.drafts

    def desk(self) -> Desk:
        """The case laid out for a person."""
        return self._laid

    @functools.cached_property
    def _laid(self) -> Desk:
        later = {paper.dcn: paper.reading for paper in self.papers if paper.dcn != self.dcn}
        laid = desk(self.read, self.now, self.said, later)
        for paper in self.papers:
            laid.pages.extend(attached(paper.reading, "" if paper.dcn == self.dcn else paper.dcn))
        return laid
