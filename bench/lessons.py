"""Lessons for the reader: strips as the product cuts them, each with what is printed on it.

    python -m bench.lessons OUT --n 2000 --seed 1 --jobs 2 [--fonts FOLDER] [--figures FOLDER]

draws claims of the `train` split with more hands, more faces (those of FOLDER, see
`bench/data/lesson_faces.csv`; with figures that people wrote, see `bench.penned`), scanners that
differ from page to page, and other words; scans and cuts them with the product's own code, and
writes OUT/<shard>.npz: `pixels`, all strips at the reader's height side by side; `widths`;
`labels`. `bench.teach` learns from these.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import multiprocessing
import random
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from bench import penned
from bench.corpus import HAND, PRINT, SCANS
from bench.lesson_faces import extra, extra_faces
from bench.rewording import anything, as_printed, reworded
from extractors.ink import canvas
from extractors.place import place
from extractors.readers.recogniser import ALPHABET, fitted
from extractors.strip import Strip
from extractors.strips import strips
from forms.layout import layout
from intake.limits import Limits
from intake.look import look
from intake.scan import open_page
from models.errors import ScanError
from models.page import Form, PageImage, Pixels
from samples import claims, faces
from samples.claims import MadeClaim
from samples.files import write
from samples.scan import TODAY, Scanned, scan_claim
from samples.scanners import SCANNERS, Scanner
from samples.style import random_style

#: shares of pages: by hand, scanned in two tones; of fields whose words no claim would have
_HAND, _TWO_TONE, _ODD = 0.45, 0.45, 0.3
#: shares of hands whose figures somebody wrote, whose letters are those of several; how many lend
_PENNED, _LENT, _LENDERS = 0.4, 0.35, 8
#: pages that a shard holds
_SHARD = 20
#: grey below which a pixel is ink; shares of the height of a strip that part two words
_INK, _SPACE = 150, 0.35
#: strips wider than this, at the reader's height, are cut badly; labels longer than that, too
_WIDEST = 900


def varied(rng: random.Random) -> Scanner:
    """A scanner near one of the train split's, or a fax at its standard resolution."""
    two_tone = rng.random() < _TWO_TONE
    pool = [s for s in SCANS["train"] if (SCANNERS[s].mode == "bitonal") == two_tone]
    base = SCANNERS[rng.choice(pool)]
    dpi = base.dpi
    if base.mode == "bitonal" and rng.random() < 0.3:
        dpi = (204, 98)
    elif rng.random() < 0.4:
        side = rng.choice((150, 200, 200, 220, 240, 300))
        dpi = (side, side)
    return replace(
        base,
        dpi=dpi,
        blur=base.blur * rng.uniform(0.6, 1.7),
        noise=base.noise * rng.uniform(0.5, 2.0),
        paper=max(200, min(255, round(base.paper + rng.gauss(0, 10)))),
        contrast=base.contrast * rng.choice((1.0, 1.0, 0.85, 0.65)),
        quality=rng.randint(25, 90) if base.quality else 0,
        threshold=round(max(105, min(205, base.threshold + rng.gauss(0, 25)))),
        specks=base.specks * rng.uniform(0.0, 3.0),
    )


def _drawn(seed: int, number: int, figures: Path | None) -> Scanned:
    rng = random.Random(f"lesson {seed} {number}")
    form = Form.CMS1500 if number % 2 == 0 else Form.UB04
    hand = rng.random() < _HAND
    names = faces.installed((*(HAND if hand else PRINT)["train"], *extra(hand=hand)))
    writer, lent = None, {}
    if hand and figures is not None and rng.random() < _PENNED:
        writer = penned.Hand(figures, np.random.default_rng((seed, number)), "train")
    if hand and rng.random() < _LENT:
        lent = penned.lent(rng.sample(names, min(_LENDERS, len(names))), rng)
    writes = penned.writing(names, writer, lent) if writer or lent else nullcontext(names)
    with writes as fonts:
        return _scanned(rng, fonts, form, f"lesson {seed} {number} claim")


def _scanned(rng: random.Random, fonts: list[str], form: Form, seed: str) -> Scanned:
    style = random_style(rng, fonts, SCANS["train"])
    if style.hand:
        style = replace(style, weight=rng.choice((-1, 0, 0, 1, 2)))
    made = random.Random(seed)
    claim: MadeClaim = claims.make(form, made, style.wording, today=TODAY)
    claim = anything(reworded(claim, made), made, _ODD)
    return scan_claim(claim, rng.randrange(2**31), style, varied(rng))


def _joined(pixels: Pixels, texts: Sequence[str]) -> str:
    """What a run over several fields says, left to right; "" where its gaps don't tell."""
    if not texts or "\n" in "".join(texts):
        return ""
    columns = np.asarray((pixels < _INK).any(axis=0), np.bool_)
    gaps = [len(list(run)) for inked, run in itertools.groupby(columns.tolist()) if not inked][1:-1]
    wide = sum(gap > _SPACE * len(pixels) for gap in gaps)
    label = " ".join(" ".join(texts).split())
    apart = label.count(" ")
    together = apart - (len(texts) - 1)
    if wide == apart:
        return label
    return "".join(" ".join(text.split()) for text in texts) if wide == together else ""


def _runs(found: Sequence[Strip], printed: Mapping[str, str]) -> Iterator[tuple[Strip, str]]:
    """Strips that run over several fields, each with its print."""
    for strip in found:
        if strip.run:
            yield strip, _joined(strip.pixels, [printed[f] for f in strip.run if printed.get(f)])


def _lines(found: Sequence[Strip], printed: Mapping[str, str]) -> Iterator[tuple[Strip, str]]:
    """Strips of one field, each with its print, of fields that have as many lines as strips."""
    fields: dict[str, list[Strip]] = {}
    for strip in found:
        if not strip.run and printed.get(strip.field):
            fields.setdefault(strip.field, []).append(strip)
    for name, mine in fields.items():
        lines = printed[name].split("\n")
        if len(lines) == len(mine):
            yield from zip(mine, (" ".join(line.split()) for line in lines), strict=True)


def lessons(page: PageImage, truth: dict[str, Any]) -> Iterator[tuple[Pixels, str]]:
    """The strips of a page that the product cuts, each with its print."""
    seen = look(page)
    if seen.form != truth["form"] or seen.registration is None:
        return
    plan = layout(seen.form)
    laid = canvas(page, seen.registration, plan)
    style = truth["style"]
    face = faces.face(style["font"].removeprefix(penned.PREFIX), 40.0)
    printed = {
        name: as_printed(plan.fields[name].kind, text, style["money"])
        for name, text in truth["fields"].items()
        if not plan.fields[name].choices
    }
    found = strips(laid, plan, place(laid, plan))
    for strip, label in (*_runs(found, printed), *_lines(found, printed)):
        if not label or not set(label) <= set(ALPHABET) or not face.covers(label):
            continue
        yield fitted(strip.pixels), label
        if strip.restored is not None and strip.touches and not strip.run:
            yield fitted(strip.restored), label


def _shard(number: int, seed: int, out: Path, fonts: str, figures: Path | None) -> int:
    """Write one shard; how many strips it holds."""
    faces.learn(extra_faces().values(), fonts)
    pictures: list[Pixels] = []
    labels: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for page in range(number * _SHARD, (number + 1) * _SHARD):
            scanned = _drawn(seed, page, figures)
            sheet = scanned.sheets[0]
            path = write([sheet], Path(folder) / ("page.tif" if sheet.bitonal else "page.jpg"))
            try:
                opened = open_page(path, 1, Limits())
            except ScanError:
                continue
            for pixels, label in lessons(opened, scanned.truths[0]):
                if pixels.shape[1] <= _WIDEST:
                    pictures.append(pixels)
                    labels.append(label)
    np.savez(
        out / f"{number:04d}.npz",
        pixels=np.concatenate(pictures, axis=1),
        widths=np.array([p.shape[1] for p in pictures], np.int32),
        labels=np.array(labels),
    )
    return len(labels)


def main(arguments: list[str] | None = None) -> int:
    """Draw, cut and keep."""
    parser = argparse.ArgumentParser(prog="python -m bench.lessons", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--fonts", default="", help="folder with the faces of lesson_faces.csv")
    parser.add_argument(
        "--figures", type=Path, help="folder with MNIST's train-images and train-labels"
    )
    parser.add_argument(
        "--packages", action="store_true", help="print the npm packages of faces and figures"
    )
    chosen = parser.parse_args(arguments)
    if chosen.packages:
        print(*(info.package for info in extra_faces().values()), penned.PACKAGE)
        return 0
    chosen.out.mkdir(parents=True, exist_ok=True)
    work = functools.partial(
        _shard, seed=chosen.seed, out=chosen.out, fonts=chosen.fonts, figures=chosen.figures
    )
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        count = sum(pool.imap_unordered(work, range(-(-chosen.n // _SHARD))))
    print(f"{count} strips of {chosen.n} pages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
