"""Whole, or still coming in."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pikepdf
import pytest

from intake.whole import why_not_whole
from tests.intake.conftest import PdfMaker, as_bytes, sheet


def pdf(**options: Any) -> bytes:
    maker = PdfMaker()
    maker.scan(sheet("L"))
    maker.page(b"BT /F1 12 Tf 72 700 Td (TEXT) Tj ET")
    buffer = io.BytesIO()
    maker.pdf.save(buffer, **options)
    return buffer.getvalue()


def batch(**options: Any) -> bytes:
    more = [sheet("1"), sheet("1", (300, 400))]
    return as_bytes(sheet("1"), "TIFF", save_all=True, append_images=more, **options)


FILES = {
    "pdf": pdf(),
    "linearized pdf": pdf(linearize=True),
    "pdf with streams of objects": pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "g4": batch(compression="group4"),
    "lzw": batch(compression="tiff_lzw"),
    "jpeg in tiff": as_bytes(sheet("RGB"), "TIFF", compression="jpeg"),
    "big tiff": as_bytes(sheet("L"), "TIFF", big_tiff=True),
    "jpeg": as_bytes(sheet("RGB"), "JPEG"),
    "progressive jpeg": as_bytes(sheet("RGB"), "JPEG", progressive=True),
    "png": as_bytes(sheet("RGB"), "PNG"),
}


@pytest.mark.parametrize("name", FILES)
def test_whole_files_are_whole(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scan"
    path.write_bytes(FILES[name])
    assert why_not_whole(path) is None


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.97])
def test_a_copy_in_progress_is_not_whole(tmp_path: Path, name: str, share: float) -> None:
    """Cut short, and as some file servers write: full length at once, zeros to the end."""
    data = FILES[name]
    there = int(len(data) * share)
    cut = tmp_path / "cut"
    cut.write_bytes(data[:there])
    assert why_not_whole(cut)
    reserved = tmp_path / "reserved"
    reserved.write_bytes(data[:there] + bytes(len(data) - there))
    # A TIFF whose directories came first can't tell zeros from white.
    if "tiff" not in name and name not in {"g4", "lzw"}:
        assert why_not_whole(reserved)


@pytest.mark.parametrize("name", ["jpeg", "progressive jpeg", "png", "pdf"])
def test_padding_at_the_end_is_tolerated(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scan"
    path.write_bytes(FILES[name] + bytes(500))
    assert why_not_whole(path) is None


def test_the_end_of_a_thumbnail_is_not_the_end_of_the_photo(tmp_path: Path) -> None:
    thumbnail = as_bytes(sheet("RGB", (64, 64)), "JPEG")
    photo = FILES["jpeg"]
    segment = b"\xff\xe1" + (len(thumbnail) + 2).to_bytes(2, "big") + thumbnail
    path = tmp_path / "photo.jpg"
    path.write_bytes(photo[:2] + segment + photo[2 : len(photo) // 2])
    assert why_not_whole(path)
    path.write_bytes(photo[:2] + segment + photo[2:])
    assert why_not_whole(path) is None


def test_a_pdf_with_wrong_offsets_is_whole_if_it_ends_as_it_should(tmp_path: Path) -> None:
    """Some practice systems write them; every viewer mends them."""
    data = FILES["pdf"]
    at = data.rindex(b"startxref")
    path = tmp_path / "scan.pdf"
    path.write_bytes(data[:at] + b"startxref\n7\n%%EOF\n")
    assert why_not_whole(path) is None


def test_a_locked_pdf_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "locked.pdf"
    path.write_bytes(pdf(encryption=pikepdf.Encryption(user="a", owner="b")))
    assert why_not_whole(path) is None


def test_a_reason_says_what_is_missing(tmp_path: Path) -> None:
    path = tmp_path / "scan.jpg"
    path.write_bytes(FILES["jpeg"][:-2])
    assert why_not_whole(path) == "The end of the JPEG is missing."
    assert why_not_whole(tmp_path / "gone") == "The file can't be read."
