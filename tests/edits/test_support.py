"""Rosters as witnesses: confidence moves, what was read stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edits.rosters import Rosters
from edits.support import DOUBT, weigh
from models.page import Form
from models.reading import Alternative, FieldReading
from tests.edits.base import base, reading, readings
from tests.edits.test_rules import MEMBERS, PROVIDERS


@pytest.fixture(scope="module")
def rosters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rosters]:
    folder: Path = tmp_path_factory.mktemp("rosters")
    made = Rosters(folder / "rosters.db")
    for name, text in (("member", MEMBERS), ("provider", PROVIDERS)):
        file = folder / f"{name}.csv"
        file.write_text(text, encoding="utf-8")
        made.load(name, file)
    yield made
    made.close()


def doubtful(name: str, text: str, *others: str) -> dict[str, FieldReading]:
    form, texts = base("cms1500")
    fields = readings(form, texts)
    alternatives = [Alternative(text=other, confidence=0.2) for other in others]
    fields[name] = reading(
        form, name, text, accepted=False, confidence=0.7, alternatives=alternatives
    )
    return fields


def heard(rosters: Rosters, fields: dict[str, FieldReading]) -> dict[str, FieldReading]:
    return weigh(Form.CMS1500, fields, rosters.members(), rosters.providers(), 0.001)


@pytest.mark.parametrize(
    ("name", "text"),
    [("1a", "XYZ123456789"), ("2", "DOE, JANE, Q"), ("3.birth_date", "03 14 1966"),
     ("33a", "1245319599")],
)  # fmt: skip
def test_what_the_roster_has_is_surer(rosters: Rosters, name: str, text: str) -> None:
    found = heard(rosters, doubtful(name, text))[name]
    assert found.confidence > 0.99
    assert (found.text, found.doubts) == (text, [])


@pytest.mark.parametrize(
    ("name", "text", "other"),
    [("1a", "XYZ123456780", "XYZ123456789"), ("3.birth_date", "03 14 1968", "03 14 1966"),
     ("33a", "1245319598", "1245319599")],
)  # fmt: skip
def test_what_the_ink_allows_and_the_roster_has_makes_the_reader_less_sure(
    rosters: Rosters, name: str, text: str, other: str
) -> None:
    fields = doubtful(name, text, other)
    fields[name] = fields[name].model_copy(update={"accepted": True, "confidence": 0.9995})
    found = heard(rosters, fields)[name]
    assert found.text == text
    assert (found.accepted, found.doubts) == (False, [DOUBT])
    assert found.confidence < 0.7


def test_a_roster_that_has_neither_says_nothing(rosters: Rosters) -> None:
    fields = doubtful("1a", "QQ99", "QQ98")
    assert heard(rosters, fields)["1a"] == fields["1a"]
    assert weigh(Form.CMS1500, fields, None, None) == fields


def test_what_a_person_said_stands(rosters: Rosters) -> None:
    fields = doubtful("33a", "1245319598", "1245319599")
    fields["33a"] = fields["33a"].model_copy(update={"source": "person", "accepted": True})
    assert heard(rosters, fields)["33a"] == fields["33a"]


_SAID = st.sampled_from(["XYZ123456789", "XYZ123456780", "X", "1245319599", "03 14 1966"])


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.sampled_from(["1a", "2", "3.birth_date", "33a", "17b"]), _SAID, st.lists(_SAID, max_size=2)
)
def test_nothing_that_was_read_is_ever_changed(
    rosters: Rosters, name: str, text: str, others: list[str]
) -> None:
    fields = doubtful(name, text, *others)

    def content(known: dict[str, FieldReading]) -> list[Any]:
        return [(n, f.text, f.value, f.box, f.alternatives) for n, f in known.items()]

    assert content(heard(rosters, fields)) == content(fields)
