"""What every command does: help, errors in one line, a start that costs little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from config.load import keys
from edits.catalogue import rules as catalogue
from scripts.docs import commands, help_of
from tests.paperclaim.conftest import Run

#: what no command may load before it runs
HEAVY = ("cv2", "numpy", "onnx", "openvino", "spacy", "sqlalchemy", "pydantic", "redis", "rich")


@pytest.mark.parametrize("call", list(commands()), ids=" ".join)
def test_every_command_says_what_it_does(call: tuple[str, ...]) -> None:
    text = help_of(call)
    assert text.startswith(f"Usage: paperclaim {' '.join(call)}")
    about = text.split("\n\n")[1].strip()
    assert about
    assert not about.startswith(("Options", "Arguments"))


def test_the_help_loads_nothing_heavy() -> None:
    code = "import sys, paperclaim.cli; print(*(n for n in sys.argv[1:] if n in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, *HEAVY], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_an_error_is_one_line_with_its_code_and_remedy(run: Run) -> None:
    done = run("config", PAPERCLAIM_WEB_PROT="80")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == (
        "settings.unknown: There is no setting PAPERCLAIM_WEB_PROT. The nearest is"
        " PAPERCLAIM_WEB_PORT. docs/settings.md lists every setting.\n"
    )


def test_config_prints_every_value_and_its_origin(run: Run, tmp_path: Path) -> None:
    done = run("config", PAPERCLAIM_REDIS_URL="redis://:hidden-word@queue/0")
    assert done.returncode == 0
    lines = dict(line.split(" = ", 1) for line in done.stdout.splitlines())
    assert list(lines) == [key for key, _ in keys()]
    assert lines["data"].split() == [f'"{tmp_path}/data"', "#", "PAPERCLAIM_DATA"]
    assert lines["web.port"].split() == ["8500", "#", "default"]
    assert lines["redis.url"].split() == ['"********"', "#", "PAPERCLAIM_REDIS_URL"]
    assert "hidden-word" not in done.stdout


def test_what_config_prints_is_a_settings_file(run: Run, tmp_path: Path) -> None:
    before = run("config").stdout
    file = tmp_path / "copy.toml"
    file.write_text(before)
    after = run("config", PAPERCLAIM_CONFIG=str(file), PAPERCLAIM_DATA=str(tmp_path / "data"))
    assert [line.split("#")[0].split() for line in after.stdout.splitlines()] == [
        line.split("#")[0].split() for line in before.splitlines()
    ]


def test_version_is_the_installed_one(run: Run) -> None:
    assert run("version").stdout == "0.1.0\n"


@pytest.mark.parametrize("name", ["reading-1", "claim-1", "openapi"])
def test_schema_prints_what_is_published(run: Run, name: str) -> None:
    published = Path(__file__).parents[2] / "docs" / "schema" / f"{name}.json"
    assert run("schema", name).stdout == published.read_text(encoding="utf-8")


def test_rules_says_which_ones_run(run: Run) -> None:
    everything = run("rules").stdout.splitlines()
    assert len(everything) == 2 * len(catalogue())
    idle = run("rules", "--state", "not run").stdout.splitlines()[::2]
    assert idle
    assert all("not run: needs " in line for line in idle)


def test_rules_are_listed_by_the_profile_that_is_named(run: Run, tmp_path: Path) -> None:
    profiles = tmp_path / "data" / "profiles"
    profiles.mkdir(parents=True)
    (profiles / "acme.toml").write_text('name = "acme"\n[rules.I032]\non = false\n')
    off = run("rules", "--profile", "acme", "--state", "off").stdout.splitlines()[::2]
    assert [line.split()[0] for line in off] == ["I032"]
    assert run("rules", "--state", "off").stdout == ""
    wrong = run("rules", "--profile", "acne")
    assert wrong.stderr.startswith("edits.profile: There is no profile acne. There are: acme")
