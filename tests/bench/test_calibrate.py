from __future__ import annotations

import json
import math
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import calibrate
from extractors.confidence import CalibrationError, Calibrator, calibrator
from extractors.features import Features, by_hand


def simulated(seed: int, n: int, hands: int = 0) -> list[calibrate.Row]:
    """Fields that are wrong by a law that the model doesn't know.

    `hands`: half of the fields are by so many hands, each of which is read as it is.
    """
    dice = random.Random(seed)
    found = []
    for i in range(n):
        margin, weakest = dice.uniform(0, 12), 1 - 10 ** dice.uniform(-5, -0.3)
        group = dice.choice(["npi", "text"])
        support = dice.choice([1, 0, -1])
        odds = margin - 1 + 2 * support + (0 if group == "npi" else -1) + math.log(weakest)
        hand = 1 + i // 2 % hands if hands and i % 2 else 0
        face = f"hand {seed} {hand}" if hand else f"face {i % 20}"
        odds -= random.Random(face).uniform(0, 3) if hand else 0
        right = dice.random() < 1 / (1 + math.exp(-odds))
        features = Features(
            group, margin=margin, weakest=weakest, support=support, uneven=0.04 if hand else 0.0
        )
        found.append(calibrate.Row(f"scan {i % 40}", face, "2", features, right))
    return found


#: in one process: what most of them ask is fitted once
pytestmark = pytest.mark.xdist_group("calibrate")


@pytest.fixture(scope="module")
def fitted() -> Calibrator:
    return calibrate.fit(simulated(1, 6000))


def _shares(model: Calibrator, rows: Sequence[calibrate.Row]) -> list[tuple[float, float, int]]:
    confidence = np.array([model.confidence(row.features) for row in rows])
    right = np.array([row.right for row in rows], float)
    return [(m, r, n) for _, m, r, n in calibrate.reliability(confidence, right)]


def test_on_fields_it_never_saw_it_is_right_as_often_as_it_says(fitted: Calibrator) -> None:
    shares = _shares(fitted, simulated(2, 6000))
    assert sum(n for _, _, n in shares) == 6000
    for said, right, n in shares:
        assert abs(said - right) <= 4 * math.sqrt(said * (1 - said) / n) + 0.01


def test_the_dial_keeps_what_it_promises_on_fields_it_never_saw(fitted: Calibrator) -> None:
    held = simulated(3, 20000)
    said = [fitted.confidence(row.features) for row in held]
    promised = dict(fitted.thresholds)
    assert 0.01 in promised
    for rate in promised:
        taken = [row for row, one in zip(held, said, strict=True) if fitted.accepts(one, rate)]
        wrong = sum(not row.right for row in taken)
        assert wrong <= rate * len(taken) + 3 * math.sqrt(rate * len(taken)) + 1


def test_of_hands_it_never_saw_it_says_rather_too_little() -> None:
    fitted = calibrate.fit(simulated(6, 12000, hands=6))
    others = [row for row in simulated(7, 12000, hands=40) if by_hand(row.features)]
    shares = _shares(fitted, others)
    assert sum(n for _, _, n in shares) == 6000
    for said, right, n in shares:
        assert said <= right + 4 * math.sqrt(right * (1 - right) / n) + 0.01


def test_a_rate_that_the_sample_cant_promise_accepts_nothing(fitted: Calibrator) -> None:
    assert fitted.threshold(1e-9) > 1
    assert not fitted.accepts(1.0, 1e-9)
    least = [fitted.threshold(rate) for rate in (0.002, 0.005, 0.01, 0.02, 0.1)]
    assert least == sorted(least, reverse=True)


@given(a=st.floats(0, 20), b=st.floats(0, 20))
def test_a_greater_margin_is_never_less_sure(fitted: Calibrator, a: float, b: float) -> None:
    low, high = sorted((a, b))
    assert fitted.confidence(Features("npi", margin=low)) <= fitted.confidence(
        Features("npi", margin=high)
    )


def test_a_calibration_survives_its_file(fitted: Calibrator) -> None:
    again = Calibrator.parse(json.loads(json.dumps(fitted.json())))
    assert again.json() == fitted.json()
    one = simulated(4, 1)[0].features
    assert again.confidence(one) == fitted.confidence(one)


def test_a_file_of_another_version_or_damaged_is_refused(fitted: Calibrator) -> None:
    whole = fitted.json()
    endless = {**whole["forest"], "left": [0] * len(whole["forest"]["left"])}
    damages: list[dict[str, Any]] = [
        {"schema": "other/1"},
        {"names": ["one"]},
        {"base": "x"},
        {"forest": {}},
        {"forest": endless},
        {"written": {"scores": [], "rates": []}},
        {"printed": {"scores": [1.0, 2.0], "rates": [0.5]}},
    ]
    for damage in damages:
        with pytest.raises(CalibrationError):
            Calibrator.parse({**whole, **damage})


def test_the_calibration_that_comes_with_the_product_fits_it() -> None:
    shipped = calibrator()
    best = Features("npi", margin=20.0, weakest=0.99999, length=10, support=1)
    worst = Features("npi", margin=0.1, weakest=0.2, length=10, less=-9.0, legal=False)
    assert shipped.confidence(worst) < 0.8 < shipped.confidence(best)


@given(
    scores=st.lists(st.floats(-5, 9), min_size=100, max_size=300),
    seed=st.integers(0, 1000),
)
def test_the_isotonic_step_rises_and_is_never_certain(scores: list[float], seed: int) -> None:
    right = np.random.default_rng(seed).integers(0, 2, len(scores)).astype(float)
    knots, rates = calibrate.isotonic(np.array(scores), right)
    assert (np.diff(knots) >= 0).all()
    assert (np.diff(rates) >= 0).all()
    assert (rates > 0).all()
    assert (rates < 1).all()


def test_from_folders_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(5)
    for i in range(12):
        fields, read, known = {}, {}, {}
        for name in [f"24.{n}.units" for n in range(1, 7)] + [f"21.{c}" for c in "ABCDEF"]:
            right = dice.random() < 0.8
            fields[name] = "1"
            read[name] = {
                "text": "1" if right else "7",
                "value": "",
                "confidence": 0,
                "accepted": 0,
            }
            margin = dice.uniform(4, 9) if right else dice.uniform(0, 5)
            known[name] = Features("units", margin=margin).json()
        document = {"form": "cms1500", "status": "review", "fields": read}
        truth = {"form": "cms1500", "fields": fields}
        (tmp_path / f"s{i}.json").write_text(json.dumps(truth))
        (tmp_path / f"s{i}.pdf.json").write_text(json.dumps({"documents": [document]}))
        (tmp_path / f"s{i}.pdf.features.json").write_text(json.dumps(known))
    to = tmp_path / "made" / "calibration.json"
    to.parent.mkdir()
    folder = str(tmp_path)
    assert calibrate.main([folder, folder, "--to", str(to), "--check", folder, folder]) == 0
    assert Calibrator.parse(json.loads(to.read_text())).threshold(0.1) < 1
    assert "144 fields" in capsys.readouterr().out
    assert calibrate.main([str(to.parent), folder]) == 1
