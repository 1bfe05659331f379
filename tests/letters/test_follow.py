"""Whatever days the calendar is looked at on, and however often: each letter once, in order."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edits.profile import ProfileError, parse
from ledger import database, requests
from ledger.database import Database
from letters import desk, follow
from models.request import OPEN, TRANSITIONS, RequestState
from models.state import State
from tests.letters.base import HOUSE, asked_of, claim, day, enter, state

ORDER = ["sent", "reminded", "urged", "closed"]
DUE = {"reminded": 30, "urged": 46, "closed": 68}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Database:
    return database.open(f"sqlite:///{tmp_path_factory.mktemp('f') / 'ledger.db'}")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 90), min_size=1, max_size=12), st.integers(0, 90))
def test_each_letter_once_in_order_and_never_early(
    one: Database, looked: list[int], withdrawn: int
) -> None:
    dcn = enter(one, claim({"25": ""}))
    with one.begin() as db:
        desk.draft(db, dcn, "ada")
        desk.send(db, dcn, HOUSE, "ada", day(0))
    happened: dict[str, int] = {}
    for number in sorted(looked):
        with one.begin() as db:
            request = requests.of_claim(db, dcn)[0]
            if number >= withdrawn and request.state in OPEN:
                desk.withdraw(db, dcn, "ada", "found")
            follow.follow(db, request.id, HOUSE, day(number))
            for entry in desk.log(db, dcn):
                happened.setdefault(entry.event, number)
    said = [event for event in happened if event in ORDER]
    assert said == ORDER[: len(said)]
    for event, least in DUE.items():
        assert happened.get(event, 90) >= least
        assert happened.get(event, 0) < withdrawn or event not in happened
    with one.begin() as db:
        events = [entry.event for entry in desk.log(db, dcn)]
        letters = asked_of(db, dcn)[0].letters
    assert len(events) == len(set(events))
    assert len(letters) == len([event for event in said if event != "closed"])
    if "withdrawn" in happened:
        assert state(one, dcn) == State.REVIEW
    else:
        assert state(one, dcn) == (State.RETURNED if "closed" in said else State.WAITING)


def test_every_state_of_a_request_is_left_for_an_end() -> None:
    ends = {before for before, after in TRANSITIONS.items() if not after}
    assert ends == {RequestState.WITHDRAWN}
    # what was taken for an answer may turn out to be none
    assert TRANSITIONS[RequestState.ANSWERED] == OPEN
    for before, after in TRANSITIONS.items():
        assert before not in after
        assert before in ends or after & (ends | OPEN | {RequestState.ANSWERED})


@pytest.mark.parametrize(
    "days",
    ["reminder_days = 50", "close_days = 60", "second_days = 70", "due_days = 0", "send = 'now'"],
)
def test_a_profile_whose_letters_come_out_of_order_is_refused(days: str) -> None:
    with pytest.raises(ProfileError):
        parse(f'name = "p"\n[letters]\n{days}')
