"""Python, and the programs and fonts that Debian brings."""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Final

from paperclaim.checks.check import Check, fail, ok, warn

#: seconds: a program that does not name its version in this time hangs
_TIMEOUT: Final = 20
_PYTHON: Final = (3, 11)
#: the first Tesseract whose network reads as ours was measured
_TESSERACT: Final = (5, 0)
#: the first poppler without CVE-2022-38784, an overflow in JBIG2; Debian 12 has 22.12
_POPPLER: Final = (22, 9)
#: the first Redis that hands a job over with nothing in between (BLMOVE)
_REDIS: Final = (6, 2)


def programs() -> Iterator[Check]:
    """Everything that has to be installed."""
    yield _python()
    yield _program(("redis-server", "--version"), r"v=([\d.]+)", _REDIS, "redis-server")
    tesseract = _program(("tesseract", "--version"), r"tesseract ([\d.]+)", _TESSERACT)
    yield tesseract
    yield _english()
    yield _program(("pdftoppm", "-v"), r"version ([\d.]+)", _POPPLER, "poppler-utils")
    yield _faces()
    yield _readers()


def _python() -> Check:
    said = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < _PYTHON:
        return fail("python", said, "Install Python 3.11 or newer and run `make run` again.")
    return ok("python", said)


def _program(
    call: tuple[str, ...], version: str, oldest: tuple[int, ...], package: str = "tesseract-ocr"
) -> Check:
    """A program, and whether it is new enough."""
    name = call[0]
    remedy = f"Install the Debian package {package}: `make run` does it."
    said = _said(call)
    if said is None:
        return fail(name, "not installed", remedy)
    found = re.search(version, said)
    if found is None:
        return warn(name, "does not tell its version", remedy)
    numbers = tuple(int(part) for part in found[1].strip(".").split("."))
    if numbers < oldest:
        least = ".".join(map(str, oldest))
        return fail(name, f"{found[1]}, {least} or newer is needed", remedy)
    return ok(name, f"{found[1]} at {shutil.which(name)}")


def _english() -> Check:
    said = _said(("tesseract", "--list-langs")) or ""
    if "eng" in said.split():
        return ok("tesseract data", "eng")
    return fail(
        "tesseract data",
        "no English data",
        "Install the Debian package tesseract-ocr-eng, or unset TESSDATA_PREFIX.",
    )


def _faces() -> Check:
    from samples.faces import installed

    found = list(installed(("liberation-mono", "dejavu-mono")))
    if found:
        return ok("fonts", ", ".join(found))
    return warn(
        "fonts",
        "samples are drawn with the one face that Pillow carries",
        "Install the Debian packages fonts-liberation and fonts-dejavu-core.",
    )


def _readers() -> Check:
    """Load what reads: this finds missing shared libraries and a damaged model."""
    try:
        from extractors.readers import load

        readers = load()
    except Exception as error:  # noqa: BLE001 - whatever it is, the report goes on
        return fail(
            "readers",
            f"can't be loaded: {type(error).__name__}",
            "Remove .venv and run `make run` again: it installs everything anew.",
        )
    return ok("readers", f"{readers.first.name}, {readers.witness.name}")


def _said(call: tuple[str, ...]) -> str | None:
    """What a program prints, None where there is none of that name."""
    try:
        done = subprocess.run(call, capture_output=True, timeout=_TIMEOUT, check=False)
    except FileNotFoundError:
        return None
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return (done.stdout + done.stderr).decode(errors="replace")
