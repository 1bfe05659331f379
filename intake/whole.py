"""Is a file all there? A copy in progress is not broken, it is not whole yet.

Structure only, in milliseconds: a page that is there but damaged is found when it is opened.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pikepdf
from pikepdf import Name

from intake.errors import BrokenScanError, TooManyPagesError
from intake.formats import Format, format_of
from intake.limits import Limits
from intake.sandbox import Sandbox
from intake.tiff import directories
from intake.wire import Answer, Serve
from models.errors import ScanError

#: what the child can find, by the number that it sends
_REASONS: Final = (
    "",
    "The PDF does not end as a PDF ends, or its pages are not all there.",
    "A directory or a strip of the TIFF is missing.",
    "The end of the JPEG is missing.",
    "The end of the PNG is missing.",
    "The file is neither PDF, TIFF, JPEG nor PNG.",
)
_UNKNOWN: Final = len(_REASONS) - 1
#: bytes from the end in which a PDF must say that it ends (ISO 32000-1, annex H, note 18)
_PDF_END: Final = 1024
#: looking takes milliseconds; the rest is a busy machine
_LIMITS: Final = Limits(seconds=30)
#: JPEG markers (ITU T.81, table B.1): start of the scan; those that stand alone
_SOS: Final = 0xDA
_EOI: Final = b"\xff\xd9"
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def why_not_whole(path: Path, limits: Limits = _LIMITS) -> str | None:
    """Why a file is not complete, None where it is. Never raises for what is in the file."""
    try:
        if not path.stat().st_size:
            return "The file is empty."
    except OSError:
        return "The file can't be read."
    try:
        with Sandbox(lambda: _serve(path, limits), limits, path) as child:
            untrusted = child.ask(0).value
    except ScanError as error:
        return error.message
    return _REASONS[untrusted] or None if 0 <= untrusted < len(_REASONS) else _REASONS[_UNKNOWN]


# --- from here on: in the child ---


def _serve(path: Path, limits: Limits) -> Serve:
    checks: tuple[tuple[Format, Callable[[Path, Limits], bool]], ...] = (
        (Format.PDF, _pdf),
        (Format.TIFF, _tiff),
        (Format.JPEG, _jpeg),
        (Format.PNG, _png),
    )

    def serve(_: int) -> Answer:
        kind = format_of(path)
        for number, (one, check) in enumerate(checks, start=1):
            if kind is one:
                return Answer(0 if check(path, limits) else number)
        return Answer(_UNKNOWN)

    return serve


def _pdf(path: Path, limits: Limits) -> bool:
    """Its cross-references lead to every page; or it ends as it should and can be mended."""
    try:
        return _pages_resolve(path, limits, mend=False)
    except pikepdf.PasswordError:
        return True  # whole, if of no use: opening it says so
    except pikepdf.PdfError:
        pass
    with path.open("rb") as handle:
        handle.seek(max(0, path.stat().st_size - _PDF_END))
        if b"%%EOF" not in handle.read():
            return False
    try:
        return _pages_resolve(path, limits, mend=True)
    except pikepdf.PdfError:
        return False


def _pages_resolve(path: Path, limits: Limits, *, mend: bool) -> bool:
    """Every page is there, with what it draws."""
    with pikepdf.open(path, attempt_recovery=mend) as pdf:
        if len(pdf.pages) > limits.pages:
            return True  # opening it says so
        for page in pdf.pages:
            drawn = page.obj.get(Name.Contents, None)
            parts = list(drawn) if isinstance(drawn, pikepdf.Array) else [drawn]
            if not all(part is None or isinstance(part, pikepdf.Stream) for part in parts):
                return False
            drawn = page.resources.get(Name.XObject, pikepdf.Dictionary())
            if not all(isinstance(one, pikepdf.Stream) for one in drawn.values()):
                return False
        return True


def _tiff(path: Path, limits: Limits) -> bool:
    """Every directory reads, and all pixel data lies inside of the file."""
    size = path.stat().st_size
    try:
        found = directories(path, limits.pages)
    except TooManyPagesError:
        return True  # opening it says so
    except BrokenScanError:
        return False
    spans = [list(one.spans()) for one in found]
    inside = all(at + length <= size for some in spans for at, length in some)
    return bool(found) and all(spans) and inside


def _jpeg(path: Path, limits: Limits) -> bool:
    """The end marker follows the first scan. Cameras put more behind it; copiers pad."""
    del limits
    with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF:  # noqa: PLR2004 - a marker
            marker = data[at + 1]
            if marker == 0xFF or marker in _ALONE:  # noqa: PLR2004 - fill bytes
                at += 1 if marker == 0xFF else 2  # noqa: PLR2004
                continue
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
            if marker == _SOS:
                # Within a scan 0xFF is always followed by 0 or a restart marker.
                return data.find(_EOI, at) >= 0
    return False


def _png(path: Path, limits: Limits) -> bool:
    """The chunks lead to IEND."""
    del limits
    size = path.stat().st_size
    with path.open("rb") as handle:
        at = 8
        while at + 12 <= size:
            handle.seek(at)
            head = handle.read(8)
            at += 12 + int.from_bytes(head[:4], "big")
            if head[4:] == b"IEND":
                return at <= size
    return False
