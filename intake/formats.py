"""What kind of file a scan is, by its first bytes: names lie."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Final


class Format(enum.StrEnum):
    """The formats that a page can come in."""

    PDF = "pdf"
    TIFF = "tiff"
    JPEG = "jpeg"
    PNG = "png"


#: what the names of such files end with, mostly
SUFFIXES: Final = frozenset({".pdf", ".tif", ".tiff", ".jpg", ".jpeg", ".png"})
_STARTS: Final = (
    (b"II*\0", Format.TIFF),
    (b"MM\0*", Format.TIFF),
    (b"II+\0", Format.TIFF),
    (b"MM\0+", Format.TIFF),
    (b"\xff\xd8\xff", Format.JPEG),
    (b"\x89PNG\r\n\x1a\n", Format.PNG),
)
#: archives: a PDF that lies in one as it is would be found, and what lies beside it lost
_ARCHIVES: Final = (b"PK\x03\x04", b"Rar!", b"7z\xbc\xaf")
_TAR: Final = slice(257, 262)
#: bytes within which a PDF must say so (ISO 32000-1, annex H, implementation note 13)
_PDF_WITHIN: Final = 1024


def format_of(path: Path) -> Format | None:
    """The format of a file, None where it is none of ours.

    Raises:
        OSError: it can't be read.
    """
    with path.open("rb") as handle:
        start = handle.read(_PDF_WITHIN)
    for magic, kind in _STARTS:
        if start.startswith(magic):
            return kind
    if start.startswith(_ARCHIVES) or start[_TAR] == b"ustar":
        return None
    return Format.PDF if b"%PDF-" in start else None
