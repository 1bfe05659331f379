"""A run of print over several fields: a letter that the reader overlooked has its place."""

from __future__ import annotations

import pytest

from extractors.kinds.table import kind_for
from extractors.sighting import Position, Sighting
from extractors.split import Member, Part, part
from models.page import Form

#: inches: ten characters an inch
PITCH = 0.1
#: what the reader makes of a letter that it rather doesn't see
OVERLOOKED = (("", 0.7), ("Y", 0.3))


def parts(printed: dict[str, str], *, inked: bool) -> list[Part]:
    """A run printed cell by cell, parted; `?` is a letter overlooked."""
    text = "".join(printed.values())
    positions = tuple(
        Position(OVERLOOKED if c == "?" else ((c, 0.999),), i / len(text), (i + 1) / len(text))
        for i, c in enumerate(text)
    )
    members, left = [], 0.0
    for field, own in printed.items():
        right = left + len(own) * PITCH
        full = inked and field.endswith(".poa")
        members.append(Member(field, kind_for(Form.UB04, field), left, right, inked=full))
        left = right
    return part(Sighting("first", positions), members, 0.0, left)[1]


def parted(printed: dict[str, str], *, inked: bool) -> dict[str, str]:
    """What each field gets of such a run."""
    found = parts(printed, inked=inked)
    return {p.field: "".join(q.chars[0][0] for q in p.sighting.positions) for p in found}


@pytest.mark.parametrize(
    "printed",
    [
        {"67.poa": "?", "67A": "M1010"},
        {"67": "I10", "67.poa": "?", "67A": "M1010"},
        {"67": "I10", "67.poa": "?"},
    ],
)
def test_a_letter_overlooked_where_there_is_ink(printed: dict[str, str]) -> None:
    found = parted(printed, inked=True)
    assert found == {field: text.replace("?", "Y") for field, text in printed.items()}
    assert "67.poa" not in parted(printed, inked=False)


def test_a_word_is_not_torn_and_two_names_are() -> None:
    whole = {"1.1": "CLARKDALE STOCKETT WHITI", "2.1": "NG"}
    assert parted(whole, inked=False) == {"1.1": "CLARKDALE STOCKETT WHITING"}
    two = {"1.1": "CLARKDALE STOCKETT WHIT ", "2.1": "STOCKETT BILLING"}
    assert parted(two, inked=False) == {field: text.strip() for field, text in two.items()}


def test_ways_that_give_a_field_the_same_are_no_rivals() -> None:
    printed = {"67": "I10 ", "67.poa": "Y", "67A": "M1010"}
    apart = [p.sure for p in parts(printed, inked=True)]
    assert len(apart) == len(printed)
    assert min(apart) > 2


@pytest.mark.parametrize(("left", "taken"), [(1.35, False), (1.48, True)])
def test_words_that_begin_before_their_box_may_have_taken_others(
    left: float, *, taken: bool
) -> None:
    members = [
        Member("1.1", kind_for(Form.UB04, "1.1"), 0.0, 1.3),
        Member("2.1", kind_for(Form.UB04, "2.1"), left, 3.0),
    ]
    text = "HUBERT HOWEY DORINGWOOD NC"
    positions = tuple(
        Position(((c, 0.999),), i / len(text), (i + 1) / len(text)) for i, c in enumerate(text)
    )
    _, found = part(Sighting("first", positions), members, 0.0, len(text) * PITCH)
    assert {p.field for p in found} == {"1.1", "2.1"}
    assert {p.sure <= 1.0 for p in found} == {taken}
