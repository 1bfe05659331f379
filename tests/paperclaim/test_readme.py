"""What the README tells people to type and to open is there."""

from __future__ import annotations

import re
from pathlib import Path

from config.load import keys, variable
from scripts.docs import commands

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_command_is_one() -> None:
    typed = set(re.findall(r"^(?:\$ )?paperclaim ([a-z]+)", TEXT, re.MULTILINE))
    assert typed
    assert typed <= {call[0] for call in commands()}


def test_every_target_of_make_is_one() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    asked = set(re.findall(r"\bmake ([a-z]+)\b", TEXT))
    assert asked <= set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))


def test_every_variable_is_a_setting() -> None:
    named = set(re.findall(r"PAPERCLAIM_[A-Z_]+", TEXT))
    assert named <= {variable(key) for key, _ in keys()}


def test_every_link_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / target).exists(), target
