"""What really arrives: none of it may break a page or a neighbour field."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from extractors.readers import Readers
from forms.layout import layout
from models.clock import Stages
from models.page import Matrix, PageImage, Pixels
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import faces
from samples.printing import Press
from samples.scan import scan_page
from samples.style import Style
from samples.wording import Wording
from tests.extractors.arriving import (
    BLACK,
    CENTS,
    DROPPED,
    RED,
    SANS,
    Arrived,
    I,
    P,
    arrive,
    at,
    claim,
    middle,
    paint,
    service,
)

pytestmark = pytest.mark.xdist_group("readers")


@pytest.mark.parametrize("style", [BLACK, DROPPED, RED], ids=["black", "dropped", "red"])
def test_amounts_over_the_cents_rule(style: Style, readers: Readers) -> None:
    fields = claim(P)
    odd = {"24.1.charges": "99200", "24.2.charges": "120.00", "24.3.charges": "85.50",
           "24.4.charges": "64.00", "24.5.charges": "000", "28": "126150", "29": "000"}  # fmt: skip
    for number in range(1, 6):
        fields |= service(number, charges=None)
    del fields["28"], fields["29"]

    def extra(press: Press) -> dict[str, str]:
        figure = press.width("0")
        # straight across the rule; with the point on it; before it; behind it; all on it
        back = {"24.1.charges": 2.8, "24.2.charges": 3.5, "24.3.charges": 2.6,
                "24.4.charges": 2.2, "24.5.charges": 1.0}  # fmt: skip
        for name, figures in back.items():
            press.say(CENTS - figures * figure, middle(P, name), odd[name])
        press.say(6.007 - 4 * figure, middle(P, "28"), odd["28"])
        press.say(7.007 - figure, middle(P, "29"), odd["29"])
        return odd

    arrived = arrive(readers, style, fields, extra=extra)
    arrived.check(*odd)
    values = {name: arrived.document.fields[name].value for name in odd}
    assert values == {
        "24.1.charges": "992.00", "24.2.charges": "120.00", "24.3.charges": "85.50",
        "24.4.charges": "64.00", "24.5.charges": "0.00", "28": "1261.50", "29": "0.00",
    }  # fmt: skip


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_dates_of_any_make(style: Style, readers: Readers) -> None:
    dates = ["06152026", "06/15/26", "06-15-26", "061526", "06 15 26", "06/15/2026"]
    fields = claim(P)
    for number, date in enumerate(dates, start=1):
        # of the last two only the first day is told
        only = number > 4
        fields |= service(number, **{"from": date, "to": None if only else date})
    odd = [f"24.{number}.from" for number in range(1, 7)]
    arrived = arrive(readers, style, fields)
    arrived.check(*odd, *(f"24.{number}.to" for number in range(1, 5)))
    assert {arrived.document.fields[name].value for name in odd} == {"2026-06-15"}
    assert not {"24.5.to", "24.6.to"} & set(arrived.document.fields)


@pytest.mark.parametrize("points", [8.0, 9.5, 11.0])
def test_proportional_type_in_lower_case(points: float, readers: Readers) -> None:
    fields = claim(P, Wording(mixed=True)) | service(1) | service(2, modifier1="25")
    arrive(readers, Style(SANS, "dropout", "office-200", points=points), fields).check(
        "2", "24.2.modifier1"
    )


def in_two_faces(style: Style, first: dict[str, str], other: Style, rest: dict[str, str]) -> Pixels:
    """A page of which another face prints some fields."""
    presses = [Press(P, face, random.Random(3)) for face in (style, other)]
    for press, fields in zip(presses, (first, rest), strict=True):
        press.fields(fields)
    ink = np.asarray(np.maximum(*(press.finish() for press in presses)), np.uint8)
    sheet, _ = scan_page(P, ink, style, random.Random(1))
    return np.asarray(sheet.pixels, np.uint8)


def test_two_type_faces_on_one_form(readers: Readers) -> None:
    fields = claim(P) | service(1) | service(2)
    odd = dict(list(fields.items())[1::2])
    even = {k: t for k, t in fields.items() if k not in odd}
    pixels = in_two_faces(BLACK, odd, replace(BLACK, font=SANS, points=9), even)
    (document,) = assemble([read_image(PageImage(pixels, 300.0, 1), readers, Stages())])
    Arrived(document, fields, P).check("2", "28")


def test_capitals_under_a_caption_smaller_than_the_other_print(readers: Readers) -> None:
    large, small = (
        replace(BLACK, font=SANS, points=points, pitch=0, offset=(0, -0.04)) for points in (15, 10)
    )
    fields = claim(P) | service(1)
    few = {name: fields.pop(name) for name in ("5.state", "21.indicator")}
    pixels = in_two_faces(large, fields, small, few)
    (document,) = assemble([read_image(PageImage(pixels, 300.0, 1), readers, Stages())])
    assert {name: document.fields[name].text for name in few} == few


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_notes_in_the_shaded_half_and_on_unused_lines(style: Style, readers: Readers) -> None:
    note = "START 0910 STOP 0955"
    fields = claim(P) | service(1, supplemental=note) | service(2)

    other = {"24.4.supplemental": "SEE NOTES 10:15 AM - 10:45 AM"}

    def extra(press: Press) -> dict[str, str]:
        press.say(0.4, middle(P, "24.3.from"), "NO FURTHER SERVICES ON THIS DATE")
        press.say(0.4, middle(P, "24.6.from"), "VOID VOID VOID")
        for name, text in other.items():
            press.say(0.4, middle(P, name), text)
        return other

    arrived = arrive(readers, style, fields, extra=extra)
    arrived.check("24.1.supplemental", *(k for k in fields if k.startswith(("24.1.", "24.2."))))
    assert not arrived.wrong() & other.keys()
    # a piece of a word that looks like a code is none
    assert "line.note" in arrived.document.fields["24.3.from"].doubts
    lines = {
        f
        for finding in arrived.document.findings
        if finding.cause == "provider"
        for f in finding.fields
    }
    assert not {name for name in lines if name.startswith(("24.3.", "24.6."))}


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_words_where_a_name_or_number_is_asked_for(style: Style, readers: Readers) -> None:
    words = {"4": "SAME", "7.street": "SAME", "11": "NONE", "9": "NONE", "19": "SEE ATTACHED",
             "11c": "see attached", "32.1": "SAME", "17": "none"}  # fmt: skip
    fields = {k: t for k, t in claim(P).items() if not k.startswith(("7.", "9", "11"))}
    arrive(readers, style, fields | service(1) | words).check(*words)


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_short_codes_and_procedures_with_their_modifier(style: Style, readers: Readers) -> None:
    fields = claim(I) | {"4": "131"}
    codes = [k for k in fields if k.startswith("42.") and k != "42.23"][:3]
    fields |= dict.fromkeys(codes, "450")
    procedures = [k.replace("42.", "44.") for k in codes]
    fields = {k: t for k, t in fields.items() if k not in procedures}

    def extra(press: Press) -> dict[str, str]:
        for name in procedures:
            right = layout(I).fields[name].box[2]
            press.say(right - press.width("9921325") - 0.03, middle(I, name), "9921325")
        return dict.fromkeys(procedures, "9921325")

    arrive(readers, style, fields, form=I, extra=extra).check("4", *codes, *procedures)


def test_the_code_in_the_corner_is_all_that_is_left_of_the_form(readers: Readers) -> None:
    fields = claim(P) | service(1)
    # seeds of scanners that keep what is black on the form
    for seed in range(1, 9):
        sheet, _ = scan_page(P, _ink(fields), DROPPED, random.Random(seed))
        page = PageImage(np.asarray(sheet.pixels, np.uint8), 200.0, 1)
        reading = read_image(page, readers, Stages())
        if reading.barcodes:
            (document,) = assemble([reading])
            Arrived(document, fields, P).check("2", "33a")
            assert reading.facts.method in ("print", "rules")
            return
    pytest.fail("no scan kept the code")


def _ink(fields: dict[str, str]) -> Pixels:
    press = Press(P, DROPPED, random.Random(3))
    press.fields(fields)
    return press.finish()


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_redaction_bars(style: Style, readers: Readers) -> None:
    hidden = {"1a": (5.2, 1.47, 7.2, 1.65), "2": (0.3, 1.80, 3.1, 1.98)}

    def spoil(pixels: Pixels, place: Matrix) -> None:
        for x0, y0, x1, y1 in hidden.values():
            paint(pixels, [at(place, x, y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))], 0)

    arrived = arrive(readers, style, claim(P) | service(1), spoil=spoil)
    assert arrived.wrong() == set(hidden)
    assert not set(hidden) & set(arrived.document.fields)
    # nobody knows what stands behind a bar: not the provider's omission
    missing = [f for f in arrived.document.findings if set(f.fields) & set(hidden)]
    assert {f.cause for f in missing} == {"capture"}


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_holes_staples_stamps_and_a_corner_cut_off(style: Style, readers: Readers) -> None:
    def spoil(pixels: Pixels, place: Matrix) -> None:
        paint(pixels, [(0, 0), at(place, 1.6, 0.0), at(place, 0.0, 1.3)], 60)
        height, width = pixels.shape[:2]
        paint(pixels, [(width, height), at(place, 7.4, 11.0), at(place, 8.5, 10.4)], 255)

    damaged = replace(style, damage=("punch", "staple", "stamp"))
    arrive(readers, damaged, claim(P) | service(1), spoil=spoil).check()


def test_first_characters_in_captions_and_under_a_hole(readers: Readers) -> None:
    odd = {"8b": "JEFFERS RICHARD", "9b": "LOUISVILLE", "76.first": "SMARR", "3a": "AC2567712"}
    fields = {k: t for k, t in claim(I).items() if k not in odd}

    def extra(press: Press) -> dict[str, str]:
        for name, text in odd.items():
            x0 = layout(I).fields[name].box[0]
            press.say(x0 - (0.0 if name == "3a" else 0.1), middle(I, name), text)
        return odd

    def spoil(pixels: Pixels, place: Matrix) -> None:
        x0 = layout(I).fields["3a"].box[0]
        cv2.circle(pixels, at(place, x0, middle(I, "3a")), round(0.13 * 200), 40, -1)

    pale = replace(BLACK, scan="pale-200")
    arrived = arrive(readers, pale, fields, form=I, extra=extra, spoil=spoil)
    read = arrived.document.fields
    assert arrived.wrong() == {"3a"}
    assert not {n for n in arrived.wrong() if n in read and read[n].accepted}


def test_the_last_figure_in_the_letter_of_the_next_box(readers: Readers) -> None:
    """Items 32b and 33b begin with a small b, where many a printer ends the NPI."""
    npi = "1234567893"
    fields = {k: t for k, t in claim(P).items() if k not in {"32a", "33a"}} | service(1)

    def extra(press: Press) -> dict[str, str]:
        for name, caption in (("32a", 3.63), ("33a", 6.33)):
            press.say(caption + 0.05 - press.width(npi), middle(P, name) + 0.03, npi)
        return {"32a": npi, "33a": npi}

    arrived = arrive(readers, BLACK, fields, extra=extra)
    arrived.check("32a", "33a")


@pytest.mark.parametrize("form", ["black", "dropout"])
def test_a_figure_that_is_a_bare_stroke_beside_its_boxs_line(form: Any, readers: Readers) -> None:
    def extra(press: Press) -> dict[str, str]:
        for number in (1, 2, 3):
            name = f"24.{number}.units"
            press.say(layout(P).fields[name].box[0], middle(P, name), "l")
        return {f"24.{number}.units": "1" for number in (1, 2, 3)}

    lines = service(1, units=None) | service(2, units=None) | service(3, units=None)
    style = replace(BLACK, font=SANS, form=form, points=10)
    arrived = arrive(readers, style, claim(P) | lines, extra=extra)
    arrived.check("24.1.units", "24.2.units", "24.3.units")


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_a_page_laid_askew_with_a_corner_gone(style: Style, readers: Readers) -> None:
    def spoil(pixels: Pixels, _: Matrix) -> None:
        height, width = pixels.shape[:2]
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), 4.0, 1.0)
        pixels[:] = cv2.warpAffine(pixels, turn, (width, height), borderValue=(30,) * 3)
        paint(pixels, [(0, height), (width // 5, height), (0, round(0.88 * height))], 30)

    arrive(readers, style, claim(P) | service(1), spoil=spoil).check()


def test_characters_are_read_through_streaks(readers: Readers) -> None:
    def spoil(pixels: Pixels, place: Matrix) -> None:
        for x in (1.0, 4.2, 7.4):
            pixels[:, at(place, x, 5.0)[0]] = 0

    fields = claim(P) | service(1)
    arrived = arrive(readers, replace(BLACK, scan="bitonal-200"), fields, spoil=spoil)
    read = arrived.document.fields
    assert arrived.document.form is P
    assert not {n for n in arrived.wrong() if n in read and read[n].accepted}
    assert not {n for n in read if n not in fields and read[n].accepted}
    assert len(arrived.wrong()) < 0.04 * len(fields)


@pytest.mark.parametrize("offset", [(-0.07, 0.0), (0.0, 0.08), (0.0, -0.07)])
def test_print_on_rules_and_captions(offset: tuple[float, float], readers: Readers) -> None:
    fields = claim(P) | service(1)
    arrived = arrive(readers, replace(BLACK, offset=offset), fields)
    arrived.check()


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_a_name_that_runs_over_the_next_boxes(style: Style, readers: Readers) -> None:
    long = {
        "2": "VANDERMEULENBROECK-HASTINGS, CHRISTOPHER ALEXANDER",
        "5.street": "1234 NORTHWESTERN BOULEVARD APARTMENT 12",
    }
    over = {"3.birth_date", "3.sex", "4", "6"}
    arrived = arrive(readers, style, claim(P) | service(1) | long)
    read = arrived.document.fields
    assert arrived.wrong() <= over | set(long)
    assert not {
        n for n in (*over, *long) if n in arrived.wrong() and n in read and read[n].accepted
    }


def test_blue_handwriting_photographed(readers: Readers) -> None:
    hand = next((f for f in ("breip", "steve-hand", "comic-neue") if f in faces.installed()), None)
    if hand is None:
        pytest.skip("no hand is installed")
    style = Style(hand, "red", "photo-220", blue=True, marks="tick")
    fields = claim(P) | service(1)
    arrived = arrive(readers, style, fields)
    assert arrived.document.form is P
    read = arrived.document.fields
    assert not {n for n in arrived.wrong() if n in read and read[n].accepted}
    boxes = {name for name in fields if layout(P).fields[name].choices}
    assert not boxes & arrived.wrong()


def test_print_that_a_threshold_broke_is_read_whole(readers: Readers) -> None:
    def spoil(pixels: Pixels, _: Matrix) -> None:
        pixels[np.random.default_rng(5).random(pixels.shape) < 0.45] = 255

    fields = claim(P) | service(1)
    arrived = arrive(readers, replace(BLACK, scan="bitonal-200"), fields, spoil=spoil)
    read = arrived.document.fields
    assert len(arrived.wrong()) <= 0.08 * len(fields)
    # specks make an I a T there, for a person too
    accepted = {n for n in arrived.wrong() if n in read and read[n].accepted}
    assert not accepted - {"33.3"}
    assert not {n for n in read if n not in fields and read[n].accepted}


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_characters_that_a_white_streak_parts_are_one_row(style: Style, readers: Readers) -> None:
    fields = claim(P) | service(1)

    def spoil(pixels: Pixels, place: Matrix) -> None:
        left, right = (at(place, x, middle(P, "2")) for x in (0.2, 8.2))
        cv2.line(pixels, left, right, (255,) * 3, 2)

    arrive(readers, style, fields, spoil=spoil).check("2", "4", "3.birth_date")


def test_an_l_among_small_letters_is_no_line(readers: Readers) -> None:
    names = {"2": "Hellman, Lilli", "4": "Hellman, Lilli", "7.city": "Allentown"}
    style = Style(SANS, "black", "office-200", points=9.5)
    fields = claim(P, Wording(mixed=True)) | service(1) | names
    arrive(readers, style, fields).check(*names)


def test_a_column_of_ones_on_a_rule_that_was_dropped(readers: Readers) -> None:
    style = Style(SANS, "red", "office-200-colour", points=10)
    ones = [f"46.{number}" for number in range(1, 9)]
    lines = {f"42.{n}": "0450" for n in range(1, 9)} | {f"47.{n}": "100.00" for n in range(1, 9)}
    fields = {k: t for k, t in claim(I).items() if k not in ones} | lines

    def extra(press: Press) -> dict[str, str]:
        left = layout(I).fields["46.1"].box[0]
        for name in ones:
            press.say(left - press.width("1") / 2, middle(I, name), "1")
        return dict.fromkeys(ones, "1")

    arrive(readers, style, fields, form=I, extra=extra).check(*ones)


@pytest.mark.parametrize("stem", [0.5, 0.6, 0.7])
def test_a_one_on_a_short_rule_that_was_dropped(stem: float, readers: Readers) -> None:
    style = Style(SANS, "red", "office-200-colour", points=10)
    fields = {k: t for k, t in claim(I).items() if k != "14"}
    (rule,) = {r.x0 for r in layout(I).rules if r.x0 == r.x1 and abs(r.x0 - 2.25) < 0.005}

    def extra(press: Press) -> dict[str, str]:
        press.say(rule - stem * press.width("1"), middle(I, "14"), "1")
        return {"14": "1"}

    arrive(readers, style, fields, form=I, extra=extra).check("14")


def test_letters_present_on_admission_beside_their_box(readers: Readers) -> None:
    fields = {k: t for k, t in claim(I).items() if not k.startswith("67")}
    codes = {"67": "I10", "67A": "E1165", "67B": "N179"}
    fields |= codes | {f"{name}.poa": "Y" for name in codes}
    arrived = arrive(readers, replace(DROPPED, offset=(0.08, 0.0)), fields, form=I)
    arrived.check(*(f"{name}.poa" for name in codes), *codes)


def test_letters_present_on_admission_that_touch_the_next_code(readers: Readers) -> None:
    codes = {"67": "I10", "67A": "M1010", "67B": "M25512", "67C": "T7101"}
    letters = {"67.poa": "Y", "67A.poa": "W", "67B.poa": "Y"}
    fields = {k: t for k, t in claim(I).items() if not k.startswith("67")} | codes | letters

    def extra(press: Press) -> dict[str, str]:
        # the letter's right edge is where the code begins
        for name, text in letters.items():
            press.say(layout(I).fields[name].box[0] + 0.02, middle(I, name), text)
        return letters

    printed = {name: text for name, text in fields.items() if name not in letters}
    style = Style(SANS, "dropout", "office-200", points=11)
    arrived = arrive(readers, style, printed, form=I, extra=extra)
    read = arrived.document.fields
    assert (
        not arrived.wrong()
        & (codes.keys() | letters.keys())
        & {n for n in read if read[n].accepted}
    )
    (facts,) = arrived.document.page_facts
    assert letters.keys() <= read.keys() | set(facts.unsure)
    assert len(arrived.wrong() & letters.keys()) <= 1


def test_figures_that_stand_on_a_line_of_the_form(readers: Readers) -> None:
    pages = {"43.23.page": "1", "43.23.of": "1"}
    fields = {k: t for k, t in claim(I).items() if not k.startswith("43.23")}

    def extra(press: Press) -> dict[str, str]:
        for name in pages:
            x0, y0, x1, _ = layout(I).fields[name].box
            press.say((x0 + x1) / 2, y0 + 0.03, "l")
        return pages

    style = Style(SANS, "black", "photo-220", points=10)
    arrive(readers, style, fields, form=I, extra=extra).check(*pages)


def test_a_name_goes_on_in_the_empty_box_beside_it(readers: Readers) -> None:
    names = {"1.1": "CLARKDALE STOCKETT WHITING"}
    fields = {k: t for k, t in claim(I).items() if not k.startswith("2.")} | names
    for style in (BLACK, DROPPED):
        arrived = arrive(readers, style, fields, form=I)
        arrived.check("1.1")
        assert "2.1" not in arrived.document.fields


def test_lines_of_the_form_side_by_side_are_not_read(readers: Readers) -> None:
    fields = claim(P) | service(1)
    arrived = arrive(readers, BLACK, fields)
    assert set(arrived.document.fields) <= set(fields)


@pytest.mark.parametrize("style", [BLACK, DROPPED], ids=["black", "dropped"])
def test_rows_that_touch_are_parted(style: Style, readers: Readers) -> None:
    lines = {"32.1": "HANNAHN HEALTH", "32.2": "NAHNHAN HILLS", "32.3": "HARNMAN PA 17751"}
    fields = claim(P) | service(1) | lines

    def spoil(pixels: Pixels, place: Matrix) -> None:
        left = layout(P).fields["32.1"].box[0]
        for upper, lower in (("32.1", "32.2"), ("32.2", "32.3")):
            for x in np.arange(left + 0.1, left + 0.7, 0.1):
                ends = (middle(P, upper) + 0.04, middle(P, lower) - 0.04)
                first, last = (at(place, x, y) for y in ends)
                cv2.line(pixels, first, last, (0,) * 3, 2)

    arrive(readers, style, fields, spoil=spoil).check(*lines)
