"""A letter as it is printed: what it says, where it says it, and the bar codes on its sheet."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pdf2image import convert_from_bytes

from intake.look import look
from intake.separator import Reply, reply_of, reply_payload
from letters.draft import Draft, Item, Recipient, asked, items
from letters.paper import Content, Head, pdf
from letters.privacy import masked
from letters.reference import reference
from models import dcn as control_numbers
from models.page import Form, PageImage
from models.reading import Finding
from tests.letters.base import HOUSE, claim

DCN = control_numbers.make(dt.date(2026, 11, 20), 12)
RECEIVED = dt.date(2026, 11, 20)
HEAD = Head(HOUSE.payer, HOUSE.address, HOUSE.phone, HOUSE.fax)


def content(*texts: str, **changes: object) -> Content:
    draft = Draft(
        items=[Item(where=f"Item {n}", text=text) for n, text in enumerate(texts, start=1)],
        notes=[Item(where="Item 33", text="Mind the ZIP code.")],
        remark="Thank you.",
        recipient=Recipient(name="POE MEDICAL GROUP PC", lines=["1 ELM ST", "ALBANY NY 12203"]),
    )
    made = Content(
        head=HEAD,
        draft=draft,
        reference=reference(DCN, RECEIVED, claim()),
        number=2,
        stage="letter",
        dated=dt.date(2026, 11, 23),
        due=dt.date(2027, 1, 7),
        first=dt.date(2026, 11, 23),
        closing="If we hear nothing, we return the claim.",
    )
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


def text_of(made: bytes, tmp_path: Path, *options: str) -> str:
    path = tmp_path / "letter.pdf"
    path.write_bytes(made)
    done = subprocess.run(
        ["pdftotext", *options, str(path), "-"], check=True, capture_output=True, text=True
    )
    return done.stdout


def test_it_says_what_is_asked_about_which_claim_and_no_more(tmp_path: Path) -> None:
    said = " ".join(text_of(pdf(content("The tax number is missing.")), tmp_path).split())
    for part in (
        "The tax number is missing.",
        "Mind the ZIP code.",
        "Thank you.",
        DCN,
        "November 20, 2026",
        "DOE1001",
        "September 14, 2026",
        "Please answer by January 7, 2027",
        "(555) 010-4400",
        "If we hear nothing, we return the claim.",
    ):
        assert part in said
    for part in ("DOE,", "JANE", "XYZ123456789", "1966", "E119", "99213", "12 MAIN"):
        assert part not in said


@pytest.mark.parametrize("lines", [2, 4])
def test_nothing_but_the_address_shows_in_the_window_of_the_envelope(
    tmp_path: Path, lines: int
) -> None:
    made = content("The tax number is missing.")
    to = Recipient(name="POE MEDICAL GROUP PC", lines=["1 ELM ST", "FLOOR 3", "ALBANY NY"][:lines])
    draft = made.draft.model_copy(update={"recipient": to})
    boxes = text_of(pdf(dataclasses.replace(made, draft=draft)), tmp_path, "-bbox", "-l", "1")
    found = re.findall(
        r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', boxes
    )
    inside, words = [], " ".join([to.name, *to.lines]).split()
    for x0, y0, x1, y1, word in found:
        left, top, right, bottom = (float(each) / 72 for each in (x0, y0, x1, y1))
        # a No. 10 envelope's window, and how far a sheet may shift in it
        if left < 5.375 and bottom > 2.04 and top < 3.63:
            inside.append(word)
            assert left >= 0.875
            assert right <= 4.375
            assert top >= 2.45
            assert bottom <= 3.22
    assert inside == words


def test_its_sheet_comes_back_known_however_it_was_scanned() -> None:
    sheet = convert_from_bytes(pdf(content("The tax number is missing.")), dpi=200)[-1]
    skewed = sheet.rotate(2.3, fillcolor="white")
    for picture, turns in ((sheet, 0), (skewed, 0), (sheet.rotate(180), 2)):
        pixels = np.asarray(picture.convert("L"))
        seen = look(PageImage(pixels, 200.0, 1))
        assert seen.form is Form.ATTACHMENT
        assert seen.quarter_turns == turns
        replies = {reply_of(code.text) for code in seen.barcodes}
        assert replies == {Reply(DCN, 2)}


def test_a_long_letter_goes_on_and_every_sheet_has_its_code() -> None:
    made = pdf(content(*(f"Question {n}: " + "say more of it. " * 12 for n in range(30))))
    with pikepdf.open(io.BytesIO(made)) as document:
        pages = len(document.pages)
        assert pages >= 4
        assert document.docinfo["/Title"] == f"Request for information, claim {DCN}"
    for sheet in convert_from_bytes(made, dpi=100, first_page=pages - 1):
        codes = look(PageImage(np.asarray(sheet.convert("L")), 100.0, 1)).barcodes
        assert {code.text for code in codes} == {reply_payload(Reply(DCN, 2))}


def test_the_same_letter_is_the_same_bytes_and_words_are_never_markup(tmp_path: Path) -> None:
    odd = 'Use #strong[this], *that*, $x^2$, <b>, "quotes" \\ and `code` = not a heading'
    one = pdf(content(odd))
    assert one == pdf(content(odd))
    said = " ".join(text_of(one, tmp_path, "-raw").split())
    for part in ("#strong[this]", "*that*", "$x^2$", "<b>", "`code` = not"):
        assert part in said
    preview = text_of(pdf(content(odd, preview=True)), tmp_path)
    assert "Draft, not sent" in preview
    assert "Draft" not in said


def test_letters_of_two_people_are_set_at_once() -> None:
    """The desk answers each request in a thread of its own."""
    long = content(*(f"Question {n}: " + "say more of it. " * 12 for n in range(30)))
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(pdf, [long] * 8))
    assert set(made) == {pdf(long)}


@settings(max_examples=60, deadline=None)
@given(
    st.from_regex(r"[0-8][0-9]{2}([- ][0-9]{2}[- ]|[0-9]{2})[0-9]{4}", fullmatch=True).filter(
        lambda text: (
            re.sub(r"\D", "", text)[:3] not in {"000", "666"}
            and re.sub(r"\D", "", text)[3:5] != "00"
            and re.sub(r"\D", "", text)[5:] != "0000"
        )
    ),
    st.sampled_from(["", "ID ", "(", "x: "]),
)
def test_of_a_social_security_number_four_digits_are_left(number: str, before: str) -> None:
    digits = re.sub(r"\D", "", number)
    said = masked(f"{before}{number}.")
    assert digits[:5] not in re.sub(r"\D", "", said)
    assert digits[-4:] in said


def test_other_numbers_stay() -> None:
    for text in ("DOE1001", "1234567893", "(555) 010-4400", "12203-1234", "26324P0000012X"):
        assert masked(text) == text


def test_neither_doubts_nor_our_own_notes_are_asked_about() -> None:
    known = {"severity": "reject", "fields": ["25"]}
    findings = [
        Finding(rule="A", message="Send it.", cause="provider", **known),
        Finding(rule="B", message="In doubt.", cause="capture", **known),
        Finding(rule="C", message="(Ours) Count.", cause="provider", **known),
    ]
    assert [finding.rule for finding in asked(findings)] == ["A"]


def test_the_same_words_about_several_places_are_one_question() -> None:
    reading = claim({"24.1.units": "", "24.2.units": "", "33.phone": ""})
    wanted, _ = items(reading)
    assert [item.text for item in wanted] == list(dict.fromkeys(item.text for item in wanted))
    without = claim({"26": ""})
    told = reference(DCN, RECEIVED, without)
    assert (told.account, told.patient) == ("", "DOE, J.")
