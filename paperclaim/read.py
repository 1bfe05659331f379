"""`paperclaim read`: scans to JSON, with no server and no database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from paperclaim.errors import NoScansError, OutFolderError, SameNameError

if TYPE_CHECKING:
    from models.reading import Reading

#: what a folder is searched for; a file named by itself may be called anything
SUFFIXES = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})


def read(
    scans: Annotated[
        list[Path], typer.Argument(metavar="SCAN...", help="Scans, or folders of scans.")
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the JSON files go.")],
    jobs: Annotated[
        int, typer.Option(metavar="N", min=1, max=256, help="Scans read at the same time.")
    ] = 1,
) -> None:
    """Read scans and write a JSON file for each.

    Scans are PDF, TIFF, JPEG or PNG files. DIR/<name of the scan>.json holds the documents found
    in a scan, their fields with confidence, and findings. A scan that can't be read gets a file
    that says why, and the exit status is 1.
    """
    from config.load import settings

    in_force = settings()
    paths = find(scans)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutFolderError(f"{out} can't be made: {error.strerror}.") from None
    failures = 0
    from paperclaim.pool import Pool

    with Pool(jobs, in_force) as pool:
        for path, reading in _shown(pool.read(paths), len(paths)):
            _write(out / f"{path.name}.json", reading)
            if reading.error:
                failures += 1
                typer.echo(f"{path}: {reading.error.code}: {reading.error.message}", err=True)
    typer.echo(f"{len(paths) - failures} of {len(paths)} scans read; JSON in {out}", err=True)
    if failures:
        raise typer.Exit(1)


def find(scans: Sequence[Path]) -> list[Path]:
    """The scans that were named, folders replaced by the scans right inside them.

    Raises:
        NoScansError: there is none.
        SameNameError: two have the same name.
    """
    found: list[Path] = []
    for path in scans:
        if path.is_dir():
            inside = (p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file())
            found += sorted(inside)
        else:
            found.append(path)
    if not found:
        raise NoScansError("There is no scan here.")
    names: dict[str, Path] = {}
    for path in found:
        other = names.setdefault(path.name, path)
        if other is not path:
            raise SameNameError(f"{other} and {path} have the same name.")
    return found


def _write(path: Path, reading: Reading) -> None:
    from paperclaim.files import write_whole

    try:
        write_whole(path, reading.model_dump_json(by_alias=True, indent=1).encode() + b"\n")
    except OSError as error:
        raise OutFolderError(f"{path} can't be written: {error.strerror}.") from None


def _shown(readings: Iterator[tuple[Path, Reading]], total: int) -> Iterator[tuple[Path, Reading]]:
    """The readings, with a progress bar where somebody is watching."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield from readings
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress("Reading", *columns, console=console) as progress:
        yield from progress.track(readings, total=total)
