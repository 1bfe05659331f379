"""Readers that crash, hang, answer amiss and lie: the page goes to a person, and says why."""

from __future__ import annotations

import dataclasses
import random
import threading
from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from bench.attachments import scanned
from extractors.readers import Reader, Readers
from extractors.readers.watch import PATIENCE, Watched
from extractors.sighting import Position, Sighting
from extractors.strip import Strip
from models.clock import Stages
from models.page import Form, PageImage
from models.reading import DocumentReading
from pipeline.documents import assemble
from pipeline.scan import read_image
from samples import faces
from samples.attachments import facts, papers
from samples.scan import make
from samples.style import Style

pytestmark = pytest.mark.xdist_group("readers")


@pytest.fixture(scope="module")
def page() -> PageImage:
    known = faces.installed()
    font = next(f for f in ("liberation-mono", "dejavu-mono") if f in known)
    pixels, _ = make(Form.CMS1500, 21, Style(font, "dropout", "clean-300"))
    return PageImage(np.asarray(pixels, np.uint8), 300.0, 1)


class Crashes:
    name = "crashes"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        raise RuntimeError(strips[0].field)


class Exits:
    name = "exits"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        raise SystemExit(len(strips))


class Hangs:
    name = "hangs"

    def __init__(self) -> None:
        self.release = threading.Event()

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        self.release.wait()
        return [Sighting(self.name, ()) for _ in strips]


class Forgets:
    name = "forgets"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [Sighting(self.name, ()) for _ in strips[1:]]


class Raves:
    name = "raves"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return ["9999" for _ in strips]  # type: ignore[misc] # that is what is wrong with it


class Lies:
    """Says the same of every strip, and is sure of it."""

    name = "lies"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        lie = tuple(Position(((c, 1.0),), n / 4, (n + 1) / 4) for n, c in enumerate("9999"))
        return [Sighting(self.name, lie) for _ in strips]


class Mixes:
    """Reads well, and answers with what stands in the next field of the kind."""

    name = "mixes"

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        seen = self.reader.read(strips)
        of_kind: dict[str, list[int]] = {}
        for i, strip in enumerate(strips):
            of_kind.setdefault(strip.kind, []).append(i)
        mixed = list(seen)
        for group in of_kind.values():
            for i, other in zip(group, (*group[1:], group[0]), strict=True):
                mixed[i] = seen[other]
        return mixed


ALIKE = str.maketrans("0125689", "OIZSGBG")


class Confuses:
    """Takes figures for letters that look like them, as Tesseract does in faces it doesn't know."""

    name = "confuses"

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        return [
            dataclasses.replace(
                seen,
                positions=tuple(
                    dataclasses.replace(
                        p, chars=tuple((c.translate(ALIKE), sure) for c, sure in p.chars)
                    )
                    for p in seen.positions
                ),
            )
            for seen in self.reader.read(strips)
        ]


@pytest.fixture
def hangs() -> Iterator[Hangs]:
    reader = Hangs()
    yield reader
    reader.release.set()


def _document(page: PageImage, readers: Readers) -> DocumentReading:
    (document,) = assemble([read_image(page, readers, Stages())])
    return document


def waited(bad: Reader | None, hangs: Hangs) -> Watched:
    """Only one that hangs is not waited for: the others take what a slow machine takes."""
    return Watched(hangs, 0.5) if bad is None else Watched(bad, PATIENCE)


@pytest.mark.parametrize(
    ("bad", "doubt"),
    [
        (Crashes(), "reader.failed"),
        (Exits(), "reader.failed"),
        (None, "reader.silent"),
        (Forgets(), "reader.amiss"),
        (Raves(), "reader.amiss"),
    ],
    ids=["crashes", "exits", "hangs", "forgets", "raves"],
)
def test_without_its_first_reader_a_page_goes_to_a_person(
    bad: Reader | None, doubt: str, page: PageImage, readers: Readers, hangs: Hangs
) -> None:
    document = _document(page, Readers(waited(bad, hangs), readers.witness))
    assert document.form is Form.CMS1500
    assert document.status == "review"
    # marks without print would look like a form with everything missing
    assert document.fields == {}
    assert [facts.doubts for facts in document.page_facts] == [[doubt]]
    assert [(f.rule, f.cause) for f in document.findings] == [("D003", "capture")]


class Numbers:
    """Says what our own code is not ready for."""

    name = "numbers"

    def read(self, strips: Sequence[Strip]) -> list[Sighting]:
        wrong = Position(((7, 1.0),), 0.0, 1.0)  # type: ignore[arg-type] # that is what is wrong
        return [Sighting(self.name, (wrong,)) for _ in strips]


@pytest.mark.parametrize(
    ("bad", "doubt"),
    [
        (Crashes(), "reader.failed"),
        (Exits(), "reader.failed"),
        (None, "reader.silent"),
        (Forgets(), "reader.amiss"),
        (Raves(), "reader.amiss"),
        (Numbers(), "reader.failed"),
    ],
    ids=["crashes", "exits", "hangs", "forgets", "raves", "numbers"],
)
def test_a_paper_that_cannot_be_read_is_kept_with_its_claim_and_looked_at(
    bad: Reader | None, doubt: str, page: PageImage, readers: Readers, hangs: Hangs
) -> None:
    rng = random.Random(4)
    paper = papers.draw("eob", facts.make(rng), rng, "test", faces.BUILT_IN)
    second = dataclasses.replace(scanned(paper, "clean-300-grey", rng).page, number=2)
    unread = read_image(second, Readers(waited(bad, hangs), readers.witness), Stages())
    assert (unread.kind, unread.kinds, unread.entities) == ("other", [], [])
    claim, attachment = assemble([read_image(page, readers, Stages()), unread])
    assert len(claim.fields) > 20
    assert [f.cause for f in claim.findings if f.rule == "D018"] == ["capture"]
    assert (attachment.form, attachment.belongs_to) == (Form.ATTACHMENT, 1)
    assert (attachment.status, attachment.page_facts[0].doubts) == ("review", [doubt])
    # alone, it is for a person: what nobody read doesn't lack anything
    (alone,) = assemble([unread])
    assert (alone.status, alone.findings) == ("review", [])


@pytest.mark.parametrize("bad", [Crashes(), Exits(), None, Forgets(), Raves()])
def test_without_its_witness_a_page_is_read_all_the_same(
    bad: Reader | None, page: PageImage, readers: Readers, hangs: Hangs
) -> None:
    whole = _document(page, readers)
    witness = waited(bad, hangs)
    document = _document(page, Readers(readers.first, witness))
    assert {n: f.text for n, f in document.fields.items()} == {
        n: f.text for n, f in whole.fields.items()
    }


def test_a_first_reader_that_lies_is_never_believed(page: PageImage, readers: Readers) -> None:
    for lies in (Lies(), Mixes(readers.first)):
        document = _document(page, Readers(lies, readers.witness))
        assert document.status == "review"
        assert [facts.doubts for facts in document.page_facts] == [["reader.amiss"]]
        assert document.fields == {}
        assert not [f for f in document.findings if f.cause == "provider"]


def test_a_witness_that_confuses_figures_and_letters_accuses_nobody(
    page: PageImage, readers: Readers
) -> None:
    document = _document(page, Readers(readers.first, Confuses(readers.witness)))
    assert not any(facts.doubts for facts in document.page_facts)
    assert document.fields.keys() == _document(page, readers).fields.keys()


def test_no_word_of_the_page_is_in_what_a_failure_says() -> None:
    strip = Strip("2", "name", np.full((20, 60), 255, np.uint8), (0, 0, 1, 1))
    with pytest.raises(Exception, match=r"reader\.failed: The reader crashes failed") as caught:
        Watched(Crashes(), 5.0).read([strip])
    assert caught.value.__cause__ is None
    assert Watched(Crashes(), 5.0).read([]) == []


def test_a_machine_without_memory_may_read_the_page_another_time(page: PageImage) -> None:
    class Starves:
        name = "starves"

        def read(self, strips: Sequence[Strip]) -> list[Sighting]:
            raise MemoryError(len(strips))

    with pytest.raises(MemoryError):
        _document(page, Readers(Starves(), Crashes()))
