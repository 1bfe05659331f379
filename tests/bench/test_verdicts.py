from __future__ import annotations

from pathlib import Path

import pytest

from bench import verdicts

HEAD = "form,field,owner,printer,confidence,right,checked\n"


def exported(folder: Path, wrong: int, of: int, confidence: float) -> Path:
    """As the Quality page exports it."""
    rows = [
        f"cms1500,26,machine,1234567893,{confidence},{int(n >= wrong)},2026-11-20"
        for n in range(of)
    ]
    path = folder / "quality.csv"
    path.write_text(HEAD + "\n".join([*rows, "cms1500,26,ana,,0.2,0,2026-11-20"]) + "\n")
    return path


def test_confidences_that_come_out_are_left_alone(tmp_path: Path) -> None:
    found = verdicts.shift(verdicts.read(exported(tmp_path, 4, 2000, 0.998)))
    assert (found.fields, found.wrong) == (2000, 4)
    assert found.expected == pytest.approx(4)
    assert found.log_odds == pytest.approx(0, abs=0.05)


def test_too_many_wrong_ones_lower_them_and_none_wrong_raises_them_a_little(
    tmp_path: Path,
) -> None:
    bad = verdicts.shift(verdicts.read(exported(tmp_path, 40, 2000, 0.998)))
    assert bad.log_odds == pytest.approx(-2.3, abs=0.2)
    good = verdicts.shift(verdicts.read(exported(tmp_path, 0, 100, 0.998)))
    assert 0 < good.log_odds < 2
    assert verdicts.shift([]).log_odds == 0


def test_the_table_is_printed_and_another_file_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verdicts.main([str(exported(tmp_path, 2, 1000, 0.9995))]) == 0
    said = capsys.readouterr().out
    assert "wrong: 2, expected: 0.50" in said
    assert "0.999-1.000" in said
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n")
    assert verdicts.main([str(other)]) == 1
