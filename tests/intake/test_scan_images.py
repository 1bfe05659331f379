"""TIFF, JPEG and PNG, as scanners and phones write them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from intake.errors import MorePicturesError, NoSuchPageError
from intake.limits import Limits
from intake.scan import open_page, open_scan
from models.page import Form, PageImage
from samples import faces
from samples.scan import make
from samples.style import Style
from tests.intake.conftest import as_bytes, corner, sheet


def only(path: Path, limits: Limits) -> PageImage:
    pages = list(open_scan(path, limits))
    assert len(pages) == 1
    return pages[0]


@pytest.mark.parametrize(
    ("mode", "compression"),
    [
        ("1", "group4"),
        ("1", "group3"),
        ("1", "tiff_lzw"),
        ("L", "tiff_lzw"),
        ("L", "raw"),
        ("RGB", "tiff_adobe_deflate"),
        ("RGB", "packbits"),
        ("P", "tiff_lzw"),
    ],
)
def test_tiff_comes_back_pixel_for_pixel(
    tmp_path: Path, limits: Limits, mode: str, compression: str
) -> None:
    drawn = sheet(mode)
    path = tmp_path / "scan.tif"
    drawn.save(path, compression=compression, dpi=(200, 200))
    page = only(path, limits)
    expected = drawn.convert("RGB" if mode in {"P", "RGB"} else "L")
    assert np.array_equal(page.pixels, np.asarray(expected))
    assert page.dpi == pytest.approx(200)


def test_jpeg_in_tiff(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "scan.tif"
    sheet("RGB").save(path, compression="jpeg", dpi=(300, 300))
    page = only(path, limits)
    difference = page.pixels.astype(int) - np.asarray(sheet("RGB")).astype(int)
    assert np.abs(difference).mean() < 3


def test_black_stays_black_whatever_the_photometric_interpretation(
    tmp_path: Path, limits: Limits
) -> None:
    for number, tags in enumerate(({262: 0}, {262: 1})):
        path = tmp_path / f"{number}.tif"
        sheet("1").save(path, compression="group4", tiffinfo=tags)
        assert only(path, limits).pixels.mean() > 200


def test_sixteen_bits_become_eight(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "deep.tif"
    values = np.asarray(sheet("L")).astype(np.uint16) * 257
    Image.fromarray(values).save(path)
    assert np.array_equal(only(path, limits).pixels, np.asarray(sheet("L")))


@pytest.mark.parametrize("suffix", ["tif", "png"])
def test_twelve_bits_in_sixteen_become_eight(tmp_path: Path, limits: Limits, suffix: str) -> None:
    path = tmp_path / f"deep.{suffix}"
    Image.fromarray(np.asarray(sheet("L")).astype(np.uint16) * 16).save(path)
    assert np.array_equal(only(path, limits).pixels, np.asarray(sheet("L")))


def test_pages_of_a_tiff_in_order_and_one_by_one(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "batch.tif"
    pages = [sheet("1", (400 + 10 * n, 500)) for n in range(5)]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4")
    assert [page.width for page in open_scan(path, limits)] == [400, 410, 420, 430, 440]
    assert [page.number for page in open_scan(path, limits)] == [1, 2, 3, 4, 5]
    assert open_page(path, 4, limits).width == 430
    for number in (0, -3, 6):
        with pytest.raises(NoSuchPageError):
            open_page(path, number, limits)


def test_thumbnails_in_a_tiff_are_no_pages(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "batch.tif"
    thumbnail = sheet("L", (100, 130))
    thumbnail.encoderinfo = {"tiffinfo": {254: 1}}
    sheet("L").save(path, save_all=True, append_images=[thumbnail, sheet("L", (500, 600))])
    assert [page.width for page in open_scan(path, limits)] == [850, 500]


def test_a_coarse_fax_gets_square_pixels(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "fax.tif"
    flat = sheet("L", (1728, 2156)).resize((1728, 1078)).convert("1", dither=Image.Dither.NONE)
    flat.save(path, compression="group3", dpi=(204, 98))
    page = only(path, limits)
    assert (page.width, page.height) == (1728, 2244)
    assert page.dpi == pytest.approx(204)


@pytest.mark.parametrize("size", [(1728, 2156), (2550, 3300), (1728, 2800)])
def test_a_fax_whose_pixels_were_made_square_before_stays(
    tmp_path: Path, limits: Limits, size: tuple[int, int]
) -> None:
    path = tmp_path / "fax.tif"
    sheet("1", size).save(path, compression="group4", dpi=(204, 98))
    page = only(path, limits)
    assert ((page.width, page.height), page.dpi) == (size, 0.0)


def _coarse() -> Image.Image:
    """A page as a fax of 204 x 98 dots an inch has it."""
    return sheet("L", (1728, 2156)).resize((1728, 1078)).convert("1", dither=Image.Dither.NONE)


@pytest.mark.parametrize(
    ("tags", "dpi"),
    [
        ({282: 204.0, 283: 98.0, 296: 1}, 0.0),
        ({282: 2.0, 283: 1.0, 296: 1}, 0.0),
        ({}, 204.0),
    ],
)
def test_a_coarse_fax_gets_square_pixels_though_it_says_no_dots_an_inch(
    tmp_path: Path, limits: Limits, tags: dict[int, float], dpi: float
) -> None:
    path = tmp_path / "fax.tif"
    _coarse().save(path, compression="group3", tiffinfo=tags)
    page = only(path, limits)
    assert page.width == 1728
    assert page.height == pytest.approx(2200, abs=60)
    assert page.dpi == dpi


@pytest.mark.parametrize(
    "tags",
    [
        {282: 204.0, 283: 196.0, 296: 1},
        {282: 1.0, 283: 1.0, 296: 1},
        {282: 900.0, 283: 1.0, 296: 1},
    ],
)
def test_pixels_that_are_square_or_nonsense_stay(
    tmp_path: Path, limits: Limits, tags: dict[int, float]
) -> None:
    path = tmp_path / "fax.tif"
    sheet("1", (1728, 2156)).save(path, compression="group3", tiffinfo=tags)
    assert (only(path, limits).width, only(path, limits).height) == (1728, 2156)


def test_a_wide_picture_that_says_nothing_is_no_fax(tmp_path: Path, limits: Limits) -> None:
    sheet("1", (1700, 1078)).save(tmp_path / "wide.tif", compression="group3")
    assert only(tmp_path / "wide.tif", limits).height == 1078
    sheet("L", (1728, 1078)).save(tmp_path / "grey.tif")
    assert only(tmp_path / "grey.tif", limits).height == 1078


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "TIFF", "PNG"])
def test_orientation_is_heeded(tmp_path: Path, limits: Limits, form: str, orientation: int) -> None:
    path = tmp_path / "photo"
    exif = Image.Exif()
    exif[274] = orientation
    path.write_bytes(as_bytes(sheet("RGB"), form, exif=exif))
    page = only(path, limits)
    # EXIF 2.32, table 4: where the picture's first row and column lie
    shown = {
        1: "top left",
        2: "top right",
        3: "bottom right",
        4: "bottom left",
        5: "top left",
        6: "top right",
        7: "bottom right",
        8: "bottom left",
    }[orientation]
    assert corner(page.pixels) == shown
    assert (page.width > page.height) == (orientation >= 5)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P"])
def test_png_of_every_mode(tmp_path: Path, limits: Limits, mode: str) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(as_bytes(sheet("RGB").convert(mode), "PNG", dpi=(150, 150)))
    page = only(path, limits)
    assert page.pixels.shape[:2] == (1100, 850)
    assert page.dpi == pytest.approx(150, abs=0.1)
    assert corner(page.pixels) == "top left"


def test_what_is_transparent_is_paper(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "page.png"
    Image.new("RGBA", (300, 400), (0, 0, 0, 0)).save(path)
    assert only(path, limits).pixels.min() == 255


def test_cmyk_jpeg(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "press.jpg"
    sheet("RGB").convert("CMYK").save(path, quality=90)
    page = only(path, limits)
    assert page.pixels.mean() > 200
    assert page.jpeg == b""


def test_a_photo_says_nothing_about_the_paper(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "photo.jpg"
    sheet("RGB", (2400, 3200)).save(path, dpi=(72, 72))
    assert only(path, limits).dpi == 0.0


@pytest.mark.parametrize(("suffix", "form"), [("jpg", "MPO"), ("png", "PNG")])
def test_further_pages_of_a_picture_are_asked_for_one_by_one(
    tmp_path: Path, limits: Limits, suffix: str, form: str
) -> None:
    path = tmp_path / f"two.{suffix}"
    sheet("L").save(path, form, save_all=True, append_images=[sheet("L").rotate(180)])
    with pytest.raises(MorePicturesError) as caught:
        list(open_scan(path, limits))
    assert caught.value.code == "scan.more_pictures"


def test_a_small_picture_behind_a_photo_is_no_page(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "phone.jpg"
    depth = sheet("L", (425, 550))
    sheet("RGB").save(path, "MPO", save_all=True, append_images=[depth])
    assert only(path, limits).width == 850
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) - len(as_bytes(depth, "JPEG")) // 2])
    assert only(path, limits).width == 850


def test_names_lie(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "scan.pdf"
    path.write_bytes(as_bytes(sheet("L"), "PNG"))
    assert only(path, limits).width == 850


def test_a_scan_can_be_left_in_the_middle(tmp_path: Path, limits: Limits) -> None:
    path = tmp_path / "batch.tif"
    sheet("1").save(path, save_all=True, append_images=[sheet("1")] * 3, compression="group4")
    pages = open_scan(path, limits)
    assert next(pages).number == 1
    pages.close()  # type: ignore[attr-defined] # a generator, to those who ask


@pytest.mark.parametrize("mode", ["1", "L", "RGB"])
def test_a_negative_is_turned_and_a_sheet_on_dark_ground_is_not(
    tmp_path: Path, limits: Limits, mode: str
) -> None:
    page, _ = make(Form.CMS1500, 1, Style(faces.BUILT_IN, "black", "office-200"))
    path = tmp_path / "scan.png"
    Image.fromarray(255 - page).convert(mode).save(path)
    seen = only(path, limits)
    assert float(np.median(seen.pixels)) > 200
    assert not seen.jpeg
    ground = np.full((2 * page.shape[0], 2 * page.shape[1]), 10, np.uint8)
    ground[300 : 300 + page.shape[0], 200 : 200 + page.shape[1]] = page
    Image.fromarray(ground).convert(mode).save(path)
    assert float(np.median(only(path, limits).pixels)) < 60
