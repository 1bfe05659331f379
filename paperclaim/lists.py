"""`paperclaim codes` and `paperclaim roster`: what a payer brings for claims to be checked by."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated

import typer

codes = typer.Typer(help="Code lists that you bring.", no_args_is_help=True)
roster = typer.Typer(help="Who is a member, which providers are known.", no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="A CSV file in UTF-8.", show_default=False)]


class Roster(enum.StrEnum):
    """What a roster is of."""

    MEMBER = "member"
    PROVIDER = "provider"


@codes.command("load")
def load_codes(
    table: Annotated[str, typer.Argument(help="As `codes list` names it.", show_default=False)],
    file: File,
) -> None:
    """Load a code list; it takes the place of the one before.

    The file has the columns code, valid_from, valid_to (YYYY-MM-DD, blank for open) and text.
    """
    from codes.tables import Tables
    from config.load import settings
    from edits.known import CODES

    tables = Tables(settings().under_data(Path(CODES)))
    count = tables.load(table, file)
    tables.close()
    typer.echo(f"{table}: {count} codes")


@codes.command("list")
def list_codes() -> None:
    """Name the code lists that rules look at, and how many codes are loaded of each."""
    from codes.tables import NAMES, Tables
    from config.load import settings
    from edits.known import CODES

    tables = Tables(settings().under_data(Path(CODES)))
    counts = tables.counts()
    tables.close()
    for name, about in NAMES.items():
        loaded = f"{counts[name]} codes" if name in counts else "not loaded"
        typer.echo(f"{name:17} {loaded:>14}  {about}")


@roster.command("load")
def load_roster(
    name: Annotated[Roster, typer.Argument(help="Which one.", show_default=False)],
    file: File,
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Forget who is not in the file.")
    ] = False,
) -> None:
    """Add and update members or providers.

    Members have the columns id, last, first, birth_date, and may have sex, covered_from,
    covered_to, died; providers npi, name, and may have tax_id, organisation, may_order, email.
    """
    from config.load import settings
    from edits.known import ROSTERS
    from edits.rosters import Rosters

    rosters = Rosters(settings().under_data(Path(ROSTERS)))
    count = rosters.load(name, file, replace=replace)
    rosters.close()
    typer.echo(f"{name}: {count} rows")


@roster.command("list")
def list_rosters() -> None:
    """Tell how many members and providers are known."""
    from config.load import settings
    from edits.known import ROSTERS
    from edits.rosters import Rosters

    rosters = Rosters(settings().under_data(Path(ROSTERS)))
    for name, count in rosters.counts().items():
        typer.echo(f"{name:9} {count}")
    rosters.close()
