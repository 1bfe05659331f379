"""The first reader's two branches: what they say together, and what is kept of each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.branches import MOST, stand
from extractors.kinds.decode import read
from extractors.kinds.table import kind_named
from extractors.readers import Readers
from extractors.readers.commas import commas
from extractors.readers.ppocr import PaddleReader, together
from extractors.readers.recogniser import (
    ALPHABET,
    Recogniser,
    Said,
    branched,
    cut_model,
    fitted,
)
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.page import Pixels
from samples.faces import BUILT_IN, Face


def seen(text: str, sure: float = 0.99, others: tuple[Sighting, ...] = ()) -> Sighting:
    step = 1 / max(1, len(text))
    positions = (Position(((c, sure),), i * step, (i + 1) * step) for i, c in enumerate(text))
    return Sighting("first", tuple(positions), others)


def printed(text: str) -> Pixels:
    """A line of print as a strip has it."""
    face = Face(BUILT_IN, 40.0)
    sheet = np.zeros((60, 40 * len(text) + 20), np.uint8)
    x = 10
    for character in text:
        glyph = face.glyph(character)
        height, width = glyph.ink.shape
        top = 45 + glyph.top
        part = sheet[top : top + height, x + glyph.left : x + glyph.left + width]
        np.maximum(part, glyph.ink, out=part)
        x += round(glyph.advance)
    return np.asarray(255 - sheet[8:54, : x + 8], np.uint8)


@pytest.mark.xdist_group("readers")
def test_each_branch_is_asked_and_both_are_heard(readers: Readers) -> None:
    text = "LAKESIDE 40271"
    (both,) = readers.first.read([Strip("2", "name", printed(text), (0, 0, 1, 1))])
    assert both.text == text
    assert [other.text for other in both.others] == [text, text]
    own, taught = ([p.chars[0][1] for p in other.positions] for other in both.others)
    assert own != taught


def test_what_both_branches_read_is_read_wherever_each_saw_it() -> None:
    y, seven = (ALPHABET.index(c) + 1 for c in "Y7")
    own, taught = (np.full((6, len(ALPHABET) + 1), 1e-4, np.float32) for _ in range(2))
    own[:, 0] = taught[:, 0] = 0.99
    own[0, [0, y]] = 0.01, 0.98
    taught[1, [0, y]] = 0.4, 0.59
    own[4, [0, seven]] = taught[4, [0, seven]] = 0.01, 0.98
    both = together(Said(own, taught, 1.0), np.full((20, 40), 255, np.uint8))
    assert both.text == "Y7"
    assert [other.text for other in both.others] == ["Y7", "Y7"]


@pytest.mark.xdist_group("readers")
def test_strips_of_all_widths_are_read_in_order(readers: Readers) -> None:
    texts = [("4027" * 12)[:length] for length in (1, 3, 3, 3, 5, 9, 9, 14, 20, 33, 3, 48, 5)]
    strips = [Strip("2", "name", printed(text), (0, 0, 1, 1)) for text in texts]
    together = [seen.text for seen in readers.first.read(strips)]
    alone = [readers.first.read([strip])[0].text for strip in strips]
    assert together == alone
    assert together[:9] == texts[:9]


@pytest.mark.xdist_group("readers")
def test_a_call_that_was_left_behind_answers_for_no_other(readers: Readers) -> None:
    texts = ["LAKESIDE 40271", "RIDGE 9935528", "HOLLOW 6617043", "MARION 2284910"]
    strips = [[Strip("2", "name", printed(text), (0, 0, 1, 1))] * 6 for text in texts]
    with ThreadPoolExecutor(len(texts)) as pool:
        seen = list(pool.map(readers.first.read, strips))
    assert [{one.text for one in of} for of in seen] == [{text} for text in texts]


@pytest.mark.xdist_group("readers")
def test_papers_are_read_by_the_branch_that_the_model_came_with(readers: Readers) -> None:
    strip = Strip("2", "name", printed("LAKESIDE 40271"), (0, 0, 1, 1))
    assert readers.papers is not None
    (paper,) = readers.papers.read([strip])
    (both,) = readers.first.read([strip])
    assert paper.others == ()
    assert paper.text == both.others[0].text
    (exact,) = Recogniser(exact=True).read([fitted(strip.pixels)])
    own = together(exact, strip.pixels).others[0]
    best = [p.chars[0][1] for p in paper.positions]
    assert best == pytest.approx([p.chars[0][1] for p in own.positions], abs=1e-4)


def test_commas_are_found_by_their_ink_alone() -> None:
    text = "LAKE,JANE I"
    (comma,) = commas(printed(text))
    assert comma == pytest.approx(text.index(",") / len(text), abs=1 / len(text))
    assert commas(printed("LAKE JANE I")) == []
    # lower halves of characters that fell apart have their upper ones above
    broken = printed("LAKE HILL")
    broken[22:28] = 255
    assert commas(broken) == []


def test_whoever_gives_no_reader_for_papers_has_the_first_for_all() -> None:
    first = PaddleReader()
    assert Readers(first, first).papers is None


def test_a_branch_that_was_taught_nothing_says_the_same() -> None:
    model = branched(cut_model(), {})
    assert [o.name for o in model.graph.output][1] == "taught." + model.graph.output[0].name
    names = [node.name for node in model.graph.node]
    assert len(names) == len(set(names))


def test_a_branch_that_reads_otherwise_counts_against() -> None:
    kind = kind_named("code")
    others = (seen("450", 0.9), seen("460", 0.99))
    sighting = seen("450", others=others)
    less, more = stand(read(kind, sighting), sighting)
    assert less < 0 < more
    agreed = seen("450", others=(seen("450", 0.9), seen("450", 0.99)))
    assert 0 < stand(read(kind, agreed), agreed)[0] < stand(read(kind, agreed), agreed)[1]


def test_what_the_kind_tells_apart_the_branches_need_not() -> None:
    kind = kind_named("npi")
    sighting = seen("1O36145138", others=(seen("1O36145138"), seen("1036145138")))
    decoded = read(kind, sighting)
    assert decoded.text == "1036145138"
    assert min(stand(decoded, sighting)) > 0


def test_a_reader_without_branches_has_nothing_against() -> None:
    sighting = seen("450")
    assert stand(read(kind_named("code"), sighting), sighting) == (MOST, MOST)


@given(
    text=st.text("ABC 123", min_size=1, max_size=12),
    cuts=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_parts_of_a_sighting_make_the_whole(text: str, cuts: tuple[float, float]) -> None:
    whole = seen(text, others=(seen(text),))
    low, high = sorted(cuts)
    parts = [whole.between(a, b) for a, b in ((0.0, low), (low, high), (high, 1.01))]
    assert "".join(part.text for part in parts) == text
    assert "".join(part.others[0].text for part in parts) == text
    for part in parts:
        assert all(0 <= p.x0 <= p.x1 <= 1 for p in part.positions)
