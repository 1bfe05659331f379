"""Check digits and shapes of identifiers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codes import mbi, npi, shapes, states, tax, zips

_BODY = st.from_regex(r"[12][0-9]{8}", fullmatch=True)


def whole(body: str) -> str:
    """Nine figures with the check digit that belongs to them."""
    return next(body + figure for figure in "0123456789" if npi.checks(body + figure))


@pytest.mark.parametrize("number", ["1234567893", "1003000126", "1245319599"])
def test_published_npis_are_valid(number: str) -> None:
    assert npi.valid(number)


@given(_BODY, st.integers(0, 9), st.integers(1, 9))
def test_any_single_wrong_figure_is_seen(body: str, place: int, more: int) -> None:
    number = whole(body)
    wrong = str((int(number[place]) + more) % 10)
    assert npi.checks(number)
    assert not npi.checks(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("text", ["", "123456789", "12345678931", "123456789O", "\u0661234567893"])
def test_what_is_no_npi(text: str) -> None:
    assert not npi.valid(text)


def test_an_npi_starts_with_one_or_two() -> None:
    assert npi.checks("3245319595")
    assert not npi.valid("3245319595")


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ("1EG4TE5MK73", True),
        ("9AA0AA0AA00", True),
        ("0EG4TE5MK73", False),
        ("1SG4TE5MK73", False),
        ("1EG4TE5MK7", False),
        ("1EG4TE5M573", False),
        ("1EG4-TE5-MK73", False),
    ],
)
def test_the_shape_of_a_medicare_number(text: str, *, fine: bool) -> None:
    assert mbi.valid(text) is fine


@pytest.mark.parametrize(
    ("number", "ein", "ssn", "itin"),
    [
        ("123456789", True, True, False),
        ("071234567", False, True, False),
        ("666123456", True, False, False),
        ("900701234", True, False, True),
        ("900661234", True, False, False),
        ("123006789", True, False, False),
        ("123450000", True, False, False),
        ("12345678", False, False, False),
    ],
)
def test_tax_numbers(number: str, *, ein: bool, ssn: bool, itin: bool) -> None:
    assert (tax.ein(number), tax.ssn(number), tax.itin(number)) == (ein, ssn, itin)


@pytest.mark.parametrize("code", ["NY", "DC", "PR", "GU", "AE", "FM"])
def test_states_and_what_mail_takes_for_one(code: str) -> None:
    assert states.known(code)


@pytest.mark.parametrize("code", ["", "NQ", "ny", "N"])
def test_what_is_no_state(code: str) -> None:
    assert not states.known(code)


def test_zips_lie_in_their_states() -> None:
    assert zips.fits("122031234", "NY")
    assert zips.fits("06390", "NY")
    assert zips.fits("06390", "CT")
    assert not zips.fits("90210", "NY")
    assert not zips.states("00000")
    assert [zips.shaped(text) for text in ("12203", "12203-1234", "122031234", "1220")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_our_zips_are_those_of_the_list_they_come_from() -> None:
    import zipcodes  # noqa: PLC0415 - a big list, only here

    everything = zipcodes.list_all()  # type: ignore[no-untyped-call]  # ships no types
    assert all(zips.fits(each["zip_code"], each["state"]) for each in everything)


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (shapes.hcpcs, ["99213", "0042T", "J1885", "0001U"], ["W1234", "9921", "99213A", "Z0000"]),
        (shapes.modifier, ["LT", "59", "X1"], ["L", "LTX", "L."]),
        (shapes.hipps, ["1AA1A"], ["1AA1"]),
        (shapes.revenue, ["0001", "0300", "3109"], ["0000", "300", "3110", "03A0"]),
        (shapes.bill_type, ["0131", "131", "011A"], ["01", "0031", "1131", "01311"]),
        (shapes.taxonomy, ["207Q00000X", "261QM1300X"], ["207Q00000Y", "207Q0000X"]),
        (shapes.clia, ["33D1234567"], ["33C1234567", "33D123456"]),
        (shapes.drg, ["470", "0470"], ["47", "47A"]),
    ],
)
def test_shapes(check: object, right: list[str], wrong: list[str]) -> None:
    assert callable(check)
    assert [each for each in right if not check(each)] == []
    assert [each for each in wrong if check(each)] == []


def test_a_drug_in_its_parts() -> None:
    assert shapes.ndc("N412345678901 ML1.5") == ("12345678901", "ML", "1.5")
    assert shapes.ndc("N412345678901UN30") == ("12345678901", "UN", "30")
    assert shapes.ndc("N412345678901") == ("12345678901", "", "")
    assert shapes.ndc("N41234567890") is None
    assert shapes.ndc("N4 12345678901 ML .5") == ("12345678901", "ML", ".5")
    assert shapes.ndc("ZZ INFUSION   N412345678901 UN2") == ("12345678901", "UN", "2")


def test_a_figure_too_many_is_never_cut_off_a_drug() -> None:
    assert shapes.ndc("N4123456789012 UN2") is None
    assert shapes.ndc("N412345678901 UN123456789") == ("12345678901", "", "")
    assert shapes.ndc("N412345678901 ML1.2345") == ("12345678901", "", "")
