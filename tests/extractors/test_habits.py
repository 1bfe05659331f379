"""A hand that writes one character like another: all of the page tells, and no field alone."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.habits import doubtful, habits
from extractors.kinds.decode import Habit, Habits, read
from extractors.kinds.table import Kind, kind_named
from extractors.readers import Reader, Readers
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from forms.layout import layout
from models.clock import Stages
from models.page import Form, PageImage
from models.reading import DocumentReading
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import faces
from samples.scan import make
from samples.style import Style
from tests.extractors.arriving import Arrived

pytestmark = pytest.mark.xdist_group("readers")

#: how surely the wrong character is read, and what is left for the one that is meant
SURE, LEFT = 0.93, 0.02
#: share of the fields with such a character that may be wrong for it
SPOILED = 0.2
NAMES = ("BARRETT, ROBERT", "WARREN, HARRIET", "GARDNER, MARGARET", "PARKER, RICHARD")
DATES = ("12/10/2021", "11/13/2021", "10/11/2021", "12/12/2021")


def seen(text: str, meant: dict[str, str], left: float = LEFT) -> Sighting:
    """A sighting in which characters that `meant` holds are read as others."""
    positions = []
    for i, char in enumerate(text):
        chars: tuple[tuple[str, float], ...] = ((char, 0.999),)
        if char in meant:
            chars = ((meant[char], SURE), *([(char, left)] if left else []))
        positions.append(Position(chars, i / len(text), (i + 1) / len(text)))
    return Sighting("first", tuple(positions))


def page(
    kind: str, texts: Sequence[str], meant: dict[str, str], left: float = LEFT
) -> list[tuple[Kind, Sighting]]:
    return [(kind_named(kind), seen(text, meant, left)) for text in texts]


def read_as(fields: Sequence[tuple[Kind, Sighting]], known: Habits) -> list[str]:
    return [read(kind, sighting, known).text for kind, sighting in fields]


@pytest.mark.parametrize(
    ("kind", "texts", "printed", "like"),
    [("name", NAMES, "R", "K"), ("date", DATES, "1", "2"), ("date", DATES, "1", "7")],
)
def test_what_a_hand_writes_alike_is_told_by_all_of_the_page(
    kind: str, texts: tuple[str, ...], printed: str, like: str
) -> None:
    fields = page(kind, texts, {printed: like})
    found = habits(fields)
    assert {(one, habit.other) for one, told in found.items() for habit in told} == {
        (like, printed)
    }
    assert tuple(read_as(fields, found)) == texts


def test_a_character_that_the_ink_does_not_allow_stays() -> None:
    fields = page("name", NAMES, {"R": "K"}, left=0.0)
    found = habits(fields)
    assert found == {}
    assert all("R" not in text for text in read_as(fields, found))


def test_one_field_tells_nothing_of_a_hand_nor_does_the_same_one_again() -> None:
    assert habits(page("name", NAMES[:1] * 5, {"R": "K"})) == {}


def test_two_fields_make_it_suspected_and_no_more() -> None:
    fields = page("date", DATES[1:3], {"1": "2"})
    (habit,) = habits(fields)["2"]
    assert (habit.other, habit.share) == ("1", 0.0)
    assert read_as(fields, habits(fields)) == read_as(fields, {})


def test_what_really_is_that_letter_stays_beside_it() -> None:
    fields = [
        *page("name", NAMES, {"R": "K"}),
        *page("name", ["KIRK, MARK"], {"R": "K"}),
        *page("name", ["KELLY, FRANK"], {}),
    ]
    assert read_as(fields, habits(fields))[-2:] == ["KIRK, MARK", "KELLY, FRANK"]


def test_among_words_no_figure_is_a_letter() -> None:
    words = [(kind_named("name"), seen(text, {"1": "I"})) for text in ("1R1S, 1NGR1D", "1DA")]
    fields = [*page("date", DATES, {"1": "I"}), *words]
    assert read_as(fields, habits(fields)) == [*DATES, "IRIS, INGRID", "IDA"]


@given(
    st.lists(
        st.lists(
            st.lists(
                st.tuples(st.sampled_from("KR12"), st.floats(0.002, 1.0)), min_size=1, max_size=3
            ),
            min_size=1,
            max_size=8,
        ),
        max_size=6,
    )
)
def test_a_habit_is_of_characters_that_some_ink_allows(
    drawn: list[list[list[tuple[str, float]]]],
) -> None:
    fields = []
    for chars in drawn:
        positions = []
        for i, one in enumerate(chars):
            whole = sum(p for _, p in one)
            each = sorted(((c, p / whole) for c, p in dict(one).items()), key=lambda c: -c[1])
            positions.append(Position(tuple(each), i / len(chars), (i + 1) / len(chars)))
        fields.append((kind_named("text"), Sighting("first", tuple(positions))))
    allowed = {
        (position.chars[0][0], other)
        for _, sighting in fields
        for position in sighting.positions
        for other, _ in position.chars[1:]
    }
    told = {(one, habit.other) for one, found in habits(fields).items() for habit in found}
    assert told <= allowed


@pytest.mark.parametrize(
    ("kind", "text", "one", "other", "may"),
    [
        ("date", "05221976", "5", "S", False),
        ("npi", "1234567893", "5", "S", False),
        ("date", "05221976", "5", "6", True),
        ("npi", "12345S7893", "S", "5", True),
        ("icd10cm", "S95991S", "5", "S", False),
        ("icd10cm", "S95991S", "S", "5", True),
        ("identifier", "A5512", "5", "S", True),
        ("text", "FERRY RD", "R", "K", True),
        ("text", "12 5TH", "5", "S", False),
    ],
)
def test_where_only_the_one_fits_it_is_no_other(
    kind: str, text: str, one: str, other: str, *, may: bool
) -> None:
    known = {one: (Habit(other, 0.0, 0.002),)}
    assert doubtful(kind_named(kind), text, known) == may


class InThisHand:
    """Reads as the real one, of a hand in which one character looks like another."""

    name = "ppocr"

    def __init__(self, reader: Reader, printed: str, like: str) -> None:
        self.reader, self.printed, self.like = reader, printed, like

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [self._alike(sighting) for sighting in self.reader.read(strips)]

    def _alike(self, sighting: Sighting) -> Sighting:
        positions = []
        for position in sighting.positions:
            chars = position.chars
            if chars and chars[0][0] == self.printed and chars[0][1] > 2 * LEFT:
                chars = ((self.like, chars[0][1] - LEFT), (self.printed, LEFT))
            positions.append(dataclasses.replace(position, chars=chars))
        others = tuple(self._alike(other) for other in sighting.others)
        return Sighting(sighting.reader, tuple(positions), others)


@pytest.mark.parametrize(("printed", "like"), [("R", "K"), ("1", "2")])
def test_a_page_in_such_a_hand(printed: str, like: str, readers: Readers) -> None:
    """The claim is read, and no field with such a character goes on without a person."""
    font = next(f for f in ("liberation-mono", "dejavu-mono") if f in faces.installed())
    form = Form.CMS1500
    pixels, told = make(form, 21, Style(font, "dropout", "clean-300"))
    truth: dict[str, str] = told["fields"]
    image = PageImage(np.asarray(pixels, np.uint8), 300.0, 1)

    def document(first: Reader) -> DocumentReading:
        used = dataclasses.replace(readers, first=first)
        (found,) = assemble([read_image(image, used, Stages())])
        return found

    def wrong(found: DocumentReading) -> set[str]:
        return Arrived(found, truth, form).wrong()

    plain, alike = (
        document(first) for first in (readers.first, InThisHand(readers.first, printed, like))
    )
    written = {n for n, t in truth.items() if printed in t and not layout(form).fields[n].choices}
    spoiled = wrong(alike) - wrong(plain)
    assert len(spoiled) <= SPOILED * len(written)
    assert not {name for name in spoiled if alike.fields[name].accepted}
    doubtful = {name for name, field in alike.fields.items() if "hand.alike" in field.doubts}
    assert written - wrong(plain) <= doubtful
    assert not any("hand.alike" in field.doubts for field in plain.fields.values())
