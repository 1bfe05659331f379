"""Made-up attachments as scanned and read: what the language pipeline learns from and is tested on.

    python -m bench.attachments OUT --n 400 --split train --seed 1

writes one JSON line a page: its words, as really read, and which values stand where.
Families of layouts, wordings, type faces and scanners of `test` are in no other split.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import multiprocessing
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import cv2
import numpy as np

from bench.corpus import PRINT, SCANS
from extractors.language.lay import Token, lay
from extractors.lines import Text, Word, read_text
from extractors.readers import Readers
from extractors.readers.ppocr import PaddleReader
from extractors.sighting import Position
from models.page import BoxPx, Form, Matrix, PageImage, PageLook, Pixels, corners
from samples import faces
from samples.attachments import facts, papers
from samples.attachments.facts import Facts
from samples.attachments.papers import KINDS, Paper
from samples.attachments.sheet import Said
from samples.attachments.wording import Split
from samples.blank import DPI
from samples.scanners import SCANNERS
from samples.scanning import scan

#: faces that letters are not set in
_ODD = ("ocr-a", "3270", "3270-semi-condensed", "aerial-mono", "osifont", "routed-gothic")
#: pixels by which a token's middle may lie off its value
_OFF = 4
#: pixels of a sheet within which words are on one line; gap between cells, in heights of type
_LINE, _GAP = 18, 1.5


@dataclass(frozen=True, slots=True, eq=False)
class MadePage:
    """A paper as scanned, and where its values came to lie, in pixels of the scan."""

    paper: Paper
    page: PageImage
    scanner: str
    said: tuple[Said, ...]


def make(kind: str, case: Facts, rng: random.Random, split: Split, turns: int = 0) -> MadePage:
    """A paper of a kind about a case, printed and scanned."""
    pool = faces.installed(PRINT[split])
    fonts = [f for f in pool if not f.startswith("dots") and f not in _ODD] or [faces.BUILT_IN]
    proportional = [f for f in fonts if f in faces.known() and not faces.known()[f].fixed]
    face = rng.choice(proportional if proportional and rng.random() < 0.5 else fonts)
    name = rng.choice(SCANS[split])
    paper = papers.draw(kind, case, rng, split, face)
    return scanned(paper, name, rng, turns)


def scanned(paper: Paper, scanner: str, rng: random.Random, turns: int = 0) -> MadePage:
    """A paper as a scanner sees it, its pixels square."""
    machine = SCANNERS[scanner]
    sheet = np.stack([paper.pixels] * 3, axis=2) if machine.mode == "colour" else paper.pixels
    pixels, place, dpi = scan(sheet, machine, turns, (8.5, 11.0), rng)
    pixels, place = _squared(np.ascontiguousarray(pixels), place, dpi)
    said = tuple(Said(s.label, s.text, _moved(place, s.box)) for s in paper.said)
    page = PageImage(pixels, 0.0 if machine.photo else float(max(dpi)), 1)
    return MadePage(paper, page, scanner, said)


def _squared(pixels: Pixels, place: Matrix, dpi: tuple[int, int]) -> tuple[Pixels, Matrix]:
    """The lines of a standard fax repeated until its pixels are square, as the intake does it."""
    across, down = dpi
    if max(dpi) < 1.15 * min(dpi):
        return pixels, place
    size = (pixels.shape[1], round(pixels.shape[0] * across / down))
    tall = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    return tall, np.diag([1.0, across / down, 1.0]) @ place


def _moved(place: Matrix, box: BoxPx) -> BoxPx:
    points = cv2.perspectiveTransform(corners(box)[None], place)[0]
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return round(left), round(top), round(right), round(bottom)


def pages(n: int, split: Split, seed: int) -> Iterator[MadePage]:
    """Pages of all kinds in turn; the same arguments give the same pages."""
    return (_page(number, split, seed) for number in range(n))


def _page(number: int, split: Split, seed: int) -> MadePage:
    rng = random.Random(f"attachment {seed} {split} {number}")
    return make(KINDS[number % len(KINDS)], facts.make(rng), rng, split)


def _placed(
    tokens: Sequence[Token], said: Sequence[Said]
) -> list[tuple[tuple[int, int, str], str]]:
    """First and last+1 token of every value that was read at all, its label, and its print."""
    found = []
    for value in said:
        x0, y0, x1, y1 = value.box
        inside = []
        for at, token in enumerate(tokens):
            if token.box is None or not any(c.isalnum() for c in token.text):
                continue
            x, y = (token.box[0] + token.box[2]) / 2, (token.box[1] + token.box[3]) / 2
            if x0 - _OFF < x < x1 + _OFF and y0 - 2 * _OFF < y < y1 + 2 * _OFF:
                inside.append(at)
        if inside:
            found.append(((inside[0], inside[-1] + 1, value.label), value.text))
    return found


def record(text: Text, paper: Paper, said: Sequence[Said], scanner: str = "") -> dict[str, Any]:
    """A page as a line of the file: what was read, and what it says."""
    return {
        "kind": paper.kind,
        "family": paper.family,
        "scan": scanner,
        "rules": text.rules,
        "words": [
            [
                word.text,
                [[p.chars[0][0], round(p.chars[0][1], 4), p.x0, p.x1] for p in word.positions],
                word.box,
                word.row,
                word.cell,
                round(word.left, 3),
                round(word.right, 3),
            ]
            for word in text.words
        ],
        "said": [[value.label, value.text, value.box] for value in said],
    }


def example(line: str) -> dict[str, Any]:
    """A line of the file as the pipeline learns from it."""
    page = json.loads(line)
    words = tuple(
        Word(text, tuple(Position(((c, p),), x0, x1) for c, p, x0, x1 in seen), tuple(box), *place)
        for text, seen, box, *place in page["words"]
    )
    tokens = lay(Text(words, page["rules"]))
    said = [Said(label, text, tuple(box)) for label, text, box in page["said"]]
    placed = _placed(tokens, said)
    return {
        "kind": page["kind"],
        "words": [token.text for token in tokens],
        "ink": [round(_ink(token), 4) for token in tokens],
        "spans": [span for span, _ in placed],
        "texts": [text for _, text in placed],
    }


def unread(paper: Paper) -> dict[str, Any]:
    """A line of the file for a page as if it had been read without a mistake: quick."""
    return record(_printed(paper), paper, paper.said)


def _printed(paper: Paper) -> Text:
    """The words of a paper as it was set."""
    words: list[Word] = []
    row, cell, before = -1, 0, (0.0, 0)
    order = sorted(paper.pieces, key=lambda p: (round((p.box[1] + p.box[3]) / 2 / _LINE), p.box[0]))
    for piece in order:
        x0, y0, x1, y1 = piece.box
        middle = round((y0 + y1) / 2 / _LINE)
        if middle != before[0] or row < 0:
            row, cell = row + 1, 0
        elif x0 - before[1] > _GAP * (y1 - y0):
            cell += 1
        before = (middle, x1)
        count = len(piece.text)
        positions = tuple(
            Position(((c, 1.0),), i / count, (i + 1) / count) for i, c in enumerate(piece.text)
        )
        words.append(Word(piece.text, positions, piece.box, row, cell, x0 / DPI, x1 / DPI))
    return Text(tuple(words), 0)


def _ink(token: Token) -> float:
    """Log of the probability that the reader gave a token."""
    return sum(math.log(max(1e-4, p.chars[0][1])) for p in token.positions)


def _start() -> None:
    """A process of its own: one thread, as everywhere."""
    cv2.setNumThreads(1)


def _line(job: tuple[int, Split, int, bool]) -> str:
    """A line of the file, by the number of its page."""
    number, split, seed, as_printed = job
    if as_printed:
        rng = random.Random(f"unread {seed} {split} {number}")
        face = rng.choice(faces.installed(PRINT[split]) or [faces.BUILT_IN])
        kind = KINDS[number % len(KINDS)]
        return json.dumps(unread(papers.draw(kind, facts.make(rng), rng, split, face)))
    made = _page(number, split, seed)
    # it lies upright: to find that out would take as long again
    text = read_text(made.page, PageLook(Form.ATTACHMENT, 0, 1.0), _readers())
    return json.dumps(record(text, made.paper, made.said, made.scanner))


@functools.cache
def _readers() -> Readers:
    """The reader, once a process; nothing that training makes is asked for."""
    first = PaddleReader()
    return Readers(first, witness=first, papers=PaddleReader(alone=True))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.attachments", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--n", type=int, default=400)
    parser.add_argument("--split", choices=get_args(Split), default="train")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--unread", action="store_true", help="as if read without a mistake")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    chosen = parser.parse_args()
    chosen.out.parent.mkdir(parents=True, exist_ok=True)
    jobs = [(number, chosen.split, chosen.seed, chosen.unread) for number in range(chosen.n)]
    # a forked process may hang in the threads of a reader that its parent had loaded
    pool = multiprocessing.get_context("spawn").Pool(chosen.jobs, _start)
    with pool, chosen.out.open("w", encoding="utf-8") as out:
        for line in pool.imap(_line, jobs, chunksize=4):
            out.write(line + "\n")


if __name__ == "__main__":
    main()
