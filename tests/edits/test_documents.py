"""Rules about the paper itself, and what is known beside the form."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from typing import Any

import pytest

from edits.check import Context, run
from edits.profile import parse
from edits.resources import Request
from models.page import MORE, Form
from models.reading import Batch, Finding, PageFacts
from tests.edits.base import CONTEXT, base, changed, reading, readings

OURS = parse('name = "ours"\n[options]\nour_names = ["EXAMPLE HEALTH"]\noriginals = true\n')
#: inches to pixels at 100 dpi
_PLAIN = [[100.0, 0.0, 0.0], [0.0, 100.0, 0.0], [0.0, 0.0, 1.0]]


def page(**facts: Any) -> PageFacts:
    known: dict[str, Any] = {
        "number": 1, "width": 850, "height": 1100, "method": "rules", "quality": 0.9,
        "form_confidence": 0.99,
    }  # fmt: skip
    return PageFacts.model_validate(known | facts)


def with_(**known: Any) -> Context:
    return dataclasses.replace(CONTEXT, **known)


def found(rule: str, context: Context, name: str = "cms1500", **changes: str) -> list[Finding]:
    form, texts = changed(name, changes)
    outcome = run(form, readings(form, texts), context)
    assert rule not in outcome.not_run
    return [finding for finding in outcome.findings if finding.rule == rule]


@pytest.mark.parametrize("form", [Form.CMS1500_0805, Form.UB92])
def test_an_old_form_is_rejected_where_it_is_surely_one(form: Form) -> None:
    (sure,) = run(form, {}, with_(pages=(page(),))).findings
    assert (sure.rule, sure.severity, sure.cause) == ("D001", "reject", "provider")
    (doubtful,) = run(form, {}, with_(pages=(page(form_confidence=0.6),))).findings
    assert doubtful.cause == "capture"


def test_a_copy_is_warned_of_where_originals_are_wanted() -> None:
    (warned,) = found("D002", with_(copies=(1,), profile=OURS))
    assert warned.severity == "warn"
    assert not found("D002", with_(copies=(), profile=OURS))


def test_a_page_that_could_not_be_laid_is_nobodys_error_yet() -> None:
    (unlaid,) = found("D003", with_(pages=(page(method="none"),)))
    assert unlaid.cause == "capture"
    (empty,) = run(Form.CMS1500, {}, CONTEXT).findings[:1]
    assert (empty.rule, empty.cause) == ("D003", "capture")
    assert not found("D003", with_(pages=(page(method="print"),)))


def test_another_paper_beside_the_form_is_looked_for_by_a_person() -> None:
    (more,) = found("D019", with_(pages=(page(doubts=[MORE]),)))
    assert (more.cause, more.severity, more.fields) == ("capture", "pend", [])
    assert not found("D003", with_(pages=(page(doubts=[MORE]),)))
    assert found("D003", with_(pages=(page(doubts=[MORE, "reader.failed"]),)))
    assert not found("D019", with_(pages=(page(),)))


#: a service line of an outpatient's bill
_LINE = {"42": "0300", "43": "LABORATORY", "44": "80053", "46": "1", "47": "10 00"}


def _two_pages(**second: str) -> list[Finding]:
    form, texts = changed("outpatient", {"43.23.of": "2"})
    head = {name: texts[name] for name in ("3a", "4", "8b", "56")}
    more = {f"{name}#2": text for name, text in (head | second).items() if text}
    context = with_(pages=(page(), page(number=2)))
    outcome = run(form, readings(form, texts | more), context)
    return [finding for finding in outcome.findings if finding.rule == "D004"]


def test_pages_that_belong_together_are_all_there() -> None:
    assert not _two_pages(**{"43.23.page": "2", "43.23.of": "2"})


def test_a_page_is_missing() -> None:
    (missing,) = _two_pages(**{"43.23.page": "2", "43.23.of": "3"})
    assert missing.fields == ["43.23.page#2", "43.23.of#2"]


def test_a_page_came_twice() -> None:
    assert _two_pages(**{"43.23.page": "1", "43.23.of": "2"})


@pytest.mark.parametrize(
    "gone",
    [
        {"47.23": "999 00"},
        {"48.23": "999 00"},
        {"42.23": "", "47.23": ""},
        {f"{column}.{n}": text for n in range(1, 23) for column, text in _LINE.items()}
        | {"42.23": "", "47.23": ""},
    ],
)
def test_where_a_page_is_missing_no_total_is_laid_at_the_provider(gone: dict[str, str]) -> None:
    form, texts = changed("outpatient", gone)
    sums = {"T002", "T003", "T005", "D013"}

    def fired(of: str) -> set[str]:
        said = readings(form, {**texts, "43.23.of": of})
        rules = {finding.rule for finding in run(form, said, CONTEXT).findings}
        return rules & {*sums, "D004"}

    assert fired("1") & sums
    assert fired("2") == {"D004"}


def test_a_page_of_another_claim() -> None:
    (other,) = _two_pages(**{"3a": "OTHER", "43.23.page": "2", "43.23.of": "2"})
    assert other.fields == ["3a", "3a#2"]
    assert "FL 3a and FL 3a, page 2" in other.message


def test_a_batch_has_as_many_pages_as_were_counted() -> None:
    assert found("D005", with_(batch=Batch(scanned=9, counted=10)))
    assert not found("D005", with_(batch=Batch(scanned=10, counted=10)))
    form, texts = base("cms1500")
    uncounted = run(form, readings(form, texts), with_(batch=Batch(scanned=10)))
    assert uncounted.not_run["D005"] == ["counted"]


def test_attachments_in_front_of_the_form() -> None:
    assert found("D006", with_(batch=Batch(scanned=3, leading=1)))
    assert not found("D006", with_(batch=Batch(scanned=3)))


def test_an_attachment_that_says_of_whom_it_is() -> None:
    nameless = run(Form.ATTACHMENT, {}, with_(labels=("amount",))).findings
    assert [finding.rule for finding in nameless] == ["D007"]
    assert run(Form.ATTACHMENT, {}, with_(labels=("member_id",))).findings == []
    assert run(Form.ATTACHMENT, {}, CONTEXT).not_run == {"D007": ["labels"]}


def test_an_announced_attachment_came_along() -> None:
    announced = {"19": "PWK OB BM AC12345"}
    (missing,) = found("D008", with_(attachments=()), **announced)
    assert (missing.fields, missing.codes["carc"]) == (["19"], "163")
    assert not found("D008", with_(attachments=("medical_record",)), **announced)
    assert not found("D008", with_(attachments=()))
    assert found("D008", with_(attachments=()), "outpatient", **{"80.2": "RECORDS ATTACHED"})


def _placed(shift: int) -> list[Finding]:
    """The clean claim, every field drawn in its box, then `shift` pixels lower."""
    from forms.layout import layout  # noqa: PLC0415 - only here

    form, texts = base("cms1500")
    fields = readings(form, texts)
    for name, field in fields.items():
        x0, y0, x1, y1 = (round(100 * inch) for inch in layout(form).fields[name].box)
        box = (x0, y0 + shift, x1, y1 + shift)
        fields[name] = field.model_copy(update={"box": box})
    outcome = run(form, fields, with_(pages=(page(to_scan=_PLAIN),)))
    return [finding for finding in outcome.findings if finding.rule == "D009"]


def test_print_beside_its_boxes_is_a_doubt_of_the_capture() -> None:
    (astray,) = _placed(20)
    assert (astray.cause, astray.severity) == ("capture", "warn")
    assert not _placed(4)


def test_another_payers_claim_is_rejected() -> None:
    (other,) = found("D010", with_(profile=OURS), **{"carrier.1": "ANOTHER PLAN"})
    assert (other.fields, other.codes) == (
        ["carrier.1"],
        {"csc": "A3:116", "carc": "109", "rarc": "N418"},
    )
    assert not found("D010", with_(profile=OURS))
    assert not found("D010", with_(profile=OURS), **{f"carrier.{n}": "" for n in (1, 2, 3)})
    assert found("D010", with_(profile=OURS), "outpatient", **{"50A": "ANOTHER PLAN"})


def test_the_day_of_receipt_can_be_right() -> None:
    late = with_(received=CONTEXT.today + dt.timedelta(days=1))
    assert {f.cause for f in found("D011", late)} == {"capture"}
    assert not found("D011", with_(received=CONTEXT.today))


@pytest.mark.parametrize("zone", ["EAST-14", "WEST+12"])
def test_the_day_is_the_day_here(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At any hour the day of one of these places is not the one of Greenwich."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        day = dt.datetime.now().astimezone().date()
        context = Context(received=day, request=Request(due=day))
    time.tzset()
    assert not found("D011", context)
    assert not found("C013", context)


def test_a_further_page_seems_to_be_missing() -> None:
    form, texts = changed("outpatient", {"42.23": "", "47.23": "", "43.23.*": "", "45.23": ""})
    for n in range(1, 23):
        texts |= {f"42.{n}": "0300", f"44.{n}": "80053", f"47.{n}": "1 00", f"45.{n}": "091426"}
    full = run(form, readings(form, texts), CONTEXT).findings
    assert "D013" in {finding.rule for finding in full}
    texts["42.23"] = "0001"
    told = run(form, readings(form, texts), CONTEXT).findings
    assert "D013" not in {finding.rule for finding in told}


def test_a_critical_field_in_doubt_is_keyed_from_the_image() -> None:
    form, texts = base("cms1500")
    fields = readings(form, texts)
    fields["24.1.charges"] = reading(form, "24.1.charges", "120 00", accepted=False)
    (keyed,) = (f for f in run(form, fields, CONTEXT).findings if f.rule == "C015")
    assert (keyed.fields, keyed.cause) == (["24.1.charges"], "capture")
    fields["24.1.charges"] = reading(form, "24.1.charges", "120 00", doubts=["readers.differ"])
    fields["5.street"] = reading(form, "5.street", "12 MAIN ST", accepted=False)
    assert not [f for f in run(form, fields, CONTEXT).findings if f.rule == "C015"]


def test_ink_that_may_be_print_is_looked_at() -> None:
    read = with_(pages=(page(unsure=["24.6.units", "1a"]),))
    (seen,) = found("C017", read)
    assert (seen.fields, seen.cause, seen.severity) == (["24.6.units"], "capture", "pend")
    assert not found("C017", dataclasses.replace(read, empty=frozenset({"24.6.units"})))


def test_what_lacks_something_is_not_run_and_has_not_passed() -> None:
    form, texts = base("cms1500")
    outcome = run(form, readings(form, texts), dataclasses.replace(CONTEXT, received=None))
    assert outcome.not_run["I005"] == ["members"]
    assert outcome.not_run["S013"] == ["table:hcpcs"]
    assert outcome.not_run["C012"] == ["policy:document", "attachments"]
    assert "D011" in outcome.not_run
    assert "I002" not in outcome.not_run


def test_lines_of_further_pages_count_for_the_total() -> None:
    form, texts = changed("outpatient", {"43.23.of": "2", "47.23": "", "42.23": ""})
    head = {name: texts[name] for name in ("3a", "4", "8b", "56")}
    last = head | {
        "42.1": "0510", "44.1": "99214", "45.1": "091426", "46.1": "1", "47.1": "50 00",
        "42.23": "0001", "43.23.page": "2", "43.23.of": "2", "45.23": "092026", "47.23": "300 00",
    }  # fmt: skip
    texts |= {f"{name}#2": text for name, text in last.items()}
    assert run(form, readings(form, texts), CONTEXT).findings == []
    texts["47.1#2"] = "51 00"
    (total,) = run(form, readings(form, texts), CONTEXT).findings
    assert (total.rule, total.fields) == ("T002", ["47.23#2"])
