"""The recogniser's heaviest layers with eight bits: the same is read, by the right ranges."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openvino import Core

from bench.ranges import digest
from extractors.readers import eight_bits
from extractors.readers.eight_bits import is_heavy, ranges, with_eight_bits, with_zero
from extractors.readers.ppocr import together
from extractors.readers.recogniser import Recogniser, fitted, taught_model
from tests.extractors.test_branches import printed

_LINES = ("LAKESIDE 40271", "1234567893", "MAIN ST #4", "O'NEILL, J", "08 06 2026")


def said(monkeypatch: pytest.MonkeyPatch, *, eight: bool) -> list[str]:
    monkeypatch.setattr("extractors.readers.recogniser.able", lambda: eight)
    strips = [printed(line) for line in _LINES]
    found = Recogniser().read([fitted(strip) for strip in strips])
    return [together(one, strip).text for one, strip in zip(found, strips, strict=True)]


@pytest.mark.skipif(not eight_bits.able(), reason="this processor doesn't multiply eight bits")
@pytest.mark.xdist_group("readers")
def test_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(monkeypatch, eight=True) == said(monkeypatch, eight=False) == list(_LINES)


@pytest.mark.xdist_group("readers")
def test_every_heavy_layer_has_its_range() -> None:
    model = Core().read_model(taught_model())
    heavy = [node for node in model.get_ordered_ops() if is_heavy(node)]
    with_eight_bits(model, ranges())
    assert len(heavy) > 40
    for node in heavy:
        inputs = [node.input_value(at).get_node().get_type_name() for at in (0, 1)]
        assert inputs == ["FakeQuantize", "FakeQuantize"], node.get_friendly_name()


def test_the_ranges_are_of_the_tensors_that_ship() -> None:
    assert json.loads(eight_bits.file().read_text(encoding="utf-8"))["of"] == digest()


@given(st.floats(-50, 0), st.floats(0.001, 50))
def test_nothing_is_one_of_the_steps(low: float, high: float) -> None:
    least, most = (float(edge.item()) for edge in with_zero(low, high))
    step = (most - least) / 255
    assert abs(least / step - round(least / step)) < 1e-3
    assert abs(least - low) <= step
    assert abs(most - high) <= step


@pytest.mark.parametrize(
    ("told", "can"),
    [
        ("processor: 0\nflags\t\t: fpu avx2 avx512_vnni\n", True),
        ("flags\t\t: fpu avx2 avx_vnni\n", True),
        ("flags\t\t: fpu avx2 avx512f\n", False),
        ("Features\t: fp asimd\n", False),
    ],
)
def test_a_processor_that_would_overflow_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, told: str, *, can: bool
) -> None:
    monkeypatch.setattr("pathlib.Path.read_text", lambda *_, **__: told)
    assert eight_bits.able.__wrapped__() is can
