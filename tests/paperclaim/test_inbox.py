"""`paperclaim add` and `separator`: files that appear whole, beside what is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from intake.inbox import candidates
from intake.limits import Limits
from intake.look import look
from intake.scan import open_scan
from intake.separator import counted
from models.page import Form
from tests.paperclaim.conftest import Run


def test_a_copy_lands_in_the_folder_of_its_tags(run: Run, tmp_path: Path) -> None:
    scan = tmp_path / "batch.pdf"
    scan.write_bytes(b"%PDF")
    done = run("add", "--tag", "acme", "--tag", "commercial", scan)
    copy = tmp_path / "data" / "inbox" / "acme" / "commercial" / "batch.pdf"
    assert (done.returncode, done.stdout) == (0, f"{copy}\n")
    assert copy.read_bytes() == scan.read_bytes()
    assert scan.exists()
    assert list(copy.parent.iterdir()) == [copy]


def test_a_name_that_is_taken_is_not_overwritten(run: Run, tmp_path: Path) -> None:
    for content in (b"one", b"two", b"three"):
        (tmp_path / "scan.tif").write_bytes(content)
        run("add", tmp_path / "scan.tif")
    inbox = tmp_path / "data" / "inbox"
    assert {path.name: path.read_bytes() for path in inbox.iterdir()} == {
        "scan.tif": b"one",
        "scan-2.tif": b"two",
        "scan-3.tif": b"three",
    }


@pytest.mark.parametrize("tag", ["../outbox", "a/b", ".hidden", " ", "old.lock"])
def test_a_tag_stays_in_the_inbox(run: Run, tmp_path: Path, tag: str) -> None:
    (tmp_path / "scan.tif").touch()
    done = run("add", "--tag", tag, tmp_path / "scan.tif")
    assert done.returncode == 1
    assert done.stderr.startswith("add: ")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize("name", ["~$a.pdf", "scan.tmp", ".hid.pdf"])
def test_what_would_never_be_taken_is_not_added(run: Run, tmp_path: Path, name: str) -> None:
    for each in ("good.pdf", name):
        (tmp_path / each).touch()
    done = run("add", tmp_path / "good.pdf", tmp_path / name)
    assert done.returncode == 1
    assert done.stderr.startswith("add: ")
    assert name in done.stderr
    assert not (tmp_path / "data").exists()


def test_as_many_tags_as_the_watcher_follows(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.pdf").touch()
    tags = [part for number in range(8) for part in ("--tag", str(number))]
    assert run("add", *tags, tmp_path / "a.pdf").returncode == 0
    done = run("add", *tags, "--tag", "8", tmp_path / "a.pdf")
    assert done.returncode == 1
    assert done.stderr.startswith("add: ")
    (added,) = candidates(tmp_path / "data" / "inbox")
    assert added.refusal is None
    assert added.tags == tuple("01234567")


@pytest.mark.parametrize("call", [("add", "a.pdf"), ("samples",), ("run",), ("watch",)])
def test_an_inbox_elsewhere_that_is_not_there_is_not_made(
    run: Run, tmp_path: Path, call: tuple[str, ...]
) -> None:
    """It may lie on a share that is not mounted."""
    (tmp_path / "a.pdf").touch()
    inbox = tmp_path / "share" / "inbox"
    done = run(*call, PAPERCLAIM_FOLDERS_INBOX=str(inbox))
    assert done.returncode == 2
    assert f"intake.folder: The folder inbox ({inbox}) is not there." in done.stderr
    assert not inbox.parent.exists()


def test_a_file_that_is_not_there_is_said(run: Run, tmp_path: Path) -> None:
    done = run("add", tmp_path / "nothing.pdf")
    assert done.returncode == 1
    assert done.stderr.startswith("add: ")
    assert list((tmp_path / "data" / "inbox").iterdir()) == []


def test_samples_are_scans_with_pages(run: Run, tmp_path: Path) -> None:
    done = run("samples")
    assert done.stdout == "6 samples drawn and dropped in the inbox\n"
    drawn = list((tmp_path / "data" / "inbox").iterdir())
    assert len(drawn) == 6
    assert all(list(open_scan(path, Limits())) for path in drawn)


@pytest.mark.parametrize("kind", ["document", "attachment", "batch"])
def test_a_separator_sheet_is_read_as_one(run: Run, tmp_path: Path, kind: str) -> None:
    sheet = tmp_path / "sheet.pdf"
    assert run("separator", sheet, "--kind", kind).returncode == 0
    [page] = open_scan(sheet, Limits())
    assert look(page).form is Form.SEPARATOR


def test_a_batch_sheet_says_how_many_pages_were_counted(run: Run, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.pdf"
    assert run("separator", sheet, "--kind", "batch", "--pages", "25").returncode == 0
    [page] = open_scan(sheet, Limits())
    assert {counted(code.text) for code in look(page).barcodes} == {25}
    assert run("separator", sheet, "--pages", "25").stderr.startswith("add: ")
