from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.kinds import values
from extractors.kinds.table import kind_for, kind_named
from forms.layout import layout
from models.page import Form

CONTRACT = {
    "date", "money", "npi", "icd10cm", "icd10pcs", "hcpcs", "modifier", "phone", "zip", "state",
    "name", "identifier", "tax_id", "units", "pointer", "code", "text", "signature",
}  # fmt: skip


@pytest.mark.parametrize("form", [Form.CMS1500, Form.UB04])
def test_every_field_of_print_has_a_kind_of_the_contract(form: Form) -> None:
    for field in layout(form).fields.values():
        if not field.choices:
            assert kind_for(form, field.id).group in CONTRACT


def test_the_field_id_tells_the_finer_kind() -> None:
    assert kind_for(Form.CMS1500, "24.3.place_of_service").name == "place_of_service"
    assert kind_for(Form.UB04, "42.7").name == "revenue"
    assert kind_for(Form.UB04, "42.23").name == "total_revenue"
    assert kind_for(Form.UB04, "67B.poa").name == "poa"
    assert kind_for(Form.CMS1500, "21.B").name == "icd10cm"
    assert kind_for(Form.CMS1500, "21.B", icd="9").name == "icd9cm"
    with pytest.raises(KeyError):
        kind_for(Form.CMS1500, "no such field")


@given(
    day=st.dates(dt.date(2001, 1, 1), dt.date(2026, 12, 31)),
    style=st.sampled_from(
        ["%m %d %y", "%m%d%y", "%m/%d/%y", "%m-%d-%y", "%m %d %Y", "%m%d%Y", "%m/%d/%Y", "%m|%d|%y"]
    ),
)
def test_a_date_has_one_normal_form_however_it_is_printed(day: dt.date, style: str) -> None:
    assert kind_named("date").value(day.strftime(style)) == day.isoformat()


@given(day=st.dates(dt.date(1900, 1, 1), dt.date(2026, 1, 1)))
def test_a_birth_is_never_in_the_future(day: dt.date) -> None:
    found = values.any_date(day.strftime("%m%d%y"), birth=True, today=dt.date(2026, 6, 1))
    assert found is not None
    assert found <= dt.date(2026, 6, 1)
    assert (found.year - day.year) % 100 == 0


def test_two_figures_of_a_year() -> None:
    today = dt.date(2026, 6, 1)
    assert values.any_date("010126", birth=False, today=today) == dt.date(2026, 1, 1)
    assert values.any_date("010127", birth=False, today=today) == dt.date(2027, 1, 1)
    assert values.any_date("010199", birth=False, today=today) == dt.date(1999, 1, 1)
    assert values.any_date("060226", birth=True, today=today) == dt.date(1926, 6, 2)


@pytest.mark.parametrize("text", ["13 45 26", "02 30 2026", "1 26", "010203045", "ab cd ef", ""])
def test_what_is_no_date_has_no_value(text: str) -> None:
    assert kind_named("date").value(text) is None


@given(cents=st.integers(100, 9_999_999_99))
def test_money_has_one_normal_form_however_it_is_printed(cents: int) -> None:
    dollars, rest = divmod(cents, 100)
    printed = (
        f"{dollars} {rest:02d}", f"{dollars}.{rest:02d}", f"{dollars}{rest:02d}",
        f"${dollars}.{rest:02d}", f"{dollars:,}.{rest:02d}", f"{dollars}: {rest:02d}",
    )  # fmt: skip
    for text in printed:
        assert kind_named("money").value(text) == f"{dollars}.{rest:02d}"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10778 65", "10778.65"), ("1077865", "10778.65"), ("000", "0.00"), ("0 00", "0.00"),
        ("99200", "992.00"), ("35", "35.00"), ("1,234", "1234.00"), ("1.5", None), ("12X4", None),
        ("-20 00", "-20.00"), ("(20.00)", "-20.00"),
    ],
)  # fmt: skip
def test_amounts_as_papers_have_them(text: str, value: str | None) -> None:
    assert kind_named("money").value(text) == value


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("npi", "123456 7893", "1234567893"), ("npi", "12345", "12345"),
        ("icd10cm", "s52.225g", "S52225G"), ("identifier", "pt-97 006", "PT97006"),
        ("phone", "(585) 364-2959", "5853642959"), ("phone", "585 36", None),
        ("zip", "54405-6964", "544056964"), ("zip", "5440", None),
        ("tax_id", "45-5558783", "455558783"),
        ("units", "001", "1"), ("units", "1.50", "1.5"), ("units", "10", "10"),
        ("units", "X", None),
        ("pointer", "A, B", "AB"), ("hcpcs_rate", "1014.00", "1014.00"),
        ("hcpcs_rate", "1014 00", "1014.00"), ("hcpcs_rate", "99284 25", "9928425"),
        ("hcpcs_rate", "G0378 59", "G037859"), ("name", "DOE,  JANE  Q", "DOE, JANE Q"),
        ("text", "   ", None),
    ],
)  # fmt: skip
def test_normal_forms(kind: str, text: str, value: str | None) -> None:
    assert kind_named(kind).value(text) == value
