"""What came with a claim and says something else than the claim."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from edits.check import run
from models.page import Form
from models.reading import DocumentReading, Entity, Finding, KindGuess
from tests.edits.base import CONTEXT, base, changed, readings


def paper(kind: str, *said: tuple[str, str], confidence: float = 0.99) -> DocumentReading:
    entities = [
        Entity(label=label, text=text, value=text, confidence=confidence, page=2, box=(0, 0, 9, 9))
        for label, text in said
    ]
    return DocumentReading(
        form=Form.ATTACHMENT,
        kind=kind,
        pages=[2],
        status="information",
        entities=entities,
        kinds=[KindGuess(kind="eob" if kind == "other" else kind, probability=0.7)],
    )


def found(
    rule: str, *papers: DocumentReading, on: str = "cms1500", changes: dict[str, str] | None = None
) -> list[Finding]:
    form, texts = changed(on, changes or {})
    outcome = run(form, readings(form, texts), dataclasses.replace(CONTEXT, papers=papers))
    assert rule not in outcome.not_run
    return [finding for finding in outcome.findings if finding.rule == rule]


def texts(on: str = "cms1500") -> dict[str, str]:
    return dict(base(on)[1])


def test_another_patient_is_a_finding_and_a_misread_one_is_not() -> None:
    (other,) = found("D014", paper("progress_note", ("patient", "QUIGLEY OSCAR")))
    assert (other.fields, other.cause, other.severity) == (["2"], "provider", "pend")
    doubtful = paper("progress_note", ("patient", "QUIGLEY OSCAR"), confidence=0.8)
    assert found("D014", doubtful)[0].cause == "capture"
    name = texts()["2"].replace(",", "")
    assert not found("D014", paper("progress_note", ("patient", name)))
    assert not found("D014", paper("progress_note", ("patient", name[:-1] + "X")))
    assert not found("D014", paper("progress_note", ("date_of_service", "2026-01-01")))


def test_who_shares_the_birth_or_the_card_is_no_other_patient() -> None:
    born = readings(*_form(texts()))["3.birth_date"].value or ""
    assert not found("D014", paper("eob", ("patient", "QUIGLEY O"), ("birth_date", born)))
    member = texts()["1a"]
    assert not found("D014", paper("eob", ("patient", "QUIGLEY OSCAR"), ("member_id", member)))
    sibling = (("patient", "QUIGLEY OSCAR"), ("member_id", member), ("birth_date", "2011-01-01"))
    assert found("D014", paper("eob", *sibling))


def _form(of: dict[str, str]) -> tuple[Form, dict[str, str]]:
    return Form.CMS1500, of


@pytest.mark.parametrize(
    ("kind", "days", "wrong"),
    [
        ("operative_note", ("2019-01-01",), True),
        ("progress_note", ("{day}",), False),
        ("discharge_summary", ("2019-01-01", "2030-01-01"), False),
        ("laboratory_report", ("2019-01-01",), False),
        ("eob", ("2019-01-01", "{day}"), False),
    ],
)
def test_days_outside_of_the_service_are_a_finding(
    kind: str, days: tuple[str, ...], *, wrong: bool
) -> None:
    day = readings(*_form(texts()))["24.1.from"].value or ""
    said = [("date_of_service", each.format(day=day)) for each in days]
    assert bool(found("D015", paper(kind, *said))) is wrong


def test_an_authorization_has_to_cover_the_days_and_a_service() -> None:
    line = readings(*_form(texts()))
    day, code = line["24.1.from"].value or "", line["24.1.procedure"].value or ""
    days = (("authorization_from", "2019-01-01"), ("authorization_to", "2019-02-01"))
    (late,) = found("D016", paper("prior_authorization", *days))
    assert late.fields == ["24.1.from"]
    assert late.codes["carc"] == "197"
    covered = (("authorization_from", day), ("authorization_to", "2030-01-01"))
    assert not found("D016", paper("prior_authorization", *covered, ("procedure", code)))
    (other,) = found("D016", paper("prior_authorization", *covered, ("procedure", "E0601")))
    assert other.codes["carc"] == "198"
    assert not found("D016", paper("progress_note", *days))


def test_amounts_paid_have_to_agree_with_the_explanation() -> None:
    eob = paper("eob", ("paid", "40.00"), ("paid", "22.50"), ("paid", "62.50"))
    paid: dict[str, Any] = {"29": "62 50"}
    assert not found("D017", eob, changes=paid)
    assert not found("D017", eob, changes={"29": "40 00"})
    (wrong,) = found("D017", eob, changes={"29": "99 00"})
    assert (wrong.fields, wrong.cause) == (["29"], "provider")
    assert "29" in wrong.message
    assert not found("D017", paper("progress_note", ("paid", "1.00")), changes={"29": "99 00"})
    assert not found("D017", eob, changes={"29": ""})


def test_of_a_remittance_for_many_the_claims_own_part_counts() -> None:
    name, day = texts()["2"], readings(*_form(texts()))["24.1.from"].value or ""
    mine = (("patient", name), ("date_of_service", day), ("paid", "62.50"))
    other = (("patient", "QUIGLEY OSCAR"), ("date_of_service", "2019-01-01"), ("paid", "10.00"))
    many = paper("eob", *other, *mine)
    assert not found("D017", many, changes={"29": "62 50"})
    (wrong,) = found("D017", many, changes={"29": "10 00"})
    # whose line it is may be mistaken
    assert wrong.cause == "capture"
    assert not found("D014", many)
    assert not found("D015", many)
    assert not found("D015", paper("eob", ("patient", name), *other))
    late = paper("eob", ("patient", name), ("date_of_service", "2019-01-01"), *other)
    assert found("D015", late)[0].cause == "capture"
    strangers = paper("eob", *other, ("patient", "PRICE ANNA"))
    assert not found("D017", strangers, changes={"29": "99 00"})


def test_an_amount_that_may_have_been_paid_is_held_against_nobody() -> None:
    eob = paper("eob", ("paid", "40.00"), ("paid", "22.50"))
    (guess,) = paper("eob", ("paid", "99.00"), confidence=0.45).entities
    doubtful = eob.model_copy(update={"entities": [*eob.entities, guess]})
    assert not found("D017", doubtful, changes={"29": "99 00"})
    (wrong,) = found("D017", doubtful, changes={"29": "98 00"})
    assert wrong.cause == "provider"


def test_prior_payments_of_a_ub04_have_to_agree_too() -> None:
    eob = paper("eob", ("paid", "40.00"))
    assert found("D017", eob, on="outpatient", changes={"54A": "41 00"})
    assert not found("D017", eob, on="outpatient", changes={"54A": "40 00"})


def test_a_paper_that_nobody_can_tell_is_looked_at() -> None:
    (unknown,) = found("D018", paper("other"))
    assert unknown.cause == "capture"
    assert not found("D018", paper("eob"))


@pytest.mark.parametrize(
    ("text", "came", "missing"),
    [
        ("PWK EB BM 1234", (), True),
        ("PWK EB BM 1234", ("progress_note",), True),
        ("PWK EB BM 1234", ("eob",), False),
        ("PWKM1AA", ("operative_note",), False),
        ("RECORDS ENCLOSED", (), True),
        ("RECORDS ENCLOSED", ("referral",), False),
        ("LAST SEEN IN MAY", (), False),
    ],
)
def test_what_the_claim_promises_has_to_come(
    text: str, came: tuple[str, ...], *, missing: bool
) -> None:
    form, known = changed("cms1500", {"19": text})
    context = dataclasses.replace(CONTEXT, attachments=came)
    rules = {finding.rule for finding in run(form, readings(form, known), context).findings}
    assert ("D008" in rules) is missing
