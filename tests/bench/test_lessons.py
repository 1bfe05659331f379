"""Lessons: strips as the product cuts them, each with what is really printed on it."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest

from bench.lesson_faces import extra_faces
from bench.lessons import lessons, varied
from bench.rewording import anything
from extractors.kinds.decode import key_of
from extractors.kinds.table import kind_named
from extractors.readers import Readers
from extractors.readers.recogniser import ALPHABET, HEIGHT
from extractors.strip import Strip
from forms.layout import layout
from models.page import Form, PageImage
from samples import claims, faces
from samples.scan import TODAY, make
from samples.style import Style
from samples.wording import Wording


@pytest.mark.xdist_group("readers")
def test_a_strip_shows_what_its_label_says(readers: Readers) -> None:
    font = faces.installed(("liberation-mono", "dejavu-mono"))[0]
    style = Style(font=font, form="dropout", scan="clean-300", money="point")
    pixels, truth = make(Form.UB04, 3, style)
    found = list(lessons(PageImage(np.asarray(pixels, np.uint8), 300.0, 1), truth))
    printed = [t for t in truth["fields"].values() if t]
    assert len(found) > len(printed) / 2
    kind = kind_named("text")
    read = readers.first.read([Strip("1", "text", p, (0, 0, 1, 1)) for p, _ in found])
    right = sum(
        key_of(kind, seen.text).replace(" ", "") == key_of(kind, label).replace(" ", "")
        for seen, (_, label) in zip(read, found, strict=True)
    )
    assert right > 0.9 * len(found)
    assert all(picture.shape[0] == HEIGHT for picture, _ in found)
    assert all(set(label) <= set(ALPHABET) for _, label in found)


def test_a_page_that_is_not_found_teaches_nothing() -> None:
    _, truth = make(Form.UB04, 3, Style(font=faces.installed()[0]))
    blank = PageImage(np.full((2200, 1700), 255, np.uint8), 200.0, 1)
    assert list(lessons(blank, truth)) == []


def test_lessons_say_anything_but_what_sums_and_marks_need() -> None:
    for form in (Form.CMS1500, Form.UB04):
        claim = claims.make(form, random.Random(1), Wording(), today=TODAY)
        other = anything(claim, random.Random(2), 1.0)
        for before, after in zip(claim.pages, other.pages, strict=True):
            assert before.keys() == after.keys()
            for name, text in before.items():
                spec = layout(form).fields[name]
                if spec.choices or spec.kind == "money":
                    assert after[name] == text
        assert other.pages != claim.pages


def test_no_two_scanners_are_the_same_and_all_can_scan() -> None:
    drawn = [varied(random.Random(seed)) for seed in range(50)]
    assert len(set(drawn)) > 40
    assert {s.mode for s in drawn} == {"colour", "grey", "bitonal"}
    assert all(0 < s.threshold < 255 and 200 <= s.paper <= 255 for s in drawn)


def test_faces_of_lessons_are_nobody_elses() -> None:
    known = faces.known()
    extra = extra_faces()
    assert not {replace(i, package="").file for i in extra.values()} & {
        i.file for i in known.values()
    }
    assert {i.kind for i in extra.values()} == {"hand", "mono", "proportional"}
