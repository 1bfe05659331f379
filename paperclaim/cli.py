"""The command line: `paperclaim COMMAND`.

A command's module imports what it needs when it runs: `paperclaim --help` loads neither OpenCV
nor the readers nor the database.
"""

from __future__ import annotations

import os
import sys

import typer

from models.errors import PaperclaimError
from paperclaim import (
    access,
    audit,
    doctor,
    documents,
    inbox,
    letters,
    lists,
    purge,
    read,
    rules,
    running,
    setup,
)

app = typer.Typer(
    name="paperclaim",
    help="Paper medical claims (CMS-1500, UB-04) into data that a payer can trust.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: Rich would cost half of the start
)
app.command()(running.run)
app.command()(running.watch)
app.command()(running.relay)
app.command()(running.work)
app.command()(running.web)
app.command()(inbox.add)
app.command()(inbox.samples)
app.command()(read.read)
app.command()(documents.status)
app.command()(documents.show)
app.command()(documents.move)
app.command()(documents.retry)
app.command()(purge.purge)
app.command()(doctor.doctor)
app.command()(setup.config)
app.command()(inbox.separator)
app.add_typer(access.token, name="token")
app.add_typer(audit.audit, name="audit")
app.command()(rules.rules)
app.add_typer(lists.codes, name="codes")
app.add_typer(lists.roster, name="roster")
app.add_typer(letters.letters, name="letters")
app.command()(setup.schema)
app.command()(setup.version)


def main() -> None:
    """Run a command; a failure that has a name becomes one line and an exit status."""
    # libgomp spins for seconds when Tesseract may use more threads than there are idle cores
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        app()
    except PaperclaimError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(error.exit_code)
