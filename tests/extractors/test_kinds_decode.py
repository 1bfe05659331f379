"""The decode: knowledge chooses among what the ink allows, never against it."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.kinds.decode import CLEAR, MOST, Decoded, read
from extractors.kinds.lookalikes import SPECKS, lookalikes
from extractors.kinds.table import kind_named, names
from extractors.sighting import Position, Sighting

#: print that looks like nothing else
PLAIN = sorted(set(string.ascii_uppercase + string.digits) - set(lookalikes()) - SPECKS)


def ink(text: str, *, sure: float = 0.999, others: dict[int, str] | None = None) -> Sighting:
    """A sighting of `text`; at `others` a second character shares what is left."""
    positions = []
    for i, char in enumerate(text):
        rest = ((others or {})[i], 1 - sure) if i in (others or {}) else None
        chars = ((char, sure), *([rest] if rest else []))
        positions.append(
            Position(tuple(sorted(chars, key=lambda c: -c[1])), i / len(text), (i + 1) / len(text))
        )
    return Sighting("first", tuple(positions))


def bare(text: str) -> str:
    return "".join(text.upper().split())


def decoded(kind: str, text: str) -> Decoded:
    return read(kind_named(kind), ink(text))


def fits(text: str, allowed: list[set[str]]) -> bool:
    """Whether the characters can be had from the positions; blanks and specks may be left out."""
    reached = {0}
    for chars in allowed:
        taken = {at + 1 for at in reached if at < len(text) and text[at] in chars}
        reached = taken | (reached if chars & (SPECKS | {" "}) else set())
    return len(text) in reached


@st.composite
def clear_print(draw: st.DrawFn) -> Sighting:
    """Characters without look-alikes, every one of them clear, with any rivals below that."""
    text = draw(st.text(PLAIN, min_size=1, max_size=14))
    positions = []
    for i, char in enumerate(text):
        sure = draw(st.floats(CLEAR, 1.0))
        rivals = draw(st.lists(st.sampled_from(PLAIN), max_size=3, unique=True))
        rest = [(r, (1 - sure) / max(1, len(rivals))) for r in rivals if r != char]
        positions.append(Position(((char, sure), *rest), i / len(text), (i + 1) / len(text)))
    return Sighting("first", tuple(positions))


@given(kind=st.sampled_from(names()), sighting=clear_print())
def test_no_kind_ever_changes_clear_print(kind: str, sighting: Sighting) -> None:
    found = read(kind_named(kind), sighting)
    assert bare(found.text) == bare(sighting.text)
    assert len(found.candidates) == 1


@given(kind=st.sampled_from(names()), sighting=clear_print(), other=clear_print())
def test_no_witness_ever_changes_clear_print(
    kind: str, sighting: Sighting, other: Sighting
) -> None:
    found = read(kind_named(kind), [sighting, other])
    assert bare(found.text) == bare(sighting.text)
    same = bare(sighting.text) == bare(other.text)
    assert found.agreement == (1.0 if same else -1.0)


@given(
    kind=st.sampled_from(names()),
    text=st.text(string.ascii_letters + string.digits + " .,-/|", max_size=16),
    data=st.data(),
)
def test_what_is_read_is_always_allowed_by_the_ink(
    kind: str, text: str, data: st.DataObject
) -> None:
    others = {
        i: data.draw(st.sampled_from(string.ascii_uppercase + string.digits))
        for i in data.draw(st.sets(st.integers(0, 15), max_size=3))
        if i < len(text)
    }
    sighting = ink(text, sure=data.draw(st.floats(0.51, 0.97)), others=others)
    found = read(kind_named(kind), sighting)
    allowed = []
    for position in sighting.positions:
        chars = {c.upper() for c, _ in position.chars}
        read_as = chars | {c for c, _ in position.chars}
        allowed.append(chars | {t.upper() for c in read_as for t, _ in lookalikes().get(c, ())})
    for candidate in found.candidates:
        assert fits(candidate.text.upper().replace(" ", ""), allowed)
    assert list(found.candidates) == sorted(found.candidates, key=lambda c: -c.score)
    assert sum(found.probabilities) == pytest.approx(1.0 if found.candidates else 0.0)
    assert 0 <= found.margin <= MOST


@given(digits=st.text("0123456789", min_size=10, max_size=10), data=st.data())
def test_twins_of_figures_are_figures_where_only_figures_stand(
    digits: str, data: st.DataObject
) -> None:
    twins = {"0": "O", "1": data.draw(st.sampled_from("Il"))}
    at = data.draw(st.sets(st.integers(0, 9), max_size=3))
    printed = "".join(twins.get(c, c) if i in at else c for i, c in enumerate(digits))
    found = decoded("npi", printed)
    assert found.text == digits
    assert ("kind.lookalike" in found.doubts) == (printed != digits)
    assert found.legal


@pytest.mark.parametrize(
    ("kind", "printed", "text"),
    [
        ("date", "O8 I7 2026", "08 17 2026"),
        ("money", "10778|65", "10778 65"),
        ("money", "lO778.65", "10778.65"),
        ("icd10cm", "SO219XA", "S0219XA"),
        ("icd10cm", "5O219XA", "S0219XA"),
        ("icd10pcs", "OBH17EZ", "0BH17EZ"),
        ("hcpcs", "OO1OO", "00100"),
        ("name", "SM1TH, J0HN", "SMITH, JOHN"),
        ("text", "13O4 MA1N ST APT 2B", "1304 MAIN ST APT 2B"),
        ("text", "SIGNATURE ON FlLE", "SIGNATURE ON FILE"),
        ("identifier", "0534O00", "0534000"),
        ("identifier", "V3143205O7", "V314320507"),
        ("pointer", "A1", "AI"),
        ("pointer", "1", "1"),
        ("modifier", "5O", "50"),
        ("state", "0H", "OH"),
        ("place_of_service", "ll", "11"),
        ("two_places", "AO", "A0"),
        ("npi", ".1036145138", "1036145138"),
        ("tax_id", "45-5558783", "45-5558783"),
    ],
)
def test_look_alikes_are_what_their_kind_and_neighbours_say(
    kind: str, printed: str, text: str
) -> None:
    assert decoded(kind, printed).text == text


@pytest.mark.parametrize(
    ("kind", "printed"),
    [
        ("npi", "10K6145138"), ("npi", "103614513"), ("date", "13 45 26"), ("date", "AB CD EF"),
        ("money", "12K45"), ("icd10cm", "25000"), ("hcpcs", "9921"), ("state", "KK"),
        ("zip", "1234"), ("provider_qualifier", "KN"), ("sex", "K"), ("units", "NONE"),
        ("modifier", "7"), ("pointer", "XY"), ("phone", "555"),
    ],
)  # fmt: skip
def test_errors_on_paper_stay(kind: str, printed: str) -> None:
    found = decoded(kind, printed)
    assert found.text == printed
    assert {"kind.shape", "kind.rare", "kind.check"} & set(found.doubts)


def test_a_torn_reader_is_decided_by_the_kind_by_the_check_digit_and_by_the_witness() -> None:
    torn = ink("1036145130", sure=0.6, others={9: "8"})
    assert read(kind_named("npi"), torn).text == "1036145138"
    either = ink("24", sure=0.55, others={1: "7"})
    assert read(kind_named("units"), either).text == "24"
    assert read(kind_named("units"), [either, ink("27")]).text == "27"
    assert read(kind_named("units"), [either, ink("27")]).agreement == 1.0
    month = ink("08 19 26", sure=0.6, others={0: "9"})
    assert read(kind_named("date"), month).value == "2026-08-19"


def test_a_witness_that_saw_nothing_says_nothing() -> None:
    found = read(kind_named("units"), [ink("24"), Sighting("second", ())])
    assert found.agreement == 0.0


@pytest.mark.parametrize("text", ["", "   ", "..", "-'"])
def test_nothing_is_nothing(text: str) -> None:
    found = decoded("npi", text)
    assert found.text.strip(" .-'") == ""
    assert found.value is None


def test_a_sighting_says_what_it_saw() -> None:
    sighting = ink("AB", sure=0.9, others={1: "8"})
    assert sighting.text == "AB"
    assert sighting.probability == pytest.approx(0.81)
    assert Sighting("first", ()).probability == 1.0
    with pytest.raises(ValueError, match="npi"):
        read(kind_named("npi"), [])


@pytest.mark.parametrize(
    ("kind", "printed", "others", "text"),
    [
        ("icd10cm", "T245195", {6: "S"}, "T24519S"),
        ("icd10cm", "N7O13", {3: "0"}, "N7013"),
        ("state", "OK", {0: "U"}, "OK"),
        ("state", "UK", {0: "O"}, "OK"),
        ("place_of_service", "14", {1: "1"}, "14"),
        ("address_end", "PORTLAND OF 97205", {10: "R"}, "PORTLAND OR 97205"),
    ],
)
def test_tables_weigh_in_where_the_ink_is_open(
    kind: str, printed: str, others: dict[int, str], text: str
) -> None:
    assert read(kind_named(kind), ink(printed, sure=0.75, others=others)).text == text


@pytest.mark.parametrize("kind", ["hcpcs", "hcpcs_rate"])
def test_no_procedure_begins_with_a_nought_but_anesthesia(kind: str) -> None:
    assert read(kind_named(kind), ink("04550", sure=0.9, others={0: "A"})).text == "A4550"
    assert read(kind_named(kind), ink("00150", sure=0.9, others={0: "D"})).text == "00150"
    clear = decoded(kind, "04550")
    assert clear.text == "04550"
    assert "kind.rare" in clear.doubts
