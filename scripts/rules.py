"""The repository's own rules, beside what ruff, mypy and import-linter know: `make lint`."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

#: lines a module may have; nobody reads a longer one
LINES = 600
#: where a package comes from is the machine's business, never the repository's
REGISTRY = re.compile(r"://[\w.-]*\b(pypi|pythonhosted|npmjs|debian|ubuntu)\b")
#: and so is where somebody keeps the project
MACHINE = re.compile(r"(?<![\w.-])/(work|root|home)/\w")
#: files that may name no address at all
PLAIN = ("requirements/", "scripts/", ".ci/", "Makefile")
#: a dependency's line in docs/dependencies.md
NAMED = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def tracked() -> Iterator[tuple[str, str]]:
    """Every text file of the repository: its path and content."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        path = Path(name)
        if not path.is_file():  # deleted, not yet committed
            continue
        try:
            yield name, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def of_files() -> Iterator[str]:
    """What is wrong with single files."""
    for name, text in tracked():
        if name.endswith(".py") and (lines := text.count("\n")) > LINES:
            yield f"{name}: {lines} lines, more than {LINES}"
        for number, line in enumerate(text.splitlines(), start=1):
            if REGISTRY.search(line):
                yield f"{name}:{number}: names a package registry"
            if MACHINE.search(line):
                yield f"{name}:{number}: names a path of somebody's machine"
            if name.startswith(PLAIN) and re.search(r"\w://\w", line):
                yield f"{name}:{number}: names an address"


def of_worker() -> Iterator[str]:
    """Whoever imports worker.py but the command line: import-linter knows packages only."""
    for name, text in tracked():
        if name.endswith(".py") and not name.startswith(("paperclaim/", "tests/", "worker.py")):
            for number, line in enumerate(text.splitlines(), start=1):
                if re.match(r"\s*(import|from) worker\b", line):
                    yield f"{name}:{number}: imports worker, which stands above"


def wanted() -> set[str]:
    """Everything that we depend on: Python packages, Debian packages."""
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"].values()
    lines = [*project["project"]["dependencies"], *(line for group in groups for line in group)]
    names = {re.split(r"[\[<>=~! ;]", line)[0] for line in lines}
    for path in Path("requirements").glob("debian*.txt"):
        text = path.read_text(encoding="utf-8")
        names |= {line for line in text.splitlines() if line and not line.startswith("#")}
    return names


def of_dependencies() -> Iterator[str]:
    """Dependencies that docs/dependencies.md does not explain, or explains for nothing."""
    page = Path("docs/dependencies.md")
    explained = set(NAMED.findall(page.read_text(encoding="utf-8")))
    for name in sorted(wanted() - explained):
        yield f"{page}: says nothing of {name}"
    for name in sorted(explained - wanted()):
        yield f"{page}: {name} is no dependency"


def main() -> int:
    """Print what is wrong; 1 if anything is."""
    wrong = [*of_files(), *of_worker(), *of_dependencies()]
    print("\n".join(wrong) if wrong else "The repository keeps its own rules.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
