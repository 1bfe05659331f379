"""The pages of docs/ that are made from the code: `make docs`; tests fail where they differ."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import typer.testing

from config.load import keys, variable
from config.settings import Settings
from delivery.schema import published
from models.errors import PaperclaimError
from models.state import TRANSITIONS, Actor
from paperclaim.cli import app
from paperclaim.setup import Schema
from scripts.edits import rules_page
from scripts.fields import fields_page
from scripts.letters import main as draw_letters

_MADE: Final = "<!-- Made by `make docs`; change the code instead. -->"
_SETTINGS: Final = """\
A variable goes before the file, the file before the default. The file is `paperclaim.toml` in the
data folder, or the one that PAPERCLAIM_CONFIG names; the part of a name before the point is its
section. A name that is not listed here is an error. `paperclaim config` prints what is in force
and where it came from. In a variable a list is written as JSON.

```toml
[watch]
quiet_seconds = 10
```"""
_ERRORS: Final = """\
An error is one line, `code: what happened. What to do.`, and the command ends with its exit
status. Codes are stable: programs may rely on them. None tells anything of a claim."""

_ELSEWHERE: Final = """\
Others end no command: they stand with a step that failed (`paperclaim status`, the desk), in a note
beside a file in quarantine, in the log, or in an answer of the pages and the API."""
#: codes that no class has: what they are, and what is to be done
OTHERS: Final = {
    "bug.NAME": (
        "A step failed by a mistake of ours; NAME is the kind of exception.",
        "Please report it; `paperclaim retry` tries again.",
    ),
    "database.away": (
        "The database did not answer, or its disk is full.",
        "Start it, or make room; the step is tried again.",
    ),
    "disk.low": (
        "There is less room than `watch.reserve_mb`: the inbox is left alone.",
        "Make room; it goes on by itself.",
    ),
    "http.NUMBER": (
        "The page or the API answers with this HTTP status, for no reason of its own.",
        "Look at the address and the method.",
    ),
    "inbox.refused": (
        "A link, a special file, a folder too deep, or what can't be read lies in the inbox.",
        "It is not taken: put the scan itself there, or give the right to read it.",
    ),
    "memory": (
        "A step needed more memory than there was.",
        "Run fewer workers, then `paperclaim retry`.",
    ),
    "scan.not_whole": (
        "A file did not become a whole scan within `watch.deadline_seconds`.",
        "The note beside it says what is missing: scan or copy it again.",
    ),
    "session.locked": ("The screen was locked, or the session is over.", "Sign in again."),
    "session.one_time": (
        "Somebody signed in with a one-time password.",
        "Choose a password first.",
    ),
    "timeout": (
        "A step took longer than it may.",
        "See whether the machine is busy with something else, then `paperclaim retry`.",
    ),
    "web.masked": ("What was asked for is masked.", "Ask to see it first; that is noted."),
    "worker.killed": (
        "The process of a step was killed: out of memory, or by a person.",
        "Look for what ended it, then `paperclaim retry`.",
    ),
    "worker.lost": (
        "The worker of a step was not heard of again.",
        "See whether its machine is up, then `paperclaim retry`.",
    ),
}
_STATES: Final = """\
Where a document stands. Every change is one of these, made by the system or by a person, on the
desk or with `paperclaim move`, and adds a line to the history, which only grows: the states before
and after, who, why, and when. A line whose states are the same tells of a paper that was taken
away. Whoever follows [what goes out](delivery.md) is told of it in a revision. `waiting` is for the
provider ([letters](letters.md)). Nothing leaves `voided` but by being [purged](operations.md)."""


def settings_page() -> str:
    """docs/settings.md: every setting."""
    lines = [
        "# Settings",
        "",
        _MADE,
        "",
        _SETTINGS,
    ]
    section = None
    for key, field in keys():
        above = key.rpartition(".")[0]
        if above != section:
            section = above
            lines += ["", f"## {above}" if above else "## Everything", ""]
            if above:
                kind = Settings.model_fields[above].annotation
                lines += [_about(kind), ""]
            lines += ["| setting | default | variable | what it is |", "|---|---|---|---|"]
        default = field.get_default()
        shown = default.get_secret_value() if hasattr(default, "get_secret_value") else default
        said = (field.description or "").replace("\n", " ")
        lines.append(f"| `{key}` | `{shown}` | `{variable(key)}` | {said} |".replace("``", "empty"))
    return "\n".join(lines) + "\n"


def errors_page() -> str:
    """docs/errors.md: every error that we raise on purpose."""
    lines = [
        "# Errors",
        "",
        _MADE,
        "",
        _ERRORS,
        "",
        "| code | what it is | what to do | exit |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{error.code}` | {_about(error)} | {error.remedy} | {error.exit_code} |"
        for error in sorted(errors(), key=lambda each: each.code)
    ]
    lines += ["", _ELSEWHERE, "", "| code | what it is | what to do |", "|---|---|---|"]
    lines += [f"| `{code}` | {what} | {remedy} |" for code, (what, remedy) in OTHERS.items()]
    return "\n".join(lines) + "\n"


def commands_page() -> str:
    """docs/commands.md: the help of every command."""
    lines = ["# Commands", "", _MADE, ""]
    for call in ((), *commands()):
        lines += [f"## paperclaim {' '.join(call)}".rstrip(), "", "```", help_of(call), "```", ""]
    return "\n".join(lines[:-1]) + "\n"


def states_page() -> str:
    """docs/states.md: how documents go from state to state, and by whose hand."""
    lines = ["# States", "", _MADE, "", _STATES, "", "| from | to | by |", "|---|---|---|"]
    for before, after in TRANSITIONS.items():
        for to, who in after.items():
            hands = " or ".join(sorted(f"a {one}" if one == Actor.PERSON else one for one in who))
            lines.append(f"| `{before}` | `{to}` | {hands} |")
    return "\n".join(lines) + "\n"


def _schema(name: str) -> str:
    return published()[f"{name}.json"]


#: what is made, by its path
PAGES: Final[dict[str, Callable[[], str]]] = {
    "docs/settings.md": settings_page,
    "docs/errors.md": errors_page,
    "docs/commands.md": commands_page,
    "docs/states.md": states_page,
    "docs/fields.md": lambda: fields_page(_MADE),
    "docs/rules.md": lambda: rules_page(_MADE),
    **{f"docs/schema/{name}.json": functools.partial(_schema, name) for name in Schema},
}


def errors() -> list[type[PaperclaimError]]:
    """Every class of the error tree, in whichever room it lives."""
    for room in rooms():
        module = importlib.import_module(room)
        for inside in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{room}."):
            # Alembic runs its migrations, and `python -m` what is called __main__
            if "migrations" not in inside.name and not inside.name.endswith("__main__"):
                importlib.import_module(inside.name)
    found, new = [PaperclaimError], [PaperclaimError]
    while new:
        new = [below for each in new for below in each.__subclasses__() if below not in found]
        found += new
    return [each for each in found if each.__module__.partition(".")[0] in rooms()]


def rooms() -> list[str]:
    """The packages of the project, as import-linter knows them."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    return list(project["tool"]["importlinter"]["root_packages"])


def commands() -> Iterator[tuple[str, ...]]:
    """Every command as it is typed, in the order of the help."""
    yield from _below(app, ())


def help_of(call: tuple[str, ...]) -> str:
    """What `--help` prints, at 80 columns whatever the terminal."""
    asked = [*call, "--help"]
    done = typer.testing.CliRunner(env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"}).invoke(
        app, asked, prog_name="paperclaim"
    )
    return "\n".join(line.rstrip() for line in done.output.strip().splitlines())


def _below(group: typer.Typer, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for command in group.registered_commands:
        name = command.name or getattr(command.callback, "__name__", "")
        yield (*above, str(name))
    for inside in group.registered_groups:
        if inside.typer_instance is not None:
            name = inside.name or inside.typer_instance.info.name
            yield from _below(inside.typer_instance, (*above, str(name)))


def _about(kind: object) -> str:
    """The first paragraph of a class's docstring, in one line."""
    text = inspect.cleandoc(kind.__doc__ or "")
    return " ".join(text.partition("\n\n")[0].split())


def main() -> None:
    """Write the pages."""
    for name, page in PAGES.items():
        Path(name).write_text(page(), encoding="utf-8")
        print(name)
    draw_letters()


if __name__ == "__main__":
    main()
