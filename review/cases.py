"""One case on the desk: opened, answered field by field, finished, and opened again."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Quality
from delivery.answers import value_of
from delivery.compose import attachments, current, papers
from delivery.places import box_of, page_of
from ledger import answers, clocks, documents, finishing, scans, work
from ledger.audit import Act, note
from ledger.database import Database, now
from ledger.documents import Change, Document
from ledger.store import Store
from ledger.work import Summary, Wanted
from letters import follow
from models.errors import PaperclaimError
from models.page import Form
from models.reading import DocumentReading
from models.state import State
from review.case import Case, CaseError, Paper
from review.desk import FieldView, Share, one_of, upright
from review.leases import held, holder
from review.saying import LONGEST_TEXT, check_field, enter, heard, say
from review.shelf import Ahead, Next, in_review, take_next
from review.version import version
from review.words import doubt, entered

#: seconds for which a checked reading is good, and how many are kept
_FRESH: Final = 60.0
_KEPT: Final = 64
_NONE: Final = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Typed:
    """What a draft would be: its normal form, and what the rules would say of the field."""

    value: str | None
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Along:
    """What comes along with finishing a claim.

    Attributes:
        saves: answers: field, action, text.
        sure: rules that it is sent on with: who finishes was told that nobody asked about them.
        keys: keystrokes that it took; 0 where nobody counted.
    """

    saves: tuple[tuple[str, str, str], ...] = ()
    sure: frozenset[str] = frozenset()
    keys: int = 0


_ALONE: Final = Along()


class Cases:
    """The documents that people work on.

    Args:
        database: the ledger's.
        store: where page images lie.
        quality: how many people a field needs.
        grace: how long after it is finished nothing of a document goes out.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        quality: Quality | None = None,
        grace: dt.timedelta = _NONE,
    ) -> None:
        self._grace = grace
        self._database = database
        self._store = store
        self._quality = quality or Quality()
        self._fresh: dict[tuple[str, str], tuple[float, DocumentReading]] = {}

    def open(self, dcn: str, user: str = "") -> Case:
        """A document as it stands, as `user` sees it.

        Raises:
            UnknownDocumentError: there is none.
        """
        with self._database.read() as db:
            return self._case(db, documents.get(db, dcn), user)

    def glance(self, dcn: str, field: str, user: str) -> FieldView | None:
        """A field in doubt as it was read; None where somebody said, typed or sent something.

        No rule runs for it: a screen has a claim for each of its fields.
        """
        with self._database.read() as db:
            read = DocumentReading.model_validate_json(documents.get(db, dcn).reading)
            spoken = answers.drafts(db, dcn, user).keys() | answers.suggested(db, dcn).keys()
            spoken |= answers.latest(db, dcn).keys()
        found = read.fields.get(field)
        if found is None or found.accepted or field in spoken:
            return None
        return one_of(read, field)

    def page(self, dcn: str, number: int) -> tuple[bytes, int]:
        """A page's image file, and the quarter turns that put it upright.

        Raises:
            CaseError: the document has no such page.
        """
        with self._database.read() as db:
            document = documents.get(db, dcn)
            read = DocumentReading.model_validate_json(document.reading)
            facts = [f for one in (read, *attachments(document)) for f in one.page_facts]
            turns = {f.number: f.quarter_turns for f in facts}
            stored = db.get(scans.Page, (document.scan_id, number))
            if stored is None or number not in turns:
                raise CaseError("The document has no such page.")
            key = stored.image
        return self._store.get(key), turns[number]

    def place(self, dcn: str, field: str) -> tuple[int, Share]:
        """Where a field is: its page, and its box as shares of that page upright.

        Raises:
            CaseError: nobody can tell.
        """
        with self._database.read() as db:
            read = DocumentReading.model_validate_json(documents.get(db, dcn).reading)
        box, number = box_of(read, field), page_of(read, field)
        facts = next((f for f in read.page_facts if f.number == number), None)
        if box is None or facts is None:
            raise CaseError("The form has no such field.")
        return number, upright(box, facts)

    def keep_draft(self, dcn: str, field: str, text: str, *, by: str) -> Typed:
        """Keep what somebody is typing; whoever has the claim open: what is theirs is kept.

        Returns:
            What it would be.

        Raises:
            CaseError: the document is not in review, or the text is no field's.
        """
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            check_field(document, field, text)
            draft = answers.Draft(dcn=document.dcn, field=field, text=text, by=by, at=now())
            answers.keep_draft(db, draft)
        form = Form(document.form)
        value = value_of(form, field, text) if text.strip() else None
        shape = [doubt("kind.shape")] if text.strip() and value is None else []
        return Typed(value if value != text else None, shape)

    def answer(self, dcn: str, field: str, spoken: tuple[str, str], *, by: str) -> Case:
        """Enter what somebody said of a field.

        Args:
            dcn: control number.
            field: its id.
            spoken: action (`said`, `not_present`, `illegible`, `withdrawn`) and text.
            by: who says it.

        Raises:
            CaseError: the document is not in review, or this can't be said of it.
            LostError: somebody else has it.
        """
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            held(db, document, by)
            acts = enter(db, document, field, spoken, by, self._quality)
            case = self._counted(db, document, by)
            # the last doubt settled: what is left is the provider's
            follow.offer(db, document, case.now)
            _note(db, by, acts)
            return case

    def override(self, dcn: str, field: str, said: tuple[str, str], *, by: str) -> Case:
        """Let a field pass as it is typed, whatever the rules say, for a reason.

        Args:
            dcn: control number.
            field: its id.
            said: its text, and the reason.
            by: who says so.

        Raises:
            CaseError: no reason is given, or the document is not in review.
            LostError: somebody else has it.
        """
        text, reason = entered(field, said[0]), said[1].strip()
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            held(db, document, by)
            check_field(document, field, text)
            if not reason or len(reason) > LONGEST_TEXT:
                raise CaseError("An override needs a reason.", remedy="Say why, in a few words.")
            rules = {f.rule for f in current(db, document).findings if field in f.fields}
            acts = say(db, document, field, ("said", text), by, self._quality)
            db.add(
                answers.Override(
                    dcn=dcn,
                    field=field,
                    rules=" ".join(sorted(rules)),
                    reason=reason,
                    by=by,
                    at=now(),
                )
            )
            case = self._counted(db, document, by)
            _note(db, by, [*acts, Act("override", dcn, field)])
            return case

    def finish(
        self,
        dcn: str,
        along: Along = _ALONE,
        *,
        by: str,
        wanted: Wanted | None = None,
        ahead: Ahead | None = None,
    ) -> tuple[Case | None, Next]:
        """Send a document on to delivery, and open the one that comes next.

        Args:
            dcn: control number.
            along: answers, and what this person was told.
            by: who finishes.
            wanted: which part of the queue the next one is from.
            ahead: the one that is shown already; it is opened if it still is as it was then.

        Returns:
            The case, where something is still in doubt, or would go on unseen; the next one.

        Raises:
            CaseError: it is not in review.
            LostError: somebody else has it.
        """
        with self._database.begin() as db:
            document = _in_review(db, dcn)
            held(db, document, by)
            acts: list[Act] = []
            for name, action, text in along.saves:
                acts += enter(db, document, name, (action, text), by, self._quality)
            case = self._counted(db, document, by) if along.saves else self._case(db, document, by)
            laid = case.desk()
            if laid.remaining or not along.sure.issuperset(laid.goes_with):
                _note(db, by, acts)
                return case, Next()
            if laid.waits:
                hand_on(db, document, by)
                acts.append(Act("handed on", dcn))
            else:
                self._send_on(db, document, by)
                acts.append(Act("finished", dcn, f"{along.keys} keys" if along.keys > 0 else ""))
            following = take_next(db, by, wanted or Wanted(), dcn, ahead)
            if following.dcn is not None:
                acts.append(Act("opened", following.dcn))
            _note(db, by, acts)
            return None, following

    def _send_on(self, db: Session, document: Document, by: str) -> None:
        """Nothing is in doubt any more: it goes out."""
        work.item(db, document.dcn).keyed_by = " "
        if Form(document.form).is_claim:
            finishing.ready(db, document, by, after=self._grace)
        else:
            finishing.settle(db, document, State.INFORMATION, by, after=self._grace)
        documents.release(document, by)

    def last_finished(self, user: str) -> str | None:
        """The claim that somebody finished last, as long as it can be opened again."""
        with self._database.read() as db:
            return _last_finished(db, user)

    def reopen_last(self, user: str) -> str:
        """Take back finishing the last claim; where it went out, a further revision tells so.

        Raises:
            CaseError: there is none.
        """
        with self._database.begin() as db:
            dcn = _last_finished(db, user)
            if dcn is None:
                raise CaseError("You have finished no claim that could be opened again.")
            document = documents.get(db, dcn)
            finishing.take_back(db, document, user, "finished by mistake")
            held(db, document, user)
            note(db, user, Act("reopened", dcn))
            return dcn

    def _case(self, db: Session, document: Document, user: str) -> Case:
        read = DocumentReading.model_validate_json(document.reading)
        item = db.get(work.DeskItem, document.dcn)
        came = [Paper(document.dcn, one) for one in attachments(document)]
        came += [Paper(one.dcn, one.reading) for one in papers(db, document.dcn)]
        now_is = version(db, document)
        return Case(
            dcn=document.dcn,
            state=document.state,
            received=document.received,
            tags=scans.tags(db, document.scan_id),
            read=read,
            now=self._checked(db, document, now_is),
            papers=came,
            said=heard(db, document, read, user, self._quality),
            holder=holder(document),
            clock=clocks.days_left(db, document),
            aside=item.reason if item else "",
            priority=item.priority if item else 0,
            version=now_is,
        )

    def _checked(self, db: Session, document: Document, version: str) -> DocumentReading:
        """The document with all answers in it and the rules run: again only after a change.

        Whatever goes out is checked anew; here a list or roster may be a minute behind.
        """
        key, at = (document.dcn, version), time.monotonic()
        found = self._fresh.get(key)
        if found is not None and at - found[0] < _FRESH:
            return found[1]
        made = current(db, document)
        while len(self._fresh) >= _KEPT:
            self._fresh.pop(next(iter(self._fresh), key), None)
        self._fresh[key] = (at, made)
        return made

    def _counted(self, db: Session, document: Document, user: str) -> Case:
        """The case after a change; the queue's count of what is left to check goes along."""
        db.flush()
        case = self._case(db, document, user)
        summary = db.get(Summary, document.dcn)
        if summary is not None:
            summary.remaining = case.desk().remaining
        return case


def hand_on(db: Session, document: Document, by: str) -> None:
    """Somebody has keyed what they may: the rest is another person's."""
    item = work.item(db, document.dcn)
    if f" {by} " not in item.keyed_by:
        item.keyed_by += f"{by} "
    documents.release(document, by)


def _note(db: Session, by: str, acts: list[Act]) -> None:
    """Write what somebody did into the audit trail; the transaction ends with that."""
    for act in acts:
        note(db, by, act)


def _last_finished(db: Session, user: str) -> str | None:
    ends = (State.READY, State.INFORMATION)
    query = select(Change).where(Change.actor == user, Change.after.in_(ends))
    last = db.scalars(query.order_by(Change.id.desc()).limit(1)).first()
    if last is None:
        return None
    document = documents.get(db, last.dcn)
    done = (State.READY, State.DELIVERED, State.INFORMATION)
    return document.dcn if document.state in done else None


def _in_review(db: Session, dcn: str) -> Document:
    try:
        return in_review(db, dcn)
    except PaperclaimError as error:
        if error.code == "review.shelf":
            raise CaseError(error.message) from None
        raise
