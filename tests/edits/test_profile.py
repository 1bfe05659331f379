"""Payer profiles: which rules apply, how severe, in which words."""

from __future__ import annotations

import dataclasses
import datetime as dt
from pathlib import Path

import pytest

from edits.catalogue import rules
from edits.check import Context, check
from edits.profile import ProfileError, Profiles, packaged, parse
from models.reading import Finding
from tests.edits.base import CONTEXT, base, readings


def told(toml: str, **changes: str) -> dict[str, Finding]:
    """The findings of a changed claim under a profile, by rule."""
    form, texts = base("cms1500")
    context = dataclasses.replace(CONTEXT, profile=parse(f'name = "p"\n{toml}'))
    found = check(form, readings(form, dict(texts) | changes), context)
    return {finding.rule: finding for finding in found}


def test_a_profile_turns_rules_off() -> None:
    assert "I032" in told("", **{"26": ""})
    assert told("[rules.I032]\non = false", **{"26": ""}) == {}


def test_a_profile_says_how_severe_and_in_which_words() -> None:
    profile = '[rules.I032]\nseverity = "reject"\nmessage = "{where}: we need a number."'
    found = told(profile, **{"26": ""})["I032"]
    assert (found.severity, found.message) == ("reject", "Item 26: we need a number.")


def test_a_profile_sets_what_rules_leave_to_it() -> None:
    assert "C004" in told("[options]\nfiling_days = 30")
    assert "C004" not in told("[options]\nfiling_days = 90")


@pytest.mark.parametrize(
    ("served", "received", "late"),
    [
        ("03 01 23", dt.date(2024, 3, 1), False),
        ("02 28 23", dt.date(2024, 2, 28), False),
        ("02 28 23", dt.date(2024, 2, 29), True),
        ("02 29 24", dt.date(2025, 2, 28), False),
        ("02 29 24", dt.date(2025, 3, 1), True),
    ],
)
def test_a_year_for_filing_is_one_of_the_calendar(
    served: str, received: dt.date, *, late: bool
) -> None:
    form, texts = base("cms1500")
    days = {f"24.{line}.{end}": served for line in (1, 2) for end in ("from", "to")}
    context = dataclasses.replace(CONTEXT, today=received, received=received)
    found = check(form, readings(form, {**texts, **days}), context)
    assert ("C004" in {finding.rule for finding in found}) is late


def test_what_several_procedures_need_is_asked_for_once() -> None:
    profile = parse('name = "p"\n[[procedures]]\ncodes = ["99213", "J1885"]\nauthorization = true')
    form, texts = base("cms1500")
    context = dataclasses.replace(CONTEXT, profile=profile)
    found = check(form, readings(form, texts), context)
    assert [(finding.rule, finding.cause) for finding in found] == [("C006", "provider")]


def test_policies_are_about_codes_and_ranges() -> None:
    profile = parse(
        'name = "p"\n[[procedures]]\ncodes = ["99281-99285", "G0101"]\nplaces = ["23"]\n'
        '[[procedures]]\ncodes = ["99281"]\nplaces = ["11"]\nsex = "F"\n'
    )
    asked = ["99281", "99283", "99286", "G0101", "9928"]
    said = [profile.policy(code, "places") for code in asked]
    assert said == [{"23"}, {"23"}, None, {"23"}, None]
    assert profile.policy("99281", "sex") == "F"
    assert profile.tells("places")
    assert not profile.tells("ages")


@pytest.mark.parametrize(
    ("toml", "named"),
    [
        ("name = ", "no TOML"),
        ('name = "p"\nnames = []', "names"),
        ('name = "p"\n[rules.Q999]\non = false', "Q999"),
        ('name = "p"\n[rules.I032]\nseverity = "bad"', "severity"),
        ('name = "p"\n[rules.I032]\nmessage = "{patient}"', "I032"),
        ('name = "p"\n[options]\nfiling_days = 0', "filing_days"),
        ('name = "p"\n[[procedures]]\ncodes = []', "codes"),
        ("", "name"),
    ],
)
def test_a_wrong_profile_is_told_and_where(toml: str, named: str) -> None:
    with pytest.raises(ProfileError, match=named):
        parse(toml)


def test_profiles_are_chosen_by_tag_then_by_payer(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('name = "a"\npayers = ["ACME HEALTH"]', encoding="utf-8")
    (tmp_path / "b.toml").write_text('name = "b"\ntags = ["medicaid"]', encoding="utf-8")
    profiles = Profiles.load(tmp_path)
    assert profiles.choose(payer="Acme Health").name == "a"
    assert profiles.choose(payer="ACME HEALTH", tags=["medicaid"]).name == "b"
    assert profiles.choose(payer="OTHER") is packaged()
    assert profiles.choose() is packaged()
    assert Profiles.load(tmp_path / "nowhere").choose() is packaged()


def test_a_wrong_profile_is_named_by_its_file(tmp_path: Path) -> None:
    (tmp_path / "acme.toml").write_text("name = 1", encoding="utf-8")
    with pytest.raises(ProfileError, match=r"acme\.toml"):
        Profiles.load(tmp_path)


def test_two_profiles_have_two_names(tmp_path: Path) -> None:
    for file in ("a.toml", "b.toml"):
        (tmp_path / file).write_text('name = "same"', encoding="utf-8")
    with pytest.raises(ProfileError):
        Profiles.load(tmp_path)


def test_the_documented_profile_is_one() -> None:
    page = (Path(__file__).parents[2] / "docs/profiles.md").read_text(encoding="utf-8")
    assert parse(page.split("```toml")[1].split("```")[0]).options.filing_days == 180


def test_the_catalogue_says_which_rules_run_and_what_others_lack() -> None:
    profile = parse('name = "p"\n[rules.I032]\non = false')
    listed = {rule.id: rule for rule in rules(Context(profile=profile))}
    assert len(listed) == 207
    assert listed["I002"].status == "on"
    assert listed["I032"].status == "off by profile"
    assert listed["I005"].status == "not run: needs a member roster"
    assert listed["S014"].status == "on (sharper with the code list modifier)"
    # what comes with every claim is nothing that somebody has to load
    assert [listed[rule].status for rule in ("D006", "D008", "D011", "D015", "C005")] == ["on"] * 5
    assert listed["D011"].asks == ("the day of receipt",)
    assert listed["D002"].status == "not run: needs originals in the profile's options"
    counted = "on (of a batch sheet that says how many pages were counted)"
    assert listed["D005"].status == counted
    wants = rules(Context(profile=parse('name = "p"\n[options]\noriginals = true')))
    assert {rule.id: rule.status for rule in wants}["D002"] == "on (of pages scanned in colour)"
    assert all(rule.condition and rule.message for rule in listed.values())
