"""`paperclaim read`, by its contract: every scan gets its JSON, whatever happens to the others."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import time
from pathlib import Path
from typing import Any

import jsonschema
import psutil
import pytest
from PIL import Image

from delivery.schema import schema_of
from models.page import Form
from models.reading import Reading
from paperclaim.read import find
from samples.files import write
from samples.scan import make_scan
from samples.style import Style
from tests.paperclaim.conftest import PROGRAM, Run

#: seconds until a child must have come up
DEADLINE = 300


@pytest.fixture(scope="session")
def claim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A claim as a mailroom scans it."""
    style = Style("liberation-mono", "black", "office-200")
    scan = make_scan(Form.CMS1500, 4, style)
    return write(scan.sheets, tmp_path_factory.mktemp("scans") / "claim.pdf")


def blank(path: Path) -> Path:
    """A sheet with nothing on it."""
    Image.new("L", (850, 1100), 255).save(path, dpi=(100, 100))
    return path


def result(path: Path) -> dict[str, Any]:
    """A JSON that was written, checked against the published schema."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    jsonschema.validate(found, schema_of(Reading, "reading/1"))
    return found


def test_scans_become_json_and_the_exit_status_is_zero(
    run: Run, claim: Path, tmp_path: Path
) -> None:
    empty = blank(tmp_path / "empty.png")
    out = tmp_path / "new" / "out"
    done = run("read", claim, empty, "--out", out, "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in out.iterdir()) == ["claim.pdf.json", "empty.png.json"]
    found = result(out / "claim.pdf.json")
    assert found["schema"] == "paperclaim/reading/1"
    assert found["error"] is None
    assert found["source"] == {
        "name": "claim.pdf",
        "sha256": hashlib.sha256(claim.read_bytes()).hexdigest(),
        "pages": 1,
    }
    assert [document["form"] for document in found["documents"]] == ["cms1500"]
    assert found["documents"][0]["fields"]
    assert result(out / "empty.png.json")["source"]["pages"] == 1


def test_a_scan_that_can_not_be_read_says_why_and_the_others_are_read(
    run: Run, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 and then nothing")
    missing = tmp_path / "missing.tif"
    good = blank(tmp_path / "good.png")
    done = run("read", broken, missing, good, "--out", tmp_path / "out")
    assert done.returncode == 1
    for path, code in ((broken, "scan.broken"), (missing, "scan.unreadable")):
        found = result(tmp_path / "out" / f"{path.name}.json")
        assert found["error"]["code"] == code
        assert found["documents"] == []
        assert f"{path}: {code}: " in done.stderr
    assert result(tmp_path / "out" / "good.png.json")["error"] is None
    assert "Traceback" not in done.stderr


def test_a_child_that_is_killed_takes_only_its_scan_with_it(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scans = [blank(tmp_path / f"{number}.png") for number in range(3)]
    out = tmp_path / "out"
    parent = subprocess.Popen(
        [PROGRAM, "read", *scans, "--out", out],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    reading_child(parent.pid).kill()
    _, said = parent.communicate(timeout=DEADLINE)
    assert parent.returncode == 1
    found = [result(out / f"{scan.name}.json")["error"] for scan in scans]
    assert found[0]["code"] == "read.died"
    assert "SIGKILL" in found[0]["message"]
    assert found[1:] == [None, None]
    assert said.count("read.died") == 1


def test_when_the_parent_is_killed_its_children_end(
    environment: dict[str, str], tmp_path: Path
) -> None:
    scans = [blank(tmp_path / f"{number}.png") for number in range(3)]
    parent = subprocess.Popen([PROGRAM, "read", *scans, "--out", tmp_path / "out"], env=environment)
    child = reading_child(parent.pid)
    parent.kill()
    parent.wait()
    gone, alive = psutil.wait_procs([child], timeout=DEADLINE)
    assert (len(gone), alive) == (1, [])


def reading_child(parent: int) -> psutil.Process:
    """The process in which the parent has scans read, once it is there."""
    deadline = time.monotonic() + DEADLINE
    while time.monotonic() < deadline:
        for child in psutil.Process(parent).children():
            if "spawn_main" in " ".join(child.cmdline()):
                return child
    raise TimeoutError


def test_a_folder_stands_for_the_scans_right_inside_it(tmp_path: Path) -> None:
    for name in ("b.TIF", "a.pdf", "c.jpeg", "a.json", "notes.txt", ".a.pdf.part"):
        (tmp_path / name).touch()
    (tmp_path / "more.pdf").mkdir()
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "d.pdf").touch()
    assert [path.name for path in find([tmp_path])] == ["a.pdf", "b.TIF", "c.jpeg"]


def test_two_scans_of_one_name_are_refused_before_anything_is_read(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, two = blank(tmp_path / "a" / "x.png"), blank(tmp_path / "b" / "x.png")
    done = run("read", one, two, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("read.same_name: ")
    assert not (tmp_path / "out").exists()


def test_a_folder_without_scans_is_an_error(run: Run, tmp_path: Path) -> None:
    done = run("read", tmp_path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr.startswith("read.no_scans: ")


def test_a_name_that_is_no_text_is_no_obstacle(run: Run, tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    scan = blank(tmp_path / "x.png").rename(tmp_path / name)
    done = run("read", scan, "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    found = result(tmp_path / "out" / f"{name}.json")
    assert (found["error"], found["source"]["name"]) == (None, "caf\ufffd.png")


def test_a_second_run_replaces_the_json(run: Run, tmp_path: Path) -> None:
    scan, out = blank(tmp_path / "x.png"), tmp_path / "out"
    out.mkdir()
    (out / "x.png.json").write_text("{")
    assert run("read", scan, "--out", out).returncode == 0
    assert result(out / "x.png.json")["error"] is None
    assert [path.name for path in out.iterdir()] == ["x.png.json"]


def test_an_out_folder_that_can_not_be_made_is_said(run: Run, tmp_path: Path) -> None:
    scan = blank(tmp_path / "x.png")
    done = run("read", scan, "--out", scan / "out")
    assert done.returncode == 1
    assert done.stderr.startswith("read.out: ")
