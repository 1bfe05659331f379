"""`paperclaim rules`: what a claim is checked for."""

from __future__ import annotations

import dataclasses
import enum
from pathlib import Path
from typing import Annotated

import typer


class State(enum.StrEnum):
    """Whether a rule runs."""

    ON = "on"
    OFF = "off"
    NOT_RUN = "not run"


def rules(
    state: Annotated[
        State | None, typer.Option(help="Only rules in this state.", show_default=False)
    ] = None,
    profile: Annotated[
        str | None, typer.Option(metavar="NAME", help="By this profile.", show_default=False)
    ] = None,
) -> None:
    """List the rules that claims are checked by.

    Each with its severity, the forms and fields that it is about, whether it runs, and what it
    says. A rule that needs something that is not loaded says so, and never counts as passed.
    Without a profile: by the one that comes with the product.
    """
    from config.load import settings
    from edits.catalogue import rules as catalogue
    from edits.known import Known

    known = Known(settings().under_data(Path()))
    context = known.context()
    if profile is not None:
        context = dataclasses.replace(context, profile=known.profiles.named(profile))
    listed = catalogue(context)
    known.close()
    for rule in listed:
        if state in (None, rule.state):
            typer.echo(f"{rule.id}  {rule.severity:6}  {rule.forms}, {rule.fields}: {rule.status}")
            typer.echo(f"      {rule.message}")
