from __future__ import annotations

from pathlib import Path

import pytest

from bench import baselines
from bench.__main__ import main
from bench.corpus import make_corpus
from bench.measure import sample
from bench.report import acceptable
from bench.score import Outcome

pytestmark = pytest.mark.xdist_group("readers")


def test_pages_for_the_baselines_come_from_all_over() -> None:
    scans = [Path(f"{number}.pdf") for number in range(10)]
    assert sample(scans, 4) == [scans[0], scans[2], scans[5], scans[7]]
    assert sample(scans, 0) == sample(scans, 10) == scans


def outcome(confidence: float, *, right: bool) -> Outcome:
    text = "A" if right else "B"
    return Outcome("s", "2", "name", "A", text, right, confidence, right, False, {})  # noqa: FBT003


def test_what_could_be_accepted_at_a_share_of_right_fields() -> None:
    sure = [outcome(0.9 + n / 10000, right=True) for n in range(198)]
    shares = acceptable([*sure, outcome(0.5, right=False), outcome(0.4, right=False)])
    assert shares == {0.99: 1.0, 0.995: 0.99, 0.999: 0.99, 0.9995: 0.99}
    assert set(acceptable([]).values()) == {0.0}


def test_the_benchmark_prints_ours_beside_the_baselines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make_corpus(tmp_path / "scans", 2, "test", 4)
    arguments = ["--baselines", "1", "--jobs", "2", "--plots", str(tmp_path / "plots")]
    assert main([str(tmp_path / "scans"), *arguments]) == 0
    printed = capsys.readouterr().out
    assert "2 scans, 2 pages" in printed
    beside = printed[printed.index("on 1 of the 2 pages") :].splitlines()
    rows = beside[2 : 3 + len(baselines.READERS)]
    names = [line[:26].strip() for line in rows]
    assert names == ["ours", *baselines.READERS]
    exact = [float(line[33:41]) for line in rows]
    assert exact[0] >= max(exact[1:])
    drawn = {path.name for path in (tmp_path / "plots" / "scans").iterdir()}
    by = {f"fields-by-{key}.png" for key in ("form", "print", "scan", "hand", "kind", "ink")}
    assert drawn == {"accepted.png", "reliability.png"} | by


def test_a_folder_without_scans_is_an_error(tmp_path: Path) -> None:
    assert main([str(tmp_path)]) == 1
