from __future__ import annotations

import dataclasses

from hypothesis import given
from hypothesis import strategies as st

from extractors.confidence import calibrator
from extractors.features import NAMES, OPEN, Features, among_page, by_hand, ceiling
from extractors.kinds.decode import read
from extractors.kinds.table import kind_named
from extractors.kinds.words import oddest, strays, wordlike
from extractors.sighting import Position, Sighting


def sighting(text: str, sure: float) -> Sighting:
    return Sighting("first", tuple(Position(((c, sure),), 0.0, 1.0) for c in text))


def test_features_say_what_the_decode_knows() -> None:
    decoded = read(kind_named("npi"), [sighting("1O36145138", 0.97), sighting("1036145138", 0.9)])
    features = Features.of(decoded, "npi", support=1)
    assert (features.group, features.length, features.swaps) == ("npi", 10, 1)
    assert (features.legal, features.agreement, features.support) == (True, 1.0, 1)
    assert features.checks > 0
    nothing = Features.of(read(kind_named("npi"), sighting("", 1.0)), "npi")
    assert not nothing.legal
    assert nothing.weakest == 0.0


@given(
    margins=st.lists(st.floats(0, 20), min_size=1, max_size=30),
    legal=st.lists(st.booleans(), min_size=30, max_size=30),
)
def test_a_field_is_told_of_the_others_and_never_of_itself(
    margins: list[float], legal: list[bool]
) -> None:
    fields = {str(i): Features("text", margin=m, legal=legal[i]) for i, m in enumerate(margins)}
    for name, told in among_page(fields).items():
        others = [f for n, f in fields.items() if n != name]
        share = sum(f.margin < OPEN for f in others) / max(1, len(others))
        assert abs(told.open_around - share) < 1e-9
        assert len(told.vector()) == len(NAMES)
        assert 0 < calibrator().confidence(told) < 1


def test_what_may_hide_a_character_is_never_believed_but_for_an_npi_that_checks() -> None:
    for doubt in ({"cut": True}, {"lost": True}):
        assert ceiling(Features("code", **doubt)) <= 0.5
        assert ceiling(Features("npi", checks=-3.0, **doubt)) <= 0.5
        assert ceiling(Features("npi", checks=2.0, **doubt)) == 1.0
    assert ceiling(Features("npi", checks=2.0, over=True)) <= 0.5


def test_twice_as_many_characters_as_have_room_are_never_believed() -> None:
    """Of a sheet that was printed on twice, a little beside: 12 is read as 1122."""
    units = Features("units", length=4, stretch=-0.7)
    assert ceiling(units) <= 0.5
    assert ceiling(dataclasses.replace(units, stretch=-0.3)) == 1.0


def test_a_figure_run_into_a_parenthesis_that_a_branch_reads_otherwise_is_in_doubt() -> None:
    phone = Features("phone", height=0.18, less=-2.5)
    assert ceiling(phone) < calibrator().threshold()
    assert ceiling(dataclasses.replace(phone, height=0.11)) == 1.0
    assert ceiling(dataclasses.replace(phone, agreement=1)) == 1.0


def test_what_two_pictures_read_in_two_ways_is_settled_where_one_is_far_behind() -> None:
    least = calibrator().threshold()
    assert ceiling(Features("code", settled=False, rival=0.5)) < least
    assert ceiling(Features("code", settled=False, rival=12.0)) == 1.0


def test_a_run_that_may_part_elsewhere_is_in_doubt_and_words_sooner() -> None:
    least = calibrator().threshold()
    assert ceiling(Features("code", parted=0.5)) < least
    assert ceiling(Features("code", parted=2.5)) == 1.0
    assert ceiling(Features("name", parted=2.5)) < least
    assert ceiling(Features("name", parted=12.0)) == 1.0


def test_print_stands_on_its_line_and_a_hand_does_not() -> None:
    printed, written = Features("code", uneven=0.02), Features("code", uneven=0.04)
    assert (by_hand(printed), by_hand(written)) == (False, True)
    assert calibrator().confidence(written) <= calibrator().confidence(printed)


def test_broken_words_are_odd() -> None:
    assert oddest("CLARK FAMILY MEDICINE", initials=False) < 3
    assert oddest("CLARK FAMILY M DICINE", initials=False) > 4
    assert oddest("DOE JANE Q", initials=True) < 3.2 < oddest("DOE JANE Q", initials=False)
    assert oddest("12 34", initials=False) == 0.0
    assert wordlike("SIGNATURE ON FILE") > wordlike("SICNATUKE ON FTLE")
    assert strays("SIGNATURE.ON FILE") == 1
    assert strays("12.5 ST. LOUIS N MAIN") == 0
