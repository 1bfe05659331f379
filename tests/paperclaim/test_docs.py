"""The pages of docs/ that are made from the code are what the code makes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from extractors.language.labels import LABELS
from extractors.language.notes import notes
from models.errors import PaperclaimError
from models.reading import ANSWER, REPLY_SHEET, REQUEST
from samples.attachments.papers import KINDS
from scripts.docs import OTHERS, PAGES, errors, rooms

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_is_up_to_date(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert (ROOT / name).read_text(encoding="utf-8") == PAGES[name](), "run `make docs`"


def test_every_error_has_a_code_of_its_own_and_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    by_code: dict[str, type[PaperclaimError]] = {}
    for error in errors():
        other = by_code.setdefault(error.code, error)
        assert other is error, f"{other} and {error} share the code {error.code}"
        assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)?", error.code)
        assert error.remedy.endswith(".")
        assert error.exit_code > 0
        assert error.__doc__


def test_every_code_that_is_told_anywhere_is_on_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    files = [Path("worker.py"), *(path for room in rooms() for path in Path(room).rglob("*.py"))]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    known = {error.code for error in errors()} | OTHERS.keys()
    told = re.findall(r'(?:problem|quarantine|again|_LOST =)[( ].*?"([a-z_]+\.[a-z_]+)"', source)
    told += re.findall(r'log\.\w+\("([a-z_]+\.[a-z_]+): ', source)
    assert {"web.masked", "worker.lost", "scan.not_whole", "disk.low"} <= set(told) <= known
    # and none is on the page that nobody tells of
    for code in OTHERS:
        fixed = code.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        assert f'"{fixed}' in source, code


def test_every_kind_and_label_is_on_the_page_and_no_other() -> None:
    page = (ROOT / "docs/attachments.md").read_text(encoding="utf-8")
    kinds, labels, of_notes = (
        set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", part, re.MULTILINE))))
        for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]
    )
    assert kinds == {*KINDS, REPLY_SHEET}
    assert labels == {*LABELS, REQUEST, ANSWER}
    everything = "N400409123401 ML2.5 PWK EB BM 123456 ZZ207Q00000X NPI 1245319599 SEE BELOW"
    assert of_notes == {note.label for note in notes(everything)}
