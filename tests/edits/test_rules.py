"""Every rule: a claim that breaks it, and one that nearly does (cases/*.toml)."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from codes.tables import Tables
from edits.check import Context, run
from edits.duplicates import fingerprint
from edits.entries import entries
from edits.paper import Paper
from edits.profile import parse
from edits.registry import Case
from edits.resources import Request
from edits.rosters import Rosters
from models.reading import Finding
from tests.edits.base import CASES, CONTEXT, TODAY, base, changed, readings

#: rules about the paper itself: tests of their own in test_documents.py
OF_THE_PAPER = frozenset(
    {"D001", "D002", "D003", "D004", "D005", "D006", "D007", "D008", "D009", "D010", "D011",
     "D013", "D014", "D015", "D016", "D017", "D018", "D019", "C015",
     "C017"}
)  # fmt: skip
TABLES = {
    "bill_type": "0131,,,",
    "claim_codes": "W2,,,",
    "condition": "07,,,",
    "discharge_status": "01,,,",
    "hcpcs": "J1885,,,\n99213,,,\n80053,,,\nJ1000,2020-01-01,2026-06-30,",
    "icd10cm": "Z9997,2026-01-01,,\nE10,2026-01-01,,",
    "icd10pcs": "0FT44Z0,2024-10-01,,\n0FT44ZZ,,,",
    "modifier": "LT,,,",
    "occurrence": "11,,,",
    "occurrence_span": "71,,,",
    "poa_exempt": "I252,,,",
    "revenue": "0300,,,\n0510,,,",
    "taxonomy": "282N00000X,,,",
    "value": "50,,,\n80,,,\n01,,,",
}
MEMBERS = """\
id,last,first,birth_date,sex,covered_from,covered_to,died
XYZ123456789,Doe,Jane,1966-03-14,F,2026-01-01,2026-12-31,
LATE1,Roe,Anna,1940-05-06,F,2020-01-01,,2026-09-13
"""
PROVIDERS = """\
npi,name,tax_id,organisation,may_order
1245319599,Poe Medical Group PC,12-3456789,yes,no
1003000126,Paul Poe,98-7654321,no,yes
1234567893,Anna Roe,,no,yes
2245319597,Someone Else,,no,no
"""
STRICT = """\
name = "strict"
[options]
one_place_of_service = true
split_years = true
authorized_bills = ["11"]
[[procedures]]
codes = ["G0101"]
ages = [18, 120]
places = ["11", "22"]
diagnoses = ["Z0141", "Z12"]
revenue = ["051"]
authorization = true
document = "medical_record"
[[procedures]]
codes = ["J0000-J9999"]
ndc = true
"""


class KnownClaims:
    """A history that has seen the clean CMS-1500, and one number."""

    def __init__(self) -> None:
        form, texts = base("cms1500")
        paper = Paper(form, readings(form, texts), CONTEXT.emptiness())
        self._mark = fingerprint(Case(paper, CONTEXT))

    def has(self, number: str) -> bool:
        return number == "26100P00000017"

    def same(self, fingerprint: str) -> str | None:
        return "26100P00000017" if fingerprint == self._mark else None


@pytest.fixture(scope="module")
def contexts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Context]:
    """What is known beside the form, by the name that cases use."""
    folder: Path = tmp_path_factory.mktemp("edits")
    tables, rosters = Tables(folder / "codes.db"), Rosters(folder / "rosters.db")
    for name, rows in TABLES.items():
        file = folder / f"{name}.csv"
        file.write_text(f"code,valid_from,valid_to,text\n{rows}\n", encoding="utf-8")
        tables.load(name, file)
    for name, text in (("member", MEMBERS), ("provider", PROVIDERS)):
        file = folder / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        rosters.load(name, file)

    def with_(**known: Any) -> Context:
        return dataclasses.replace(CONTEXT, **known)

    return {
        "": CONTEXT,
        "tables": with_(tables=tables),
        "rosters": with_(members=rosters.members(), providers=rosters.providers()),
        "history": with_(history=KnownClaims()),
        "nothing attached": with_(attachments=()),
        "eob attached": with_(attachments=("eob",)),
        "strict profile": with_(profile=parse(STRICT), attachments=()),
        "no facility asked": with_(profile=parse('name = "p"\n[rules.P014]\non = false')),
        "overdue": with_(request=Request(due=TODAY.replace(day=22))),
        "answered wrongly": with_(request=Request(due=TODAY, answer="wrong")),
        "answered unreadably": with_(request=Request(due=TODAY, answer="unreadable")),
    }


def _cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.toml")):
        if path.stem == "base":
            continue
        for rule, cases in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for at, case in enumerate(cases):
                name = f"{rule}-{case.get('variant', '')}-{at}"
                found.append(pytest.param(rule, case, id=name))
    return found


CASES_OF_RULES = _cases()


def findings(case: Mapping[str, Any], which: str, context: Context, rule: str) -> list[Finding]:
    """What the rule says of the claim of a case."""
    form, texts = changed(case.get("on", "cms1500"), case[which])
    outcome = run(form, readings(form, texts), context)
    assert rule not in outcome.not_run
    return [finding for finding in outcome.findings if finding.rule == rule]


def said_by(rule: str, variant: str) -> Callable[[Finding], bool]:
    """Whether a finding is in the words of a variant."""
    wording = entries()[rule].wordings[variant]
    pattern = re.sub(r"\\{\w+\\}", ".+", re.escape(wording.message))
    words = re.compile(pattern, re.IGNORECASE)
    return lambda found: (
        words.fullmatch(found.message) is not None and found.codes == dict(wording.codes)
    )


@pytest.mark.parametrize("name", ["cms1500", "outpatient", "inpatient"])
def test_a_claim_with_nothing_wrong_has_no_finding(name: str) -> None:
    form, texts = base(name)
    assert run(form, readings(form, texts), CONTEXT).findings == []


@pytest.mark.parametrize(("rule", "case"), CASES_OF_RULES)
def test_a_rule_fires_where_it_is_broken_and_not_where_it_nearly_is(
    rule: str, case: Mapping[str, Any], contexts: Mapping[str, Context]
) -> None:
    given = contexts[case.get("given", "")]
    broken = findings(case, "breaks", given, rule)
    if case.get("unbroken"):
        assert not broken
        return
    mine = [found for found in broken if found.fields == case["at"]]
    assert mine, broken
    assert said_by(rule, case.get("variant", ""))(mine[0])
    assert mine[0].cause == case.get("cause", "provider")
    assert mine[0].severity == entries()[rule].wordings[case.get("variant", "")].severity
    near = contexts[case.get("nearly_given", case.get("given", ""))]
    nearly = findings(case, "nearly", near, rule)
    assert not [found for found in nearly if found.fields == case["at"]], nearly


def test_every_variant_of_every_rule_has_a_case() -> None:
    tested = {(param.values[0], param.values[1].get("variant", "")) for param in CASES_OF_RULES}
    everything = {
        (rule, variant)
        for rule, entry in entries().items()
        for variant in entry.wordings
        if rule not in OF_THE_PAPER
    }
    # the plain wording of a rule may only be what its variants are changes of
    only_variants = {"P004", "P005", "P006"}
    assert {
        each for each in everything - tested if not (each[0] in only_variants and not each[1])
    } == set()
