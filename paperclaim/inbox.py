"""`paperclaim add`, `samples` and `separator`: paper for the inbox."""

from __future__ import annotations

import enum
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paperclaim.errors import AddError

if TYPE_CHECKING:
    from config.settings import Settings


class Kind(enum.StrEnum):
    """What begins after a separator sheet."""

    DOCUMENT = "document"
    ATTACHMENT = "attachment"
    BATCH = "batch"


def add(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Scans to copy.")],
    tag: Annotated[
        list[str] | None,
        typer.Option(metavar="TAG", help="Tag of the batch, such as its sender; repeatable."),
    ] = None,
) -> None:
    """Copy scans into the inbox.

    Each appears there whole, under a name that is not yet taken; the files themselves stay where
    they are. `--tag acme --tag commercial`
    is the subfolder acme/commercial.
    """
    from config.load import settings
    from intake.inbox import DEEPEST, is_junk
    from paperclaim.files import copy_new

    tags = [_checked(name) for name in tag or ()]
    if len(tags) > DEEPEST:
        raise AddError(
            f"There are {len(tags)} tags; {DEEPEST} are the most.", remedy="Leave some out."
        )
    for path in files:
        if is_junk(path.name):
            raise AddError(
                f"{path} would never be taken: names like this are of files that are no scans.",
                remedy="Give it another name, such as scan.pdf; nothing was added.",
            )
    folder = _inbox(settings()).joinpath(*tags)
    for path in files:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            copy = copy_new(path, folder)
        except OSError as error:
            raise AddError(f"{path} can't be added: {error.strerror}.") from None
        typer.echo(os.fsencode(copy))


def _inbox(settings: Settings) -> Path:
    """The inbox, made where it is one to be made."""
    from intake.folders import make

    make("inbox", settings.inbox, settings.data)
    return settings.inbox


def _checked(tag: str) -> str:
    """A tag that is the name of one folder, and not of one that is never looked into."""
    from intake.inbox import is_junk

    if not tag.strip() or "/" in tag or "\0" in tag or is_junk(tag):
        raise AddError(
            "A tag is the name of a folder: no slash, no point in front, and none of those that "
            "copiers and servers leave behind.",
            remedy="Choose another one; nothing was added.",
        )
    return tag


def samples() -> None:
    """Draw six made-up scans into the inbox.

    Both forms, clean and faxed, a claim with mistakes, one with an attachment. `run` does this
    when it is started for the first time with neither an inbox nor a database set.
    """
    import tempfile

    from config.load import settings
    from paperclaim.files import copy_new
    from samples import first

    inbox = _inbox(settings())
    try:
        with tempfile.TemporaryDirectory(prefix="paperclaim-") as folder:
            drawn = first(Path(folder))
            for path in drawn:
                copy_new(path, inbox)
    except OSError as error:
        raise AddError(f"Samples can't be added: {error.strerror}.") from None
    typer.echo(f"{len(drawn)} samples drawn and dropped in the inbox")


def separator(
    out: Annotated[Path, typer.Argument(metavar="FILE.pdf", help="Where the sheet goes.")],
    kind: Annotated[Kind, typer.Option(help="What begins after it.")] = Kind.DOCUMENT,
    pages: Annotated[
        int | None,
        typer.Option(min=1, max=99_999, help="Of a batch: pages counted.", show_default=False),
    ] = None,
) -> None:
    """Draw a separator sheet as PDF.

    Print it, and put it in front of each document, or batch, before scanning. Sides count that
    have something on them, but for separator sheets and the backs of forms.
    """
    from intake.separator import SeparatorKind, draw_pdf
    from paperclaim.files import write_whole

    if pages is not None and kind is not Kind.BATCH:
        raise AddError("Only a batch sheet says how many pages were counted.")
    try:
        write_whole(out, draw_pdf(SeparatorKind(kind), pages))
    except OSError as error:
        raise AddError(f"{out} can't be written: {error.strerror}.") from None
    typer.echo(out)
