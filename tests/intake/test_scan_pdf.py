"""PDFs: wrapped scans taken as they are, everything else drawn, and their own text."""

from __future__ import annotations

import struct
import subprocess
from pathlib import Path

import numpy as np
import pdf2image
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from intake.errors import DynamicFormError, EncryptedPdfError, FilesInsideError
from intake.images import decode, encode
from intake.limits import Limits
from intake.scan import open_page, open_scan
from models.page import PageImage
from tests.intake.conftest import LETTER, PdfMaker, as_bytes, corner, sheet

PLACED = b"q 612 0 0 792 0 0 cm /Im0 Do Q"


def only(path: Path, limits: Limits) -> PageImage:
    (page,) = open_scan(path, limits)
    return page


def is_dark(page: PageImage, points: tuple[float, float, float, float]) -> bool:
    """Something is drawn in a box of PDF points, y up, on letter paper."""
    scale = page.width / LETTER[0]
    x0, y0, x1, y1 = points
    part = page.pixels[
        round((792 - y1) * scale) : round((792 - y0) * scale), round(x0 * scale) : round(x1 * scale)
    ]
    return bool(part.min() < 128)


def drawn_by_poppler(path: Path, dpi: int) -> np.ndarray:
    (image,) = pdf2image.convert_from_path(path, dpi=dpi, use_cropbox=True)
    return np.asarray(image.convert("L"))


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_wrapped_jpeg_is_taken_as_it_is(
    tmp_path: Path, limits: Limits, maker: PdfMaker, mode: str
) -> None:
    maker.scan(sheet(mode, (1700, 2200)))
    page = only(maker.save(tmp_path / "scan.pdf"), limits)
    stream = maker.pdf.pages[0].Resources.XObject.Im0
    assert page.jpeg == stream.read_raw_bytes()
    assert page.dpi == pytest.approx(200)
    kept, media = encode(page)
    assert media == "image/jpeg"
    assert np.array_equal(decode(kept, limits), page.pixels)


@pytest.mark.parametrize("compression", ["group4", "flate", "lzw", "indexed"])
def test_other_wrapped_scans_pixel_for_pixel(
    tmp_path: Path, limits: Limits, maker: PdfMaker, compression: str
) -> None:
    page = maker.page(PLACED)
    if compression == "group4":
        image = sheet("1")
        strip = g4_strip(image, tmp_path / "g4.tif")
        parms = Dictionary(K=-1, Columns=image.width, Rows=image.height, BlackIs1=False)
        stream = maker.image(
            strip,
            image.size,
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=1,
            Filter=Name.CCITTFaxDecode,
            DecodeParms=parms,
        )
    elif compression == "indexed":
        image = sheet("RGB").quantize(8)
        palette = bytes(image.getpalette() or [])
        space = Array([Name.Indexed, Name.DeviceRGB, len(palette) // 3 - 1, palette])
        stream = maker.image(image.tobytes(), image.size, ColorSpace=space)
        image = image.convert("RGB")
    else:
        image = sheet("RGB")
        stream = maker.image(image.tobytes(), image.size, ColorSpace=Name.DeviceRGB)
    page.obj.Resources.XObject[Name.Im0] = stream
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    expected = np.asarray(image.convert("L") if compression == "group4" else image)
    assert np.array_equal(found.pixels, expected)
    assert found.dpi == pytest.approx(100)


@pytest.mark.parametrize("rotate", [0, 90, 270])
@pytest.mark.parametrize(
    "matrix",
    [
        b"612 0 0 792 0 0",
        b"-612 0 0 -792 612 792",
        b"0 792 -612 0 612 0",
        b"0 -792 612 0 0 792",
        b"-612 0 0 792 612 0",
        b"612 0 0 -792 0 792",
        b"0 792 612 0 0 0",
        b"0 -792 -612 0 612 792",
    ],
)
def test_a_scan_lies_as_a_viewer_shows_it(
    tmp_path: Path, limits: Limits, maker: PdfMaker, matrix: bytes, rotate: int
) -> None:
    page = maker.page(b"q " + matrix + b" cm /Im0 Do Q")
    on_its_side = matrix.startswith(b"0")
    picture = sheet("L").rotate(90, expand=True) if on_its_side else sheet("L")
    page.obj.Resources.XObject[Name.Im0] = maker.jpeg(picture)
    page.obj.Rotate = rotate
    path = maker.save(tmp_path / "scan.pdf")
    found = only(path, limits)
    assert found.dpi == pytest.approx(100)
    if found.jpeg:  # kept only where it lies as it is shown
        assert np.array_equal(decode(found.jpeg, limits), found.pixels)
    across = found.width / (792 if rotate % 180 else 612)
    poppler = Image.fromarray(drawn_by_poppler(path, round(72 * across)))
    seen = np.asarray(poppler.resize((found.width, found.height)), dtype=int)
    assert np.abs(found.pixels.astype(int) - seen).mean() < 12
    assert corner(found.pixels) == corner(seen)


def test_what_the_crop_box_hides_is_not_shown(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    page = maker.scan(sheet("L"))
    page.obj.CropBox = Array([0, 0, 612, 380])
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert found.width / found.height == pytest.approx(612 / 380, rel=0.01)
    assert found.pixels[:40, :40].min() > 240  # the mark of the sheet


@pytest.mark.parametrize(
    "more",
    [
        b"0 0 1 rg 300 400 100 100 re f",
        b"BT /F1 24 Tf 300 450 Td (PAID) Tj ET",
        b"5 w 300 400 m 400 500 l S",
        b"q 100 0 0 100 300 400 cm /Im0 Do Q",
        b"q 100 0 0 100 300 400 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x00 EI Q",
    ],
)
def test_what_is_drawn_over_a_scan_is_seen(
    tmp_path: Path, limits: Limits, maker: PdfMaker, more: bytes
) -> None:
    page = maker.page(PLACED + b"\n" + more)
    page.obj.Resources.XObject[Name.Im0] = maker.jpeg(Image.new("L", (850, 1100), 255))
    if b"Im0" in more:
        page.obj.Resources.XObject[Name.Im1] = maker.jpeg(Image.new("L", (10, 10), 0))
        page.obj.Contents = maker.pdf.make_stream(
            (PLACED + b"\n" + more[::1]).replace(b"400 cm /Im0", b"400 cm /Im1")
        )
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert is_dark(found, (300, 400, 400, 500))
    assert found.jpeg == b""


def test_an_unseen_text_layer_becomes_words_and_the_scan_stays_a_scan(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    page = maker.page(PLACED + b" BT 3 Tr /F1 12 Tf 72 700 Td (NEWMAN, ALFRED E) Tj ET")
    page.obj.Resources.XObject[Name.Im0] = maker.jpeg(sheet("L", (1700, 2200)))
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert found.jpeg
    assert [word.text for word in found.words] == ["NEWMAN,", "ALFRED", "E"]
    assert not any(word.drawn for word in found.words)
    left, top, _, bottom = found.words[0].box
    assert left == pytest.approx(200, abs=5)
    assert top < (792 - 700) / 72 * 200 < bottom + 5


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_words_lie_where_they_are_printed(
    tmp_path: Path, limits: Limits, maker: PdfMaker, rotate: int
) -> None:
    page = maker.page(b"BT /F1 40 Tf 100 600 Td (WHERE) Tj ET")
    page.obj.Rotate = rotate
    page.obj.CropBox = Array([50, 50, 600, 780])
    found = only(maker.save(tmp_path / "text.pdf"), limits)
    (word,) = found.words
    x0, y0, x1, y1 = word.box
    ink = np.argwhere(found.pixels < 128)
    (top, left), (bottom, right) = ink.min(axis=0), ink.max(axis=0)
    assert x0 - 8 <= left
    assert right <= x1 + 8
    assert y0 - 8 <= top
    assert bottom <= y1 + 8
    assert (x1 - x0) * (y1 - y0) < 4 * (right - left) * (bottom - top)


@pytest.mark.parametrize("needed", [True, False])
def test_a_form_filled_on_screen_is_drawn_and_read(
    tmp_path: Path,
    limits: Limits,
    maker: PdfMaker,
    needed: bool,  # noqa: FBT001
) -> None:
    """Without appearance streams, as browsers and many practice systems leave it."""
    page = maker.page(b"1 w 72 690 200 30 re S")
    box = (74.0, 692.0, 270.0, 718.0)
    maker.field(page, box, FT=Name.Tx, T=b"name", V=b"NEWMAN ALFRED", DA=b"/Helv 12 Tf 0 g")
    comb = (74.0, 600.0, 270.0, 620.0)
    facts = {"FT": Name.Tx, "T": b"id", "V": b"123456789", "DA": b"/Helv 12 Tf 0 g"}
    maker.field(page, comb, **facts, Ff=1 << 24, MaxLen=9)
    hidden = (74.0, 500.0, 270.0, 520.0)
    maker.field(page, hidden, FT=Name.Tx, T=b"h", V=b"HIDDEN", DA=b"/Helv 12 Tf 0 g").F = 2
    empty = (74.0, 400.0, 270.0, 420.0)
    maker.field(page, empty, FT=Name.Tx, T=b"e", DA=b"/Helv 12 Tf 0 g")
    maker.pdf.Root.AcroForm.NeedAppearances = needed
    found = only(maker.save(tmp_path / "form.pdf"), limits)
    assert is_dark(found, (76, 696, 268, 714))
    assert is_dark(found, (76, 602, 268, 618))
    assert not is_dark(found, hidden)
    assert not is_dark(found, empty)
    assert [word.text for word in found.words] == ["NEWMAN ALFRED", "123456789"]
    assert all(word.drawn for word in found.words)
    scale = found.width / 612
    expected = [value * scale for value in (74, 792 - 718, 270, 792 - 692)]
    assert found.words[0].box == pytest.approx(expected, abs=2)


def test_ticked_boxes(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    page = maker.page(b"")
    for at, state in ((100, Name.Yes), (200, Name.Off)):
        rect = (at, 600.0, at + 14, 614.0)
        mark = maker.pdf.make_stream(
            b"2 w 1 1 m 13 13 l 1 13 m 13 1 l S", Subtype=Name.Form, BBox=Array([0, 0, 14, 14])
        )
        off = maker.pdf.make_stream(b"", Subtype=Name.Form, BBox=Array([0, 0, 14, 14]))
        looks = Dictionary(N=Dictionary(Yes=mark, Off=off))
        maker.field(page, rect, FT=Name.Btn, T=b"b%d" % at, V=state, AS=state, AP=looks)
    found = only(maker.save(tmp_path / "form.pdf"), limits)
    assert is_dark(found, (100, 600, 114, 614))
    assert not is_dark(found, (200, 600, 214, 614))
    assert [word.text for word in found.words] == ["X"]


def test_a_value_that_is_not_what_the_field_shows_does_not_count(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    page = maker.page(b"")
    shown = maker.pdf.make_stream(
        b"BT /F1 12 Tf 2 5 Td (SHOWN) Tj ET",
        Subtype=Name.Form,
        BBox=Array([0, 0, 196, 26]),
        Resources=page.obj.Resources,
    )
    facts = {"FT": Name.Tx, "T": b"n", "V": b"STORED", "DA": b"/Helv 12 Tf 0 g"}
    maker.field(page, (74.0, 692.0, 270.0, 718.0), **facts, AP=Dictionary(N=shown))
    found = only(maker.save(tmp_path / "form.pdf"), limits)
    assert [word.text for word in found.words] == ["SHOWN"]


def test_notes_on_a_scan_are_drawn(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    """The typewriter of a PDF viewer: a free text annotation."""
    page = maker.scan(Image.new("L", (850, 1100), 255))
    note = Dictionary(
        Type=Name.Annot,
        Subtype=Name.FreeText,
        Rect=Array([100, 600, 300, 630]),
        Contents=b"TYPED",
        DA=b"/Helv 18 Tf 0 g",
        F=4,
    )
    page.obj.Annots = Array([maker.pdf.make_indirect(note)])
    found = only(maker.save(tmp_path / "noted.pdf"), limits)
    assert is_dark(found, (100, 600, 300, 630))
    assert [word.text for word in found.words] == ["TYPED"]


def test_links_do_not_keep_a_scan_from_being_one(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    page = maker.scan(sheet("L"))
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]))
    page.obj.Annots = Array([maker.pdf.make_indirect(link)])
    assert only(maker.save(tmp_path / "linked.pdf"), limits).jpeg


def test_a_password_is_asked_for(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    maker.scan(sheet("L"))
    path = maker.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(user="a", owner="b"))
    with pytest.raises(EncryptedPdfError) as caught:
        open_page(path, 1, limits)
    assert caught.value.code == "pdf.encrypted"


def test_scans_inside_a_pdf_are_asked_for_one_by_one(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    """Its page is a cover, as that of a portfolio, or a letter with the claim clipped to it."""
    page = maker.scan(sheet("L"))
    maker.pdf.attachments["data.xml"] = b"<a/>"
    assert only(maker.save(tmp_path / "noted.pdf"), limits).width == 850
    for name in ("claim.PDF", "claim.tif"):
        maker.pdf.attachments[name] = b"%PDF-1.7"
        with pytest.raises(FilesInsideError) as caught:
            open_page(maker.save(tmp_path / "portfolio.pdf"), 1, limits)
        assert caught.value.code == "pdf.files_inside"
        del maker.pdf.attachments[name]
    clip = Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=Array([9, 9, 30, 30]))
    clip.FS = Dictionary(Type=Name.Filespec, F=b"claim.jpg")
    page.obj[Name.Annots] = Array([clip])
    with pytest.raises(FilesInsideError):
        open_page(maker.save(tmp_path / "clipped.pdf"), 1, limits)


@pytest.mark.parametrize("between", [b"", b"\r\n", b"\x1a"])
def test_pdfs_joined_byte_by_byte_are_asked_for_one_by_one(
    tmp_path: Path, limits: Limits, maker: PdfMaker, between: bytes
) -> None:
    """The last of them would be found alone."""
    maker.scan(sheet("L"))
    one = maker.save(tmp_path / "one.pdf").read_bytes()
    joined = tmp_path / "joined.pdf"
    joined.write_bytes(one + between + one)
    with pytest.raises(FilesInsideError):
        open_page(joined, 1, limits)
    joined.write_bytes(one + between)
    assert only(joined, limits).width == 850


def test_a_form_that_only_adobe_can_show(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    maker.page(b"BT /F1 12 Tf 72 700 Td (Please wait...) Tj ET")
    maker.pdf.Root.NeedsRendering = True
    with pytest.raises(DynamicFormError):
        open_page(maker.save(tmp_path / "xfa.pdf"), 1, limits)


def test_hidden_text_next_to_a_filled_field(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    """The field is what the page shows; the hidden text is somebody's reading of the scan."""
    page = maker.page(PLACED + b" BT 3 Tr /F1 12 Tf 72 300 Td (GUESSED) Tj ET")
    page.obj.Resources.XObject[Name.Im0] = maker.jpeg(sheet("L", (1700, 2200)))
    rect = (74.0, 692.0, 270.0, 718.0)
    maker.field(page, rect, FT=Name.Tx, T=b"n", V=b"TYPED", DA=b"/Helv 12 Tf 0 g")
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert {(word.text, word.drawn) for word in found.words} == {
        ("TYPED", True),
        ("GUESSED", False),
    }


def test_a_pdf_that_only_forbids_changes_opens(
    tmp_path: Path, limits: Limits, maker: PdfMaker
) -> None:
    maker.scan(sheet("L"))
    maker.page(b"BT /F1 40 Tf 100 600 Td (WORD) Tj ET")
    path = maker.save(tmp_path / "shut.pdf", encryption=pikepdf.Encryption(user="", owner="b"))
    first, second = open_scan(path, limits)
    assert first.jpeg
    assert [word.text for word in second.words] == ["WORD"]


def test_a_mask_is_painted_not_taken(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    page = maker.page(b"0 g " + PLACED)
    bits = sheet("1").tobytes()
    facts = {"ImageMask": True, "BitsPerComponent": 1}
    page.obj.Resources.XObject[Name.Im0] = maker.image(bits, (850, 1100), **facts)
    path = maker.save(tmp_path / "mask.pdf")
    found = only(path, limits)
    assert np.array_equal(found.pixels, np.asarray(sheet("1").convert("L")))
    assert found.dpi == pytest.approx(100)


def g4_strip(image: Image.Image, path: Path) -> bytes:
    """The G4 data of a black and white picture."""
    image.save(path, compression="group4", tiffinfo={262: 0, 278: image.height})
    with TiffImageFile(path) as saved:
        (at,), (count,) = saved.tag_v2[273], saved.tag_v2[279]
    return path.read_bytes()[at : at + count]


def jbig2(image: Image.Image, path: Path) -> bytes:
    """A picture as an embedded JBIG2 stream: one generic region, coded as G4 (ITU T.88, 7.4)."""

    def segment(number: int, kind: int, data: bytes) -> bytes:
        return struct.pack(">IBBBI", number, kind, 0, 1, len(data)) + data

    width, height = image.size
    page = struct.pack(">IIIIBH", width, height, 0, 0, 0, 0)
    region = struct.pack(">IIIIBB", width, height, 0, 0, 0, 1) + g4_strip(image, path)
    return segment(0, 48, page) + segment(1, 38, region)


def test_jbig2_is_drawn_dot_for_dot(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    """What poppler decodes comes unscaled, though it gives no other way to it than drawing."""
    image = sheet("1")
    page = maker.page(PLACED)
    data = jbig2(image, tmp_path / "g4.tif")
    facts = {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 1, "Filter": Name.JBIG2Decode}
    page.obj.Resources.XObject[Name.Im0] = maker.image(data, image.size, **facts)
    path = maker.save(tmp_path / "scan.pdf")
    found = only(path, limits)
    subprocess.run(["pdfimages", path, tmp_path / "decoded"], check=True)
    with Image.open(tmp_path / "decoded-000.pbm") as decoded:
        assert np.array_equal(found.pixels, np.asarray(decoded.convert("L")))
    assert found.dpi == pytest.approx(100)


def test_jpeg_2000(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    image = sheet("RGB")
    page = maker.page(PLACED)
    data = as_bytes(image, "JPEG2000")
    facts = {"ColorSpace": Name.DeviceRGB, "Filter": Name.JPXDecode}
    page.obj.Resources.XObject[Name.Im0] = maker.image(data, image.size, **facts)
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert found.pixels.shape == (1100, 850, 3)
    assert np.abs(found.pixels.astype(int) - np.asarray(image)).mean() < 2


def test_a_scan_cut_into_strips(tmp_path: Path, limits: Limits, maker: PdfMaker) -> None:
    """Some copiers do it; drawn at 300 dpi no line is lost between two strips."""
    image = sheet("L", (2550, 3300))
    page = maker.page(
        b"".join(b"q 612 0 0 198 0 %d cm /Im%d Do Q " % (594 - 198 * n, n) for n in range(4))
    )
    for number in range(4):
        strip = image.crop((0, 825 * number, 2550, 825 * (number + 1)))
        page.obj.Resources.XObject[f"/Im{number}"] = maker.jpeg(strip)
    found = only(maker.save(tmp_path / "scan.pdf"), limits)
    assert found.pixels.shape == (3300, 2550)
    assert np.abs(found.pixels.astype(int) - np.asarray(image)).mean() < 3
