"""Capture or provider: no finding is laid at the provider that a doubt could take back."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edits.certainty import cause
from edits.check import Context, check
from edits.entries import entries
from edits.profile import Profile, RuleProfile
from letters.draft import doubted as asks_a_person
from models.page import Form
from models.reading import DocumentReading, FieldReading, Finding, PageFacts
from tests.edits.base import CONTEXT, base, changed, reading, readings
from tests.edits.test_rules import CASES_OF_RULES

_CLAIMS = ("cms1500", "outpatient", "inpatient")
#: claims that break a rule each, as the cases of the rules have them
_BROKEN = [
    (param.values[1].get("on", "cms1500"), param.values[1]["breaks"])
    for param in CASES_OF_RULES
    if not param.values[1].get("given")
]
#: rules that ask what blanks stand for, however surely the characters around them were read
_BLANKS = ("C007", "C008", "I004", "X018")
_SCRIBBLE = (
    "0",
    "1",
    "X",
    "7",
    "12",
    "A1",
    "09 14 26",
    "0001",
    "E119",
    "yes",
    "DOE, JANE",
    "50 00",
)


def key(finding: Finding) -> tuple[str, str, str]:
    """What makes a finding the same one."""
    return finding.rule, finding.fields[0] if finding.fields else "", finding.message


def providers(form: Form, fields: dict[str, FieldReading]) -> set[tuple[str, str, str]]:
    """The findings that a provider would be told."""
    return {key(f) for f in check(form, fields, CONTEXT) if f.cause == "provider"}


@st.composite
def claims(draw: st.DrawFn) -> tuple[Form, dict[str, FieldReading]]:
    """A clean claim made worse by the changes of one to three cases."""
    name = draw(st.sampled_from(_CLAIMS))
    pool = [changes for on, changes in _BROKEN if on == name]
    changes: dict[str, str] = {}
    for more in draw(st.lists(st.sampled_from(pool), min_size=1, max_size=3)):
        changes |= more
    form, texts = changed(name, changes)
    return form, readings(form, texts)


@st.composite
def doubted(draw: st.DrawFn) -> tuple[Form, dict[str, FieldReading], dict[str, FieldReading]]:
    """A claim with some fields in doubt, and the same with those fields read otherwise."""
    form, fields = draw(claims())
    names = draw(st.sets(st.sampled_from(sorted(fields)), min_size=1, max_size=len(fields) // 2))
    other = dict(fields)
    for name in sorted(names):
        noted = draw(st.booleans())
        doubt = {"accepted": noted, "doubts": ["ink.unclear"] if noted else []}
        fields[name] = fields[name].model_copy(update=doubt)
        new = draw(st.sampled_from(_SCRIBBLE))
        if draw(st.booleans()):
            other[name] = reading(form, name, new, **doubt)
        else:
            del other[name]
    return form, fields, other


@settings(max_examples=100, deadline=None)
@given(doubted())
def test_however_doubtful_fields_turn_out_a_provider_error_stays(
    claim: tuple[Form, dict[str, FieldReading], dict[str, FieldReading]],
) -> None:
    form, fields, other = claim
    laid = providers(form, fields)
    stays = {key(f) for f in check(form, other, CONTEXT)}
    assert laid <= stays


def _only(rule: str) -> Context:
    """A context in which one rule runs."""
    off = {other: RuleProfile(on=False) for other in entries() if other != rule}
    return dataclasses.replace(CONTEXT, profile=Profile(name=rule, rules=off))


@pytest.mark.parametrize("on", _CLAIMS)
def test_what_one_field_could_take_back_is_not_told_while_that_field_is_in_doubt(on: str) -> None:
    """Every case of every rule, every field on its own: gone, or something else."""
    for param in CASES_OF_RULES:
        rule, case = param.values
        if case.get("on", "cms1500") != on or case.get("given"):
            continue
        form, texts = changed(on, case["breaks"])
        context, fields = _only(rule), readings(form, texts)
        told = {key(f) for f in check(form, fields, context)}
        for name, field in fields.items():
            without = {k: v for k, v in fields.items() if k != name}
            another = fields | {name: field.model_copy(update={"value": "0", "text": "0"})}
            takes_back = told - {key(f) for f in check(form, without, context)}
            takes_back |= told - {key(f) for f in check(form, another, context)}
            if takes_back:
                doubted = fields | {name: field.model_copy(update={"accepted": False})}
                laid = {key(f) for f in check(form, doubted, context) if f.cause == "provider"}
                assert not takes_back & laid, (rule, name)


@settings(max_examples=60, deadline=None)
@given(claims(), st.data())
def test_a_finding_that_names_a_doubtful_field_is_of_the_capture(
    claim: tuple[Form, dict[str, FieldReading]], data: st.DataObject
) -> None:
    form, fields = claim
    name = data.draw(st.sampled_from(sorted(fields)))
    fields[name] = fields[name].model_copy(update={"accepted": False})
    for finding in check(form, fields, CONTEXT):
        assert finding.cause == "capture" or name not in finding.fields


@settings(max_examples=60, deadline=None)
@given(doubted())
def test_when_a_person_has_settled_everything_no_capture_doubt_is_left(
    claim: tuple[Form, dict[str, FieldReading], dict[str, FieldReading]],
) -> None:
    form, fields, _ = claim
    before = {key(f) for f in check(form, fields, CONTEXT)}
    asked = {found for found in before if found[-1].startswith("(Ours)")}  # of the capture alone
    settled = {
        name: field.model_copy(update={"source": "person", "accepted": True, "doubts": []})
        for name, field in fields.items()
    }
    after = check(form, settled, CONTEXT)
    assert {f.cause for f in after} <= {"provider"}
    told, known = {key(f) for f in after}, before - asked
    assert known <= told
    # what a person was asked about may be wrong on the paper: a blank in an ID
    assert {rule for rule, *_ in told - known} <= {rule for rule, *_ in asked}


@settings(max_examples=60, deadline=None)
@given(doubted())
def test_what_a_person_has_to_settle_is_named(
    claim: tuple[Form, dict[str, FieldReading], dict[str, FieldReading]],
) -> None:
    form, fields, _ = claim
    for finding in check(form, fields, CONTEXT):
        if finding.cause == "capture" and finding.rule not in _BLANKS:
            named = [fields.get(name) for name in finding.fields]
            # an absent one is there to be looked for
            assert any(field is None or not field.accepted or field.doubts for field in named)


@given(st.lists(st.booleans()))
def test_one_doubt_is_enough(certain: list[bool]) -> None:
    assert cause(certain) == ("capture" if False in certain else "provider")


def _page(**facts: object) -> PageFacts:
    known: dict[str, object] = {
        "number": 1,
        "width": 1,
        "height": 1,
        "method": "rules",
        "quality": 0.9,
    }
    return PageFacts.model_validate(known | facts)


@pytest.mark.parametrize(
    ("unread", "cause"), [("24.1.epsdt", "capture"), ("24.6.epsdt", "provider")]
)
def test_what_may_be_print_beside_an_empty_field_may_be_that_fields(
    unread: str, cause: str
) -> None:
    form, texts = changed("cms1500", {"24.1.units": ""})
    context = dataclasses.replace(CONTEXT, pages=(_page(unsure=[unread]),))
    findings = check(form, readings(form, texts), context)
    (missing,) = (f for f in findings if f.fields[:1] == ["24.1.units"])
    assert missing.cause == cause
    # somebody looks at it before anything is asked of a provider
    read = DocumentReading(form=form, pages=[1], status="review", findings=findings)
    assert asks_a_person(read)


def _missing_id(*pages: PageFacts, **known: object) -> Finding:
    form, texts = changed("cms1500", {"1a": ""})
    context = dataclasses.replace(CONTEXT, pages=pages, **known)  # type: ignore[arg-type]  # by name
    (found,) = (f for f in check(form, readings(form, texts), context) if f.rule == "I002")
    return found


def test_emptiness_counts_where_the_page_was_read_well() -> None:
    assert _missing_id(_page()).cause == "provider"
    assert _missing_id(_page(quality=0.3)).cause == "capture"
    assert _missing_id(_page(unsure=["1a"])).cause == "capture"
    assert _missing_id(_page(unsure=["2"])).cause == "provider"


def test_a_person_who_saw_nothing_makes_emptiness_certain() -> None:
    assert _missing_id(_page(quality=0.3), empty=frozenset({"1a"})).cause == "provider"
    assert _missing_id(_page(unsure=["1a"]), empty=frozenset({"1a"})).cause == "provider"


def test_print_that_may_have_strayed_next_door_leaves_emptiness_in_doubt() -> None:
    form, texts = base("cms1500")
    fields = readings(form, {k: v for k, v in texts.items() if k != "24.1.from"})
    (certain,) = (f for f in check(form, fields, CONTEXT) if f.rule == "S002")
    fields["24.1.to"] = reading(
        form, "24.1.to", "09 14 26 09 14 26", accepted=False, doubts=["kind.shape"]
    )
    (unsure,) = (f for f in check(form, fields, CONTEXT) if f.rule == "S002")
    assert (certain.cause, unsure.cause) == ("provider", "capture")


def test_what_nobody_can_read_is_asked_for_once() -> None:
    form, texts = base("cms1500")
    fields = readings(form, texts)
    fields["28"] = reading(form, "28", "150 50", source="person", doubts=["illegible"]).model_copy(
        update={"text": "", "value": None}
    )
    (found,) = check(form, fields, CONTEXT)
    assert (found.rule, found.fields, found.cause) == ("D003", ["28"], "provider")
    assert found.message == "Item 28 cannot be read. Tell us what it says."


def test_a_blank_in_an_identifier_is_the_provider_s_once_a_person_saw_it() -> None:
    form, texts = base("cms1500")
    fields = readings(form, {**texts, "1a": "XYZ 123456789", "23": "A123456 B765432"})
    seen = {
        name: field.model_copy(update={"source": "person"} if name in {"1a", "23"} else {})
        for name, field in fields.items()
    }
    causes = [(f.rule, f.cause) for f in check(form, fields, CONTEXT)]
    assert causes == [("I004", "capture"), ("C007", "capture")]
    assert [(f.rule, f.cause) for f in check(form, seen, CONTEXT)] == [
        ("I004", "provider"), ("C007", "provider"),
    ]  # fmt: skip
