"""`paperclaim token`: which programs may fetch claims over the API."""

from __future__ import annotations

from typing import Annotated

import typer

from models.errors import LedgerError

token = typer.Typer(help="Tokens of programs that fetch claims over the API.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="What the token is called, such as the program's name.")]


class NoTokenError(LedgerError):
    """There is no valid token of that name."""

    code = "token.unknown"
    remedy = "`paperclaim token list` names those that there are."


@token.command()
def add(name: Name) -> None:
    """Make a token and print it: it can't be shown again."""
    from config.load import settings
    from ledger import tokens
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        text = tokens.add(db, name)
    typer.echo(text)


@token.command("list")
def listing() -> None:
    """Name the valid tokens."""
    from config.load import settings
    from ledger import tokens
    from paperclaim.record import record

    with record(settings()) as database, database.read() as db:
        names = tokens.names(db)
    for name in names:
        typer.echo(name)


@token.command()
def revoke(name: Name) -> None:
    """End a token: whoever has it gets no more claims."""
    from config.load import settings
    from ledger import tokens
    from paperclaim.record import record

    with record(settings()) as database, database.begin() as db:
        if not tokens.revoke(db, name):
            raise NoTokenError("No valid token has this name.")
