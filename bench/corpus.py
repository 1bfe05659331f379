"""A corpus of made-up scans with their truth, in splits that share no face and no scanner.

    python -m bench.corpus OUT --n 60 --split train --seed 1

writes N single-page claim scans with a truth file each (as `bench.score` reads them), and with
`--batches B` into OUT/batches as many scans of several pages, whose truth lists the pages.
Models learn from `train`, confidence is calibrated on `calibration`, and only `test` is reported.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import numpy as np

from bench import penned
from bench.rewording import reworded
from intake.separator import SeparatorKind, draw
from models.page import Form
from samples import batches, claims, faces
from samples.claims import FAULTS
from samples.files import Sheet, write
from samples.scan import TODAY, scan_claim
from samples.style import Style, random_style

Split: TypeAlias = Literal["train", "calibration", "test"]
Pages: TypeAlias = Literal["any", "hand", "off", "sized"]

#: Debian packages that hold the faces below (`apt-get install --no-install-recommends`)
PACKAGES = tuple(sorted({face.package for face in faces.known().values()}))

#: faces of print, by split; families that are near copies of each other stay together
PRINT: dict[Split, tuple[str, ...]] = {
    "train": (
        "free-mono", "free-mono-bold", "nimbus-mono", "nimbus-mono-bold", "cmu-typewriter",
        "gnu-typewriter", "inconsolata", "jetbrains-mono", "fira-code", "go-mono", "pt-mono",
        "3270", "ocr-a", "fantasque", "aerial-mono", "d2coding", "dots-vga", "dots-ega",
        "dots-spleen", "free-sans", "nimbus-sans", "open-sans", "roboto-condensed", "monofur",
        "tex-gyre-cursor", "latin-modern-mono", "latin-modern-prop", "c059", "p052",
        "cmu-concrete", "pt-sans", "roboto", "jura", "junction", "dustismo", "ricty",
        "dots-mda", "dots-amstrad",
    ),
    "calibration": (
        "mononoki", "hermit", "nanum-coding", "b612-mono", "ocr-b", "monoid", "league-mono",
        "mplus-code", "compagnon", "dots-terminus", "clear-sans", "carlito", "noto-mono",
        "courier-prime-code", "routed-gothic", "free-serif",
    ),
    "test": (
        "courier-prime", "liberation-mono", "liberation-mono-bold", "cousine", "dejavu-mono",
        "bitstream-vera-mono", "hack", "liberation-sans", "liberation-sans-narrow",
        "anonymous-pro", "agave", "3270-semi-condensed", "dots-cga", "dots-gothic", "cabin",
        "osifont", "dejavu-sans",
    ),
}  # fmt: skip
HAND: dict[Split, tuple[str, ...]] = {
    "train": (
        "dkg", "rufscript", "humor-sans", "becausewelearn", "kiloji", "seto", "becausewebuild",
        "becauseweconnect", "becausewecreate", "el-abogado-loco", "delphine", "nanum-pen",
        "nanum-brush", "nanum-barunpen", "kristi",
    ),
    "calibration": ("steve-hand", "klee", "becausewementor", "comic-neue"),
    "test": ("breip", "chilanka", "yozfont", "becauseweorganize", "domestic-manners"),
}  # fmt: skip
SCANS: dict[Split, tuple[str, ...]] = {
    "train": (
        "clean-300", "office-200", "office-240", "office-300-colour", "low-jpeg-grey",
        "bitonal-200", "bitonal-300-dark", "fax-fine", "photo-220",
    ),
    "calibration": (
        "clean-300-grey", "office-200-colour", "office-150", "bitonal-200-light", "fax-200",
        "photo-200",
    ),
    "test": (
        "office-300-dark", "pale-200", "low-jpeg", "bitonal-300", "fax-dirty", "fax-standard",
        "photo-250",
    ),
}  # fmt: skip
#: scanners that leave print whole begin with none of these; inches by which print is off its boxes
_HARSH = ("fax", "photo", "bitonal-200-light")
_OFF = (0.1, 0.06)
#: shares by which print is smaller and larger than its form; degrees that it is turned against it
_SMALLER, _LARGER, _ASKEW = 0.95, 1.03, 1.2
#: share of pages filled in by hand, and of claims with something wrong
_HAND, _FAULTY = 0.12, 0.2
#: what single pages may be alone
_ONLY: dict[Pages, str] = {
    "hand": "pages written by hand alone",
    "off": "clean print beside its boxes alone",
    "sized": "clean print of another size or slant than its form alone",
}
#: what each kind of scanner writes
_SUFFIXES = {
    "bitonal": (".tif", ".tif", ".pdf"),
    "grey": (".pdf", ".pdf", ".jpg"),
    "colour": (".pdf", ".jpg"),
}


def make_corpus(
    out: Path,
    n: int,
    split: Split,
    seed: int,
    figures: Path | None = None,
    pages: Pages = "any",
) -> list[Path]:
    """Write `n` single-page scans and their truth files into `out`; the scans' paths.

    Of `any`, one in eight is written by hand; `hand` are all of them; `off` are clean print
    anywhere up to 0.1 in beside its boxes, `sized` of another size or slant. With `figures`, all
    are, with figures of that folder: for `test` with those of other people than for
    `calibration`, as with faces (`bench.penned`).

    The same arguments on a machine with the same fonts give the same scans.
    """
    out.mkdir(parents=True, exist_ok=True)
    return [_page(out, split, seed, number, figures, pages) for number in range(n)]


def make_batches(out: Path, n: int, split: Split, seed: int) -> list[Path]:
    """Write `n` scans of several pages; each truth file lists what every page is."""
    out.mkdir(parents=True, exist_ok=True)
    paths = []
    for number in range(n):
        rng = random.Random(f"{seed} {split} batch {number}")
        separator = np.asarray(draw(SeparatorKind.DOCUMENT).convert("L"))
        batch = batches.make(rng.randrange(2**31), lambda r: _style(r, split), separator)
        path = _write(batch.sheets, out / f"batch-{split}-{seed}-{number:04d}", rng)
        _truth(path, {"pages": list(batch.pages)})
        paths.append(path)
    return paths


def _fonts(names: tuple[str, ...]) -> list[str]:
    fonts = faces.installed(names)
    if not fonts:
        print("bench.corpus: no faces of this split; see bench/README.md", file=sys.stderr)
        raise SystemExit(2)
    return fonts


def _pool(rng: random.Random, split: Split, pages: Pages = "any") -> list[str]:
    if pages == "any":
        return _fonts((HAND if rng.random() < _HAND else PRINT)[split])
    return _fonts((HAND if pages == "hand" else PRINT)[split])


def _style(rng: random.Random, split: Split) -> Style:
    return random_style(rng, _pool(rng, split), SCANS[split])


def _beside(style: Style, rng: random.Random, split: Split) -> Style:
    """A style as clean print that lies anywhere beside its boxes."""
    scans = [scan for scan in SCANS[split] if not scan.startswith(_HARSH)]
    across, down = (rng.uniform(-most, most) for most in _OFF)
    scan = rng.choice(scans)
    return dataclasses.replace(style, scan=scan, offset=(across, down), damage=(), level=1.0)


def _sized(style: Style, rng: random.Random, split: Split) -> Style:
    """A style as clean print, of another size or slant than its form, which shows."""
    stretch, slant = rng.uniform(_SMALLER, _LARGER), rng.uniform(-_ASKEW, _ASKEW)
    if rng.random() < 0.5:
        stretch = 1.0
    else:
        slant = 0.0
    style = _beside(style, rng, split)
    form = "black" if style.form == "dropout" else style.form
    return dataclasses.replace(style, form=form, offset=(0.0, 0.0), stretch=stretch, slant=slant)


def _page(
    out: Path,
    split: Split,
    seed: int,
    number: int,
    figures: Path | None,
    pages: Pages,
) -> Path:
    rng = random.Random(f"{seed} {split} {number}")
    form = Form.CMS1500 if number % 2 == 0 else Form.UB04
    faults = (rng.choice(FAULTS[form]),) if rng.random() < _FAULTY else ()
    scan_seed = rng.randrange(2**31)
    writes: AbstractContextManager[list[str]]
    if figures is None:
        writes = nullcontext(_pool(rng, split, pages))
    else:
        hand = penned.Hand(figures, np.random.default_rng(rng.randrange(2**31)), split)
        writes = penned.writing(_fonts(HAND[split]), hand)
    with writes as fonts:
        style = random_style(rng, fonts, SCANS[split])
        if pages == "off":
            style = _beside(style, rng, split)
        elif pages == "sized":
            style = _sized(style, rng, split)
        made = random.Random(f"{scan_seed} {form}")
        claim = claims.make(form, made, style.wording, today=TODAY, faults=faults)
        scanned = scan_claim(reworded(claim, made), scan_seed, style)
    path = _write(scanned.sheets[:1], out / f"{form}-{split}-{seed}-{number:04d}", rng)
    _truth(path, scanned.truths[0])
    return path


def _write(sheets: tuple[Sheet, ...], stem: Path, rng: random.Random) -> Path:
    first = sheets[0]
    kind = "bitonal" if first.bitonal else "grey" if first.pixels.ndim == 2 else "colour"
    kinds = _SUFFIXES[kind]
    if len(sheets) > 1 and kind != "bitonal":
        kinds = (".pdf",)
    elif max(first.dpi) > 1.15 * min(first.dpi):  # a PDF would not say how large its pixels are
        kinds = (".tif",)
    suffix = rng.choice(kinds)
    return write(sheets, stem.with_suffix(suffix))


def _truth(path: Path, truth: dict[str, Any]) -> None:
    path.with_suffix(".json").write_text(json.dumps(truth, indent=1), encoding="utf-8")


def _progress(paths: Iterator[Path] | list[Path], began: float) -> None:
    count = len(list(paths))
    spent = time.process_time() - began
    print(f"{count} scans, {spent / max(count, 1):.2f} CPU s each")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.corpus", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--n", type=int, default=60)
    parser.add_argument("--batches", type=int, default=0)
    parser.add_argument("--split", choices=get_args(Split), default="train")
    parser.add_argument("--seed", type=int, default=1)
    only = parser.add_mutually_exclusive_group()
    for name, what in _ONLY.items():
        flag = "by-hand" if name == "hand" else name
        only.add_argument(f"--{flag}", dest="pages", action="store_const", const=name, help=what)
    parser.add_argument("--figures", type=Path, help="folder with MNIST: single pages are by hand")
    parser.add_argument("--packages", action="store_true", help="print the font packages and stop")
    options = parser.parse_args()
    if options.packages:
        print(*PACKAGES)
        return
    began = time.process_time()
    made = make_corpus(
        options.out,
        options.n,
        options.split,
        options.seed,
        options.figures,
        options.pages or "any",
    )
    _progress(made, began)
    if options.batches:
        began = time.process_time()
        folder = options.out / "batches"
        _progress(make_batches(folder, options.batches, options.split, options.seed), began)


if __name__ == "__main__":
    main()
