"""The letters in samples/ are those that the code makes."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from scripts.letters import FOLDER, SAMPLES, Sample, claim, letter


def words(path: Path) -> list[str]:
    done = subprocess.run(
        ["pdftotext", "-raw", str(path), "-"], check=True, capture_output=True, text=True
    )
    return done.stdout.split()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.name)
def test_the_letters_in_samples_are_current(sample: Sample, tmp_path: Path) -> None:
    made = tmp_path / "letter.pdf"
    made.write_bytes(letter(sample))
    said = words(made)
    assert said == words(FOLDER / f"{sample.name}.pdf"), "run `make docs`"
    asked = claim(sample).findings
    assert len([finding for finding in asked if finding.severity != "warn"]) >= 2
    assert not re.search(r"\d{3}-\d{2}-\d{4}", " ".join(said))
