"""A request's life: drafted, edited, sent, kept as sent; answered, reminded, closed."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from config.settings import Letters
from delivery.compose import current
from ledger import answers, documents, requests, steps
from ledger.database import Database, now
from ledger.joins import Role
from ledger.requests import Letter
from letters import desk, follow, posting, replies
from letters.draft import Recipient
from letters.errors import (
    DoubtError,
    DraftError,
    HeadError,
    NothingToAskError,
    RecipientError,
    StaleError,
    WaitingError,
)
from models.request import RequestError, RequestState
from models.state import State
from tests.letters.base import (
    HOUSE,
    asked_of,
    claim,
    day,
    document,
    enter,
    paper,
    profile,
    settings,
    state,
)

#: no tax number, and a pointer to a diagnosis that isn't there
BROKEN = {"25": "", "24.2.pointer": "C"}


def sent(record: Database, changes: dict[str, str] | None = None) -> str:
    dcn = enter(record, claim(changes or BROKEN))
    with record.begin() as db:
        desk.draft(db, dcn, "ada")
        desk.send(db, dcn, HOUSE, "ada", day(0))
    return dcn


def events(record: Database, dcn: str) -> list[str]:
    with record.begin() as db:
        return [entry.event for entry in desk.log(db, dcn)]


def kinds(record: Database) -> list[str]:
    with record.begin() as db:
        return [ticket.kind for _, ticket in steps.notices(db, 100)]


def test_a_draft_lists_every_problem_of_the_provider_once(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        asked = desk.draft(db, dcn, "ada")
        again = desk.draft(db, dcn, "bob")
    assert again == asked
    assert [item.rule for item in asked.draft.items] == ["S019", "P016"]
    assert [item.where for item in asked.draft.items] == ["Item 24E, line 2", "Item 25"]
    assert asked.draft.recipient.name == "POE MEDICAL GROUP PC"
    assert asked.draft.recipient.lines == ["1 ELM ST", "ALBANY NY 12203-1234"]
    assert events(record, dcn) == ["drafted"]
    assert state(record, dcn) == State.REVIEW


def test_nothing_in_doubt_is_asked_about(record: Database) -> None:
    broken = claim(BROKEN)
    fields = {**broken.fields, "2": broken.fields["2"].model_copy(update={"accepted": False})}
    dcn = enter(record, broken.model_copy(update={"fields": fields}))
    with record.begin() as db, pytest.raises(DoubtError):
        desk.draft(db, dcn)
    with record.begin() as db:
        said = answers.FieldAnswer(
            dcn=dcn, field="2", action="confirmed", text="DOE, JANE, Q", by="ada", at=now()
        )
        answers.say(db, said)
        db.flush()
        assert desk.draft(db, dcn).state is RequestState.DRAFT


def test_a_claim_without_problems_is_not_asked_about(record: Database) -> None:
    dcn = enter(record, claim())
    with record.begin() as db, pytest.raises(NothingToAskError):
        desk.draft(db, dcn)


def test_texts_may_be_edited_until_it_is_sent(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        desk.draft(db, dcn)
        asked = desk.edit_texts(db, dcn, ["Which diagnosis?", "", "And a W-9."], "Thanks.", "ada")
        wanted = [("S019", "Which diagnosis?"), ("", "And a W-9.")]
        assert [(item.rule, item.text) for item in asked.draft.final().items] == wanted
        with pytest.raises(DraftError):
            desk.edit_texts(db, dcn, ["", "  "], "", "ada")
        assert desk.preview_pdf(db, dcn, Letters(), day(0)).startswith(b"%PDF-1.7")
        desk.send(db, dcn, HOUSE, "ada", day(0))
        with pytest.raises(RequestError):
            desk.edit_texts(db, dcn, ["Too late."], "", "ada")
        with pytest.raises(WaitingError):
            desk.draft(db, dcn)
    assert events(record, dcn) == ["drafted", "edited", "sent"]


def test_a_question_that_is_left_out_and_saved_again_moves_no_other(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    own = "And a W-9."
    with record.begin() as db:
        _, second = desk.draft(db, dcn).draft.items
        for texts in (["", second.text], ["", "Your number?"], ["", "Your number?", own]):
            desk.edit_texts(db, dcn, texts, "", "ada")
            desk.edit_texts(db, dcn, texts, "", "ada")
        desk.edit_texts(db, dcn, ["", "Your number?", "", own], "", "ada")
        desk.send(db, dcn, HOUSE, "ada", day(0))
        (asked,) = asked_of(db, dcn)
    assert [(item.rule, item.fields, item.text) for item in asked.draft.items] == [
        (second.rule, second.fields, "Your number?"),
        ("", [], own),
    ]


def test_a_question_that_was_left_out_can_be_asked_after_all(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        made = desk.draft(db, dcn).draft
        texts = [item.text for item in made.items]
        desk.edit_texts(db, dcn, ["", *texts[1:]], "", "ada")
        assert desk.edit_texts(db, dcn, texts, "", "ada").draft == made


def say(record: Database, dcn: str, field: str, text: str) -> None:
    with record.begin() as db:
        said = answers.FieldAnswer(
            dcn=dcn, field=field, action="corrected", text=text, by="ada", at=now()
        )
        answers.say(db, said)


def test_a_draft_follows_the_claim_until_somebody_edits_it(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        desk.draft(db, dcn)
    say(record, dcn, "24.2.pointer", "B")
    with record.begin() as db:
        assert [item.rule for item in desk.draft(db, dcn).draft.items] == ["P016"]
        desk.edit_texts(db, dcn, ["Your tax number?"], "", "ada")
    say(record, dcn, "25", "12-3456789")
    with record.begin() as db, pytest.raises(StaleError):
        desk.send(db, dcn, HOUSE, "ada")
    with record.begin() as db:
        desk.withdraw(db, dcn, "ada", "complete")
    say(record, dcn, "24.2.pointer", "C")
    with record.begin() as db:
        assert desk.draft(db, dcn).number == 2
    say(record, dcn, "24.2.pointer", "B")
    with record.begin() as db:
        document = documents.get(db, dcn)
        assert follow.offer(db, document, current(db, document)) is None
    assert events(record, dcn)[-2:] == ["drafted", "withdrawn"]


def test_a_draft_that_was_only_looked_at_follows_the_claim(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        seen = desk.draft(db, dcn).draft
        desk.edit_texts(db, dcn, [item.text for item in seen.items], "", "ada")
        desk.address(db, dcn, seen.recipient, "ada")
    assert events(record, dcn) == ["drafted"]
    say(record, dcn, "33.2", "2 OAK ST")
    with record.begin() as db:
        desk.send(db, dcn, HOUSE, "ada", day(0))
        (asked,) = asked_of(db, dcn)
    assert asked.draft.recipient.lines[0] == "2 OAK ST"
    assert events(record, dcn) == ["drafted", "sent"]


@pytest.mark.parametrize(
    ("field", "text"),
    [("33.2", "2 OAK ST"), ("33a", "1531148935"), ("24.2.pointer", "B")],
    ids=["another address", "one more finding", "one less"],
)
def test_an_edited_draft_is_not_sent_for_a_claim_that_went_on(
    record: Database, field: str, text: str
) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        desk.draft(db, dcn)
        desk.edit_texts(db, dcn, ["", "Your tax number?"], "Thanks.", "ada")
        desk.check(db, dcn)
    say(record, dcn, field, text)
    with record.begin() as db, pytest.raises(StaleError):
        desk.send(db, dcn, HOUSE, "ada", day(0))
    assert state(record, dcn) == State.REVIEW
    with record.begin() as db:
        desk.withdraw(db, dcn, "ada", "out of date")
        desk.draft(db, dcn)
        desk.send(db, dcn, HOUSE, "ada", day(0))
    assert state(record, dcn) == State.WAITING


def test_what_was_sent_is_kept_as_sent(record: Database) -> None:
    dcn = sent(record)
    assert state(record, dcn) == State.WAITING
    with record.begin() as db:
        (asked,) = asked_of(db, dcn)
        assert asked.letters == [f"{dcn}-1-letter"]
        assert (asked.due, asked.next_on) == (day(45), day(30))
        kept = desk.letter_pdf(db, asked.letters[0])
        last = documents.history(db, dcn)[-1]
        assert (last.after, last.actor, last.reason) == ("waiting", "ada", "request 1")
    assert kept.startswith(b"%PDF")
    assert kinds(record).count("post") == 1
    with pytest.raises(DBAPIError), record.begin() as db:
        db.execute(update(Letter).values(content=b"other"))


def test_no_letter_without_a_payer_or_an_address(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        desk.draft(db, dcn)
        with pytest.raises(HeadError):
            desk.send(db, dcn, Letters(), "ada")
        desk.address(db, dcn, Recipient(name="POE MEDICAL GROUP"), "ada")
        with pytest.raises(RecipientError):
            desk.send(db, dcn, HOUSE, "ada")
    assert state(record, dcn) == State.REVIEW


def test_a_request_may_be_withdrawn(record: Database) -> None:
    dcn = sent(record)
    with record.begin() as db:
        asked = desk.withdraw(db, dcn, "ada", "found in our files")
    assert asked.state is RequestState.WITHDRAWN
    assert state(record, dcn) == State.REVIEW
    with record.begin() as db:
        assert desk.draft(db, dcn).number == 2


def test_reminded_urged_closed_and_reopened(record: Database, tmp_path: Path) -> None:
    profile(record, tmp_path, '[letters]\nclose = "rejected"')
    dcn = sent(record)

    def on(number: int) -> None:
        with record.begin() as db:
            follow.due(db, day(number))
            for request in requests.due(db, day(number)):
                follow.follow(db, request.id, HOUSE, day(number))

    for number in (1, 29, 30, 30, 31, 45, 46, 46, 47, 67):
        on(number)
    assert events(record, dcn) == ["drafted", "sent", "reminded", "urged"]
    assert state(record, dcn) == State.WAITING
    on(68)
    on(69)
    assert events(record, dcn) == ["drafted", "sent", "reminded", "urged", "closed"]
    assert state(record, dcn) == State.REJECTED
    with record.begin() as db:
        (asked,) = asked_of(db, dcn)
        assert asked.letters == [f"{dcn}-1-{stage}" for stage in ("letter", "reminder", "second")]
        assert asked.due == day(46 + 15)
    assert kinds(record).count("post") == 3
    assert kinds(record).count("follow") == 3
    reply = enter(record, paper("reply_sheet"), state=State.INFORMATION)
    with record.begin() as db:
        assert replies.join(db, documents.get(db, reply), dcn, Role.REPLY, by="bar code")
        assert not replies.join(db, documents.get(db, reply), dcn, Role.REPLY, by="bar code")
    assert state(record, dcn) == State.REVIEW
    assert events(record, dcn)[-1] == "answered"
    assert document(record, dcn).revision == 4


def test_an_answer_that_is_none_is_told_in_the_next_letter(record: Database) -> None:
    dcn = sent(record)
    with record.begin() as db, pytest.raises(RequestError):
        desk.judge(db, dcn, "wrong", "ada")
    came = enter(record, paper("reply_sheet"), state=State.INFORMATION)
    with record.begin() as db:
        replies.join(db, documents.get(db, came), dcn, Role.REPLY, by="bar code")
        desk.judge(db, dcn, "unreadable", "ada")
    with record.begin() as db:
        asked = desk.draft(db, dcn)
        assert asked.number == 2
        assert "C014" in {item.rule for item in asked.draft.items}


def test_a_profile_may_send_by_itself(record: Database, tmp_path: Path) -> None:
    profile(record, tmp_path, '[letters]\nsend = "auto"\nreminder_days = 0\nsecond_days = 0')
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        request = follow.offer(db, documents.get(db, dcn), claim(BROKEN))
        assert request is not None
    assert kinds(record) == ["follow"]
    for _ in range(2):
        with record.begin() as db:
            follow.follow(db, request.id, HOUSE, day(0))
    assert state(record, dcn) == State.WAITING
    with record.begin() as db:
        assert asked_of(db, dcn)[0].next_on == day(68)


def test_drafts_wait_for_a_word_where_the_profile_says_nothing(record: Database) -> None:
    dcn = enter(record, claim(BROKEN))
    with record.begin() as db:
        request = follow.offer(db, documents.get(db, dcn), claim(BROKEN))
        assert request is not None
        follow.follow(db, request.id, HOUSE, day(0))
    assert kinds(record) == []
    assert state(record, dcn) == State.REVIEW


def test_two_at_once_print_one(record: Database, tmp_path: Path) -> None:
    dcn, in_force = sent(record), settings(tmp_path)
    with record.begin() as db:
        number = requests.letters(db, requests.of_claim(db, dcn)[0].id)[0].id
    threads = [
        threading.Thread(target=posting.post, args=(record, number, in_force)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([path for path in in_force.letters_folder.rglob("*") if path.is_file()]) == 1
    assert events(record, dcn).count("posted") == 1
