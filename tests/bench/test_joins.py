"""Joins are measured among claims that are nearly the paper's own."""

from __future__ import annotations

import random
from pathlib import Path

from bench import joins_score
from extractors.readers import Readers
from ledger import database
from samples.attachments import facts


def test_strangers_are_nearly_the_same_claim() -> None:
    for seed in range(30):
        rng = random.Random(seed)
        case = facts.make(rng)
        visit, neighbour, sibling, namesake = joins_score.strangers(case, rng)
        assert (visit.patient, visit.member_id, visit.npi) == (
            case.patient,
            case.member_id,
            case.npi,
        )
        assert set(visit.days).isdisjoint(case.days)
        assert sum(a != b for a, b in zip(neighbour.account, case.account, strict=True)) == 1
        assert (neighbour.npi, neighbour.days) == (case.npi, case.days)
        assert (sibling.member_id, sibling.days, sibling.patient.last) == (
            case.member_id,
            case.days,
            case.patient.last,
        )
        assert (namesake.patient, namesake.days) == (case.patient, case.days)
        assert namesake.member_id != case.member_id
        assert namesake.npi != case.npi


def test_papers_are_looked_up_with_their_claim_there_and_not_there(
    tmp_path: Path, readers: Readers
) -> None:
    joined = joins_score.measure(3, readers, tmp_path, "calibration")
    assert joined.wrong == []
    assert sum(joined.right.values()) + len(joined.missed) == 3


def test_every_claim_has_a_number_of_its_own(tmp_path: Path) -> None:
    record = database.open(f"sqlite:///{tmp_path / 'ledger.db'}")
    rng = random.Random(1)
    with record.begin() as db:
        numbers = joins_score.enter(db, [facts.make(rng) for _ in range(3)])
    assert len(set(numbers)) == 3
