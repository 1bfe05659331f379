from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.evidence import MOST, weigh
from extractors.kinds.decode import CLEAR, Decoded, read
from extractors.kinds.lookalikes import lookalikes
from extractors.kinds.table import kind_for
from extractors.sighting import Position, Sighting
from forms.layout import layout
from models.page import Form

PLAIN = sorted(set(string.ascii_uppercase + string.digits) - set(lookalikes()))
FIELDS = {
    form: [f.id for f in layout(form).fields.values() if not f.choices]
    for form in (Form.CMS1500, Form.UB04)
}


def torn(form: Form, field: str, text: str, sure: float, **others: str) -> Decoded:
    """A field that reads `text`; `p3="8"`: the fourth character may as well be an 8."""
    positions = []
    for i, char in enumerate(text):
        rival = others.get(f"p{i}")
        chars = [(char, sure), (rival, 1 - sure)] if rival else [(char, 0.999)]
        positions.append(Position(tuple(chars), i / len(text), (i + 1) / len(text)))
    return read(kind_for(form, field), Sighting("first", tuple(positions)))


def clear(form: Form, field: str, text: str) -> Decoded:
    return torn(form, field, text, 0.999)


def test_a_sum_that_comes_out_chooses_the_reading_that_makes_it() -> None:
    form = Form.CMS1500
    fields = {
        "24.1.charges": clear(form, "24.1.charges", "120 50"),
        "24.2.charges": torn(form, "24.2.charges", "38 00", 0.7, p0="8"),
        "28": clear(form, "28", "208 50"),
    }
    assert fields["24.2.charges"].text == "38 00"
    found = weigh(form, fields)
    assert found["24.2.charges"].decoded.value == "88.00"
    assert {f: w.support for f, w in found.items()} == dict.fromkeys(fields, 1)


def test_a_sum_that_cant_come_out_changes_nothing_and_contradicts() -> None:
    form = Form.UB04
    fields = {
        "47.1": clear(form, "47.1", "120 55"),
        "47.2": torn(form, "47.2", "33 00", 0.7, p0="8"),
        "47.23": clear(form, "47.23", "999 99"),
    }
    found = weigh(form, fields)
    assert {f: w.decoded.text for f, w in found.items()} == {f: d.text for f, d in fields.items()}
    assert {w.support for w in found.values()} == {-1}


def test_a_total_of_several_pages_contradicts_nobody() -> None:
    form = Form.UB04
    fields = {
        "47.1": clear(form, "47.1", "120 55"),
        "43.23.of": clear(form, "43.23.of", "2"),
        "47.23": clear(form, "47.23", "999 99"),
    }
    assert weigh(form, fields)["47.1"].support == 0


def test_long_columns_of_open_readings_still_find_their_sum() -> None:
    form = Form.UB04
    fields = {f"47.{n}": torn(form, f"47.{n}", f"{n}38 77", 0.6, p2="3") for n in range(1, 10)}
    true = {n: 100 * (100 * n + (33 if n % 2 else 38)) + 77 for n in range(1, 10)}
    total = sum(true.values())
    fields["47.23"] = clear(form, "47.23", f"{total // 100} {total % 100:02d}")
    found = weigh(form, fields)
    amounts = [found[f"47.{n}"].decoded.value for n in range(1, 10)]
    assert sum(round(float(a or 0) * 100) for a in amounts) == total
    assert {w.support for w in found.values()} == {1}


def test_what_is_repeated_clearly_decides_what_is_open() -> None:
    form = Form.CMS1500
    fields = {
        "2": clear(form, "2", "KAHN, WAYNE"),
        "4": torn(form, "4", "KAHM, WAYNE", 0.6, p3="N"),
        "24.1.from": clear(form, "24.1.from", "08 19 26"),
        "24.1.to": torn(form, "24.1.to", "08 13 26", 0.6, p4="9"),
        "33a": clear(form, "33a", "1234567893"),
        "24.1.rendering_npi": torn(form, "24.1.rendering_npi", "1234567393", 0.55, p7="8"),
    }
    found = weigh(form, fields)
    assert found["4"].decoded.text == "KAHN, WAYNE"
    assert found["24.1.to"].decoded.value == "2026-08-19"
    assert found["24.1.rendering_npi"].decoded.text == "1234567893"
    assert {w.support for w in found.values()} == {1}


def test_two_clear_texts_that_nearly_repeat_stay_and_are_doubted() -> None:
    form = Form.CMS1500
    fields = {
        "24.1.from": clear(form, "24.1.from", "08 19 26"),
        "24.1.to": clear(form, "24.1.to", "08 13 26"),
    }
    found = weigh(form, fields)
    assert [w.decoded.text for w in found.values()] == ["08 19 26", "08 13 26"]
    assert {w.support for w in found.values()} == {-1}


def test_a_pointer_points_at_a_diagnosis_that_is_there() -> None:
    form = Form.CMS1500
    fields = {
        "21.A": clear(form, "21.A", "M6598"),
        "21.B": clear(form, "21.B", "F458"),
        "24.1.pointer": torn(form, "24.1.pointer", "AE", 0.6, p1="B"),
        "24.2.pointer": clear(form, "24.2.pointer", "K"),
    }
    found = weigh(form, fields)
    assert found["24.1.pointer"].decoded.text == "AB"
    assert found["24.1.pointer"].support == 1
    assert found["24.2.pointer"].decoded.text == "K"
    assert found["24.2.pointer"].support == -1


def test_a_line_date_lies_within_the_statement() -> None:
    form = Form.UB04
    fields = {
        "6.from": clear(form, "6.from", "071926"),
        "6.thru": clear(form, "6.thru", "072326"),
        "45.1": torn(form, "45.1", "072726", 0.6, p3="1"),
    }
    assert weigh(form, fields)["45.1"].decoded.value == "2026-07-21"


def test_a_date_is_mostly_of_the_year_of_the_others() -> None:
    form = Form.CMS1500
    fields = {f"24.{n}.from": clear(form, f"24.{n}.from", "08 19 26") for n in (1, 2, 3)}
    fields["31.date"] = torn(form, "31.date", "09 02 2020", 0.8, p9="6")
    fields["12.date"] = clear(form, "12.date", "09 03 2020")
    found = weigh(form, fields)
    assert found["31.date"].decoded.value == "2026-09-02"
    assert found["12.date"].decoded.value == "2020-09-03"
    assert found["12.date"].support == -1


def test_an_account_number_may_start_like_the_name() -> None:
    form = Form.CMS1500
    fields = {
        "2": clear(form, "2", "SOTO, MARY"),
        "26": torn(form, "26", "SOT07087", 0.8, p3="O"),
    }
    assert weigh(form, fields)["26"].decoded.text == "SOTO7087"


def test_the_odd_one_out_of_a_column_is_doubted() -> None:
    fields = {
        f"42.{n}": clear(Form.UB04, f"42.{n}", code)
        for n, code in enumerate(["0120", "0250", "0300", "430", "0636"], start=1)
    }
    found = weigh(Form.UB04, fields)
    assert [w.support for w in found.values()] == [0, 0, 0, -1, 0]


@pytest.mark.parametrize(("total", "support"), [("30200", 1), ("30300", -1)])
def test_an_amount_printed_otherwise_than_its_column_is_doubted_unless_a_sum_bears_it_out(
    total: str, support: int
) -> None:
    texts = {"24.1.charges": "100 50", "24.2.charges": "101 50", "24.3.charges": "100 00"}
    texts |= {"28": total, "29": "20 00"}
    fields = {f: clear(Form.CMS1500, f, text) for f, text in texts.items()}
    assert weigh(Form.CMS1500, fields)["28"].support == support


@settings(max_examples=60)
@given(data=st.data(), form=st.sampled_from(sorted(FIELDS)))
def test_clear_print_is_never_changed_by_its_neighbours(data: st.DataObject, form: Form) -> None:
    chosen = data.draw(
        st.lists(st.sampled_from(FIELDS[form]), min_size=2, max_size=12, unique=True)
    )
    fields = {}
    for field in chosen:
        text = data.draw(st.text(PLAIN, min_size=1, max_size=8))
        rivals = {f"p{i}": data.draw(st.sampled_from(PLAIN)) for i in range(len(text))}
        sure = data.draw(st.floats(CLEAR, 1.0))
        fields[field] = torn(form, field, text, sure, **rivals)
    found = weigh(form, fields)
    assert {f: w.decoded.text for f, w in found.items()} == {f: d.text for f, d in fields.items()}


@given(
    texts=st.lists(st.text("0123456789", min_size=4, max_size=6), min_size=3, max_size=6),
    data=st.data(),
)
def test_neighbours_move_no_score_by_more_than_their_bound(
    texts: list[str], data: st.DataObject
) -> None:
    form = Form.UB04
    fields = {
        f"47.{n}": torn(form, f"47.{n}", text, data.draw(st.floats(0.5, 0.9)), p0="8")
        for n, text in enumerate([*texts, "123456"][:-1], start=1)
    }
    fields["47.23"] = clear(form, "47.23", "123456")
    for field, weighed in weigh(form, fields).items():
        before = {c.key: c.score for c in fields[field].candidates}
        after = {c.key: c.score for c in weighed.decoded.candidates}
        assert before.keys() == after.keys()
        assert all(abs(after[k] - before[k]) <= MOST + 1e-9 for k in before)
        assert weighed.decoded.probability == pytest.approx(weighed.decoded.probabilities[0])
