"""A PDF that was filled on screen: its own text is a witness, and no more."""

from __future__ import annotations

import io
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from extractors.readers import Readers
from forms.layout import layout
from intake.limits import Limits
from intake.scan import open_page
from models.clock import Stages
from models.page import Form, PageImage, TextWord
from models.reading import PageReading
from pipeline.scan import read_image
from samples import faces
from samples.printing import Press
from samples.scan import scan_page
from samples.style import Style

pytestmark = pytest.mark.xdist_group("readers")
FORM = layout(Form.CMS1500)
FILLED = {
    "1a": "O0IJ7781", "2": "DOE, JANE Q", "5.street": "12 LONG ROAD", "5.city": "SPRINGFIELD",
    "5.state": "IL", "5.zip": "62704", "21.A": "M5450", "24.1.procedure": "99213",
    "24.1.charges": "120.00", "26": "DOE1034", "28": "120.00", "33a": "1234567893",
    "33.1": "TRI-COUNTY CLINIC", "33.2": "9 ELM ST", "33.3": "SPRINGFIELD IL 62704",
}  # fmt: skip
#: codes of a font whose words are not what it draws: every figure says the next one
LYING = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Lie def /CMapType 2 def 1 begincodespacerange <00> <FF> endcodespacerange
2 beginbfrange <30> <38> <0031> <41> <5A> <0041> endbfrange
1 beginbfchar <39> <0030> endbfchar
endcmap CMapName currentdict /CMap defineresource pop end end"""


def _sheet(fields: dict[str, str]) -> Image.Image:
    """A red form on white paper, laid straight, with `fields` printed on it."""
    known = faces.installed()
    font = next(f for f in ("liberation-mono", "dejavu-mono") if f in known)
    style = Style(font, "red", "clean-300")
    rng = random.Random(1)
    press = Press(Form.CMS1500, style, rng)
    press.fields(fields)
    sheet, place = scan_page(Form.CMS1500, press.finish(), style, rng)
    return Image.fromarray(np.asarray(sheet.pixels, np.uint8)).transform(
        (2550, 3300),
        Image.Transform.PERSPECTIVE,
        tuple((place / place[2, 2]).ravel()[:8]),
        Image.Resampling.BILINEAR,
    )


def _pdf(path: Path, sheet: Image.Image, text: dict[str, str], how: str) -> PageImage:
    """`sheet` as a page of a PDF that brings `text` along.

    Args:
        path: of the PDF.
        sheet: what it shows.
        text: by field.
        how: filled, filled in cells, drawn, lying or hidden.
    """
    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(612, 792))
    page = pdf.pages[0]
    data = io.BytesIO()
    sheet.save(data, "JPEG", quality=90)
    picture = pdf.make_stream(
        data.getvalue(), Type=Name.XObject, Subtype=Name.Image, Width=sheet.width,
        Height=sheet.height, BitsPerComponent=8, ColorSpace=Name.DeviceRGB, Filter=Name.DCTDecode,
    )  # fmt: skip
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    if how == "lying":
        font[Name.ToUnicode] = pdf.make_stream(LYING)
    page.obj[Name.Resources] = Dictionary(XObject=Dictionary(Im0=picture), Font=Dictionary(F1=font))
    content = b"q 612 0 0 792 0 0 cm /Im0 Do Q\n"
    for name, value in text.items():
        x0, y0, x1, y1 = FORM.fields[name].box
        middle = 792 - 36 * (y0 + y1)
        if how in {"filled", "cells"}:
            box = [72 * x0, middle - 6.5, 72 * x1, middle + 6.5]
            widget = Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, Rect=Array(box), F=4, FT=Name.Tx,
                T=name.encode(), V=value.encode(), DA=b"/Helv 10 Tf 0 g",
            )  # fmt: skip
            if how == "cells":
                widget[Name.Ff], widget[Name.MaxLen] = 1 << 24, len(value)
            fields = page.obj.get(Name.Annots, Array())
            fields.append(pdf.make_indirect(widget))
            page.obj[Name.Annots] = fields
        else:
            shown = 3 if how == "hidden" else 0
            where = f"BT /F1 10 Tf {shown} Tr {72 * x0 + 2:.2f} {middle - 3.6:.2f} Td"
            content += f"{where} ({value}) Tj ET\n".encode()
    if how in {"filled", "cells"}:
        helv = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        pdf.Root[Name.AcroForm] = Dictionary(
            Fields=page.obj.Annots, DA=b"/Helv 10 Tf 0 g", NeedAppearances=True,
            DR=Dictionary(Font=Dictionary(Helv=helv)),
        )  # fmt: skip
    page.obj[Name.Contents] = pdf.make_stream(content)
    pdf.save(path)
    return open_page(path, 1, Limits())


def _read(page: PageImage, readers: Readers) -> PageReading:
    return read_image(page, readers, Stages())


@pytest.mark.parametrize("how", ["filled", "drawn"])
def test_text_that_is_seen_is_believed(how: str, tmp_path: Path, readers: Readers) -> None:
    page = _pdf(tmp_path / "claim.pdf", _sheet({}), FILLED, how)
    assert page.words
    assert all(word.drawn for word in page.words)
    seen = _read(replace(page, words=()), readers).fields
    read = _read(page, readers).fields
    assert set(read) == set(FILLED)
    for name, text in FILLED.items():
        assert read[name].text.replace(" ", "") == text.replace(" ", "")
        assert read[name].source == "text"
        assert read[name].confidence >= seen[name].confidence
    surer = [name for name in FILLED if read[name].confidence > seen[name].confidence]
    assert len(surer) > len(FILLED) / 2


@pytest.mark.parametrize("cut", [False, True])
def test_letters_in_cells_do_not_say_where_a_word_ends(
    cut: bool,  # noqa: FBT001
    tmp_path: Path,
    readers: Readers,
) -> None:
    """A cell for each letter, which some programs write as a word for each."""
    names = {"4": "ROSE PAGE ANN", "5.city": "BROWNVIEW", "7.city": "EASTPORT", "28": "120.00"}
    page = _pdf(tmp_path / "claim.pdf", _sheet({}), names, "cells")
    if cut:
        page = replace(page, words=tuple(one for word in page.words for one in _cells(word)))
    seen = _read(replace(page, words=()), readers).fields
    read = _read(page, readers).fields
    assert read["28"].confidence >= seen["28"].confidence
    for name, text in names.items():
        assert name == "28" or not read[name].accepted or read[name].text == text
        if cut and name != "28":
            assert (read[name].text, read[name].confidence) == (
                seen[name].text,
                seen[name].confidence,
            )


def _cells(word: TextWord) -> list[TextWord]:
    """A word letter by letter."""
    x0, y0, x1, y1 = word.box
    step = (x1 - x0) / len(word.text)
    return [
        TextWord(letter, (round(x0 + n * step), y0, round(x0 + (n + 1) * step), y1), word.drawn)
        for n, letter in enumerate(word.text)
        if letter != " "
    ]


def test_a_font_that_lies_about_its_figures_is_not_believed(
    tmp_path: Path, readers: Readers
) -> None:
    numbers = {name: FILLED[name] for name in ("5.zip", "33a", "24.1.procedure", "2")}
    page = _pdf(
        tmp_path / "claim.pdf", _sheet(FILLED | dict.fromkeys(numbers, "")), numbers, "lying"
    )
    assert "2345678904" in {word.text for word in page.words}
    read = _read(page, readers).fields
    for name in ("5.zip", "33a", "24.1.procedure"):
        assert read[name].text == FILLED[name]
        assert read[name].source == "ocr"
        assert "text.differs" in read[name].doubts
        assert not read[name].accepted
    assert read["2"].source == "text"


def test_a_text_layer_behind_a_scan_changes_no_text(tmp_path: Path, readers: Readers) -> None:
    lie = {"2": "ROE, RICHARD", "33a": "1987654328", "28": "9.99", "5.city": FILLED["5.city"]}
    page = _pdf(tmp_path / "scan.pdf", _sheet(FILLED), lie, "hidden")
    assert page.words
    assert not any(word.drawn for word in page.words)
    seen = _read(replace(page, words=()), readers).fields
    read = _read(page, readers).fields
    assert {name: f.text for name, f in read.items()} == {name: f.text for name, f in seen.items()}
    assert {f.source for f in read.values()} == {"ocr"}
    assert {name for name, f in read.items() if "text.differs" in f.doubts} == {"2", "33a", "28"}
    assert read["5.city"].confidence >= seen["5.city"].confidence


def test_text_that_nobody_can_see_is_no_field_but_a_doubt(tmp_path: Path, readers: Readers) -> None:
    page = _pdf(tmp_path / "claim.pdf", _sheet(FILLED), {"4": "ROE, RICHARD"}, "drawn")
    white = page.pixels.copy()
    for word in page.words:
        x0, y0, x1, y1 = word.box
        white[y0:y1, x0 - 6 : x1 + 6] = 255
    read = _read(replace(page, pixels=white, jpeg=b""), readers)
    assert "4" not in read.fields
    assert "4" in read.facts.unsure
