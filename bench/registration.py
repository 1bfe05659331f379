"""Are pages recognised, turned upright and laid on their form? Scans with truth, and variants.

    python -m bench.registration DIR... [--vary] [--list N] [--every N] [--kinds] [--stages]

DIR holds scans, each with its truth (`bench.score` says what that is): `placed` maps form pixels
at 300 dpi to pixels of the scan. With `--vary` each scan is also turned, leaned, shrunk, cut,
framed in black and thinned out: other scanners, other hands. An error is the distance in inches
between where a field's box was put and where it is, over the boxes of a page; on a form with no
rules left the print itself may be off by a tenth of an inch, which nobody can see: there, what
must hold is the row.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import cv2
import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image

from forms.layout import layout
from intake.barcodes import read_barcodes
from intake.classify import ink_of
from intake.letters import boxes, centres
from intake.limits import Limits
from intake.look import FORMS, look
from intake.match import guess
from intake.register import fit_coarse, fit_fine
from intake.register_print import place
from intake.rules import find_faint_rules, find_rules
from intake.scan import open_scan
from intake.template import template
from intake.thumb import thumb
from models.page import Form, Matrix, PageImage, PageLook, Pixels

_T = TypeVar("_T")

FORM_DPI = 300
#: inches: half a row of print
ROW = 1 / 12
#: inches: what an exact registration is held to
EXACT = 0.03


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A page, what it is, and where its form lies: 3x3, inches to pixels.

    `printed`, 2x3, is where print lies against its form, inches to inches.
    """

    name: str
    style: str
    page: PageImage
    form: Form
    turns: int
    placed: Matrix
    ruled: bool
    printed: Matrix


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a case: errors in inches over its field boxes."""

    case: str
    style: str
    right_form: bool
    right_turn: bool
    mean: float
    worst: float
    row: float
    method: str
    quality: float
    confidence: float
    seconds: float

    @property
    def good(self) -> bool:
        """Whether the page can be read: exact with rules, in the right row without."""
        in_place = self.worst < EXACT or (self.method == "print" and self.row < ROW)
        return self.right_form and self.right_turn and in_place


def cases(folder: Path) -> Iterator[Case]:
    """The claim pages of a folder that have a truth."""
    for truth_path in sorted(folder.glob("*.json")):
        truth: dict[str, Any] = json.loads(truth_path.read_text(encoding="utf-8"))
        scans = [p for p in truth_path.parent.glob(truth_path.stem + ".*") if p != truth_path]
        if "placed" not in truth or not scans:
            continue
        page = next(iter(open_scan(scans[0], Limits())))
        style = truth["style"]
        placed = np.array(truth["placed"]) @ np.diag([FORM_DPI, FORM_DPI, 1.0])
        # a standard fax has pixels twice as tall as wide: opened square, and its truth is square
        wide, high = _size(scans[0])
        scale = min(page.width / wide, page.height / high)
        placed = np.diag([scale, scale, 1.0]) @ placed
        turn = np.array(
            cv2.getRotationMatrix2D((0.0, 0.0), style.get("slant", 0.0), style.get("stretch", 1.0)),
            np.float64,
        )
        turn[:, 2] = turn[:, :2] @ style.get("offset", (0.0, 0.0))
        yield Case(
            truth_path.stem,
            f"{truth['form']:8} {style['form']:8} {style['scan']}",
            page,
            Form(truth["form"]),
            int(style.get("turns", 0)),
            placed,
            style["form"] != "dropout",
            turn,
        )


def _size(scan: Path) -> tuple[int, int]:
    """Width and height of a scan's one picture, as stored."""
    if scan.suffix == ".pdf":
        with pikepdf.open(scan) as pdf:
            stored = next(iter(pdf.pages[0].get_images().values()))
            return int(stored["/Width"]), int(stored["/Height"])
    with Image.open(scan) as picture:
        return picture.size


def judge(case: Case) -> Outcome:
    """Look at a page and compare."""
    start = time.process_time()
    seen = look(case.page)
    seconds = time.process_time() - start
    mean = worst = row = 9.0
    if seen.registration is not None:
        middle, put = _boxes(case, seen)
        far = np.hypot(*(put - middle).T)
        mean, worst = float(far.mean()), float(far.max())
        print_at = middle if case.ruled else middle @ case.printed[:, :2].T + case.printed[:, 2]
        row = float(np.abs(put - print_at)[:, 1].max())
    return Outcome(
        case.name,
        case.style,
        seen.form is case.form,
        seen.quarter_turns == _upright(case),
        mean,
        worst,
        row,
        seen.registration.method if seen.registration else "none",
        seen.registration.quality if seen.registration else 0.0,
        seen.confidence,
        seconds,
    )


def _boxes(case: Case, seen: PageLook) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The middles of the form's boxes, and where they were put, in the form's own inches."""
    boxes = np.array([f.box for f in layout(case.form).fields.values()])
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    assert seen.registration is not None  # noqa: S101 - the caller has looked
    return middle, _map(np.linalg.inv(case.placed) @ seen.registration.to_scan, middle)


def _upright(case: Case) -> int:
    """The quarter turns that put a page upright, told from where its form really lies."""
    across = _map(case.placed, np.array([[4.25, 5.5], [5.25, 5.5]]))
    angle = np.degrees(np.arctan2(*(across[1] - across[0])[::-1]))
    return int(np.rint(-angle / 90)) % 4


def _map(matrix: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    mapped = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(mapped[:, :2] / mapped[:, 2:3], np.float64)


def _warped(case: Case, name: str, matrix: Matrix, size: tuple[int, int]) -> Case:
    paper = 255
    pixels = cv2.warpPerspective(
        case.page.pixels, matrix, size, flags=cv2.INTER_AREA, borderValue=(paper,) * 3
    )
    page = replace(case.page, pixels=np.asarray(pixels, np.uint8), words=())
    return replace(case, name=f"{case.name}+{name}", page=page, placed=matrix @ case.placed)


def _turned(case: Case, turns: int) -> Case:
    pixels = np.ascontiguousarray(np.rot90(case.page.pixels, turns))
    height, width = case.page.pixels.shape[:2]
    step = {
        1: np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]]),
        2: np.array([[-1, 0, width - 1], [0, -1, height - 1], [0, 0, 1.0]]),
        3: np.array([[0, -1, height - 1], [1, 0, 0], [0, 0, 1.0]]),
    }[turns]
    page = replace(case.page, pixels=pixels, words=())
    return replace(case, name=f"{case.name}+turn{90 * turns}", page=page, placed=step @ case.placed)


def _leaned(case: Case, degrees: float) -> Case:
    size = (case.page.width, case.page.height)
    flat = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), degrees, 1.0)
    return _warped(case, f"lean{degrees:+g}", np.vstack([flat, [0, 0, 1]]), size)


def _scaled(case: Case, share: float) -> Case:
    size = (case.page.width, case.page.height)
    matrix = np.diag([share, share, 1.0])
    matrix[:2, 2] = np.array(size) * (1 - share) / 2
    return _warped(case, f"scale{share:g}", matrix, size)


def _coarse(case: Case, dpi: float) -> Case:
    # a letter sheet, where the file doesn't say
    own = case.page.dpi or max(case.page.width, case.page.height) / 11
    share = dpi / own
    size = (round(case.page.width * share), round(case.page.height * share))
    pixels = cv2.resize(case.page.pixels, size, interpolation=cv2.INTER_AREA)
    page = replace(case.page, pixels=np.asarray(pixels, np.uint8), dpi=dpi, words=())
    matrix = np.diag([share, share, 1.0])
    return replace(case, name=f"{case.name}+{dpi:g}dpi", page=page, placed=matrix @ case.placed)


def _cut(case: Case, inches: float) -> Case:
    own = case.page.dpi or max(case.page.width, case.page.height) / 11
    edge = round(inches * own)
    pixels = np.ascontiguousarray(case.page.pixels[edge:, edge:])
    matrix = np.array([[1, 0, -edge], [0, 1, -edge], [0, 0, 1.0]])
    page = replace(case.page, pixels=pixels, words=())
    return replace(case, name=f"{case.name}+cut{inches}", page=page, placed=matrix @ case.placed)


def _framed(case: Case, inches: float) -> Case:
    own = case.page.dpi or max(case.page.width, case.page.height) / 11
    edge = round(inches * own)
    pixels = cv2.copyMakeBorder(
        case.page.pixels, edge // 2, edge, edge // 3, edge, cv2.BORDER_CONSTANT, value=(12, 12, 12)
    )
    matrix = np.array([[1, 0, edge // 3], [0, 1, edge // 2], [0, 0, 1.0]])
    page = replace(case.page, pixels=np.asarray(pixels, np.uint8), words=())
    return replace(case, name=f"{case.name}+frame", page=page, placed=matrix @ case.placed)


def _nameless(case: Case) -> Case:
    page = replace(case.page, dpi=0.0)
    return replace(case, name=f"{case.name}+nodpi", page=page)


def _faint(case: Case) -> Case:
    pixels: Pixels = (255 - (255 - case.page.pixels.astype(np.float32)) * 0.35).astype(np.uint8)
    return replace(case, name=f"{case.name}+faint", page=replace(case.page, pixels=pixels))


VARIANTS: tuple[Callable[[Case], Case], ...] = (
    lambda c: _turned(c, 1),
    lambda c: _turned(c, 2),
    lambda c: _turned(c, 3),
    lambda c: _leaned(c, 2.0),
    lambda c: _leaned(_turned(c, 2), -3.0),
    lambda c: _scaled(c, 0.97),
    lambda c: _coarse(c, 100),
    lambda c: _cut(c, 0.3),
    lambda c: _framed(c, 0.4),
    _nameless,
    _faint,
)


def report(outcomes: list[Outcome], most: int) -> None:
    """Print a line a style, a line a variant, and the pages that went wrong."""
    for title in ("style", "variant"):
        groups: defaultdict[str, list[Outcome]] = defaultdict(list)
        for outcome in outcomes:
            variant = outcome.case.partition("+")[2] or "as scanned"
            groups[outcome.style if title == "style" else variant].append(outcome)
        print(
            f"{title:36} pages  form  turn  good |  mean   p95 worst (in) rows off | "
            "quality conf  ms"
        )
        for name, group in sorted(groups.items()):
            _line(name, group)
        _line("all", outcomes)
        print()
    wrong = [o for o in outcomes if not o.good]
    for o in wrong[:most]:
        print(
            f"{o.case:44} {o.style:32} form {o.right_form:d} turn {o.right_turn:d} {o.method:5} "
            f"worst {o.worst:.3f} row {o.row:.3f} quality {o.quality:.2f} conf {o.confidence:.2f}"
        )


def kinds(folder: Path) -> None:
    """What pages of batches were taken for, against what they are; and which way up."""
    taken: Counter[tuple[str, str]] = Counter()
    turned: Counter[str] = Counter()
    wrong: list[str] = []
    seconds: defaultdict[str, list[float]] = defaultdict(list)
    for truth_path in sorted(folder.glob("*.json")):
        truth: dict[str, Any] = json.loads(truth_path.read_text(encoding="utf-8"))
        scan = next(p for p in truth_path.parent.glob(truth_path.stem + ".*") if p != truth_path)
        for page, sheet in zip(open_scan(scan, Limits()), truth["pages"], strict=True):
            start = time.process_time()
            seen = look(page)
            seconds[sheet["form"]].append(time.process_time() - start)
            taken[sheet["form"], str(seen.form)] += 1
            if seen.form != sheet["form"]:
                wrong.append(f"{scan.name} {page.number}: {sheet['form']} -> {seen.form}")
            turns = sheet.get("style", {}).get("turns", 0)
            if seen.form not in (Form.BLANK, Form.BACK):
                turned[sheet["form"]] += (seen.quarter_turns + turns) % 4 != 0
    print(f"{'is':14} {'taken for':14} pages")
    for (form, seen_as), count in sorted(taken.items()):
        mark = "" if form == seen_as else "  <--"
        print(f"{form:14} {seen_as:14} {count:5}{mark}")
    print("not upright:", dict(turned))
    print("ms:", {form: round(1000 * float(np.median(s))) for form, s in seconds.items()})
    print("\n".join(wrong))


def stages(folder: Path) -> None:
    """CPU milliseconds of each stage of a look, the median over the pages of a folder."""
    spent: defaultdict[str, list[float]] = defaultdict(list)

    def timed(name: str, work: Callable[[], _T]) -> _T:
        start = time.process_time()
        result = work()
        spent[name].append(1000 * (time.process_time() - start))
        return result

    for case in cases(folder):
        look(case.page)  # warm
        small = timed("make small", partial(thumb, case.page))
        timed("ink, blank", partial(ink_of, small.grey))
        timed("bar codes", partial(read_barcodes, small.full))
        rules = timed("find rules", partial(find_rules, small.grey))
        guesses = timed("match forms", partial(guess, rules, FORMS, sized=small.sized))
        if case.ruled and guesses:
            lines = template(guesses[0].form)
            rough = timed("fit, small", partial(fit_coarse, small.grey, guesses[0].to_small, lines))
            start = small.to_scan @ rough.matrix
            timed("fit, whole", partial(fit_fine, small.full, start, lines))
        else:
            marks = timed("letters", partial(boxes, small.grey, rules.across | rules.down))
            timed("faint rules", partial(find_faint_rules, small.grey))
            timed(
                "place print",
                partial(place, centres(marks), small.grey.shape, FORMS, "known"),
            )
        timed("look, all of it", partial(look, case.page))
    for name, milliseconds in spent.items():
        print(f"{name:16} {np.median(milliseconds):6.1f} ms on {len(milliseconds)} pages")


def _line(name: str, group: list[Outcome]) -> None:
    placed = [o for o in group if o.right_form and o.right_turn]
    means = np.array([o.mean for o in placed] or [9.0])
    worst = np.array([o.worst for o in placed] or [9.0])
    off = sum(o.row > ROW for o in placed)
    print(
        f"{name:36} {len(group):5} {sum(o.right_form for o in group):5} "
        f"{sum(o.right_turn for o in group):5} {sum(o.good for o in group):5} | "
        f"{means.mean():.4f} {np.percentile(worst, 95):.3f} {worst.max():.3f} {off:8}      | "
        f"{np.mean([o.quality for o in group]):.2f}    {np.mean([o.confidence for o in group]):.2f}"
        f" {1000 * np.median([o.seconds for o in group]):4.0f}"
    )


def main() -> None:
    """Run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--kinds", action="store_true", help="DIR holds batches: tell pages apart")
    parser.add_argument("--stages", action="store_true", help="time each stage")
    parser.add_argument("--vary", action="store_true", help="also variants of each page")
    parser.add_argument("--every", type=int, default=1, help="only every Nth page")
    parser.add_argument("--list", type=int, default=20, help="most failures to name")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    if arguments.kinds:
        for folder in arguments.folders:
            kinds(folder)
        return
    if arguments.stages:
        for folder in arguments.folders:
            stages(folder)
        return
    outcomes = []
    for folder in arguments.folders:
        for number, case in enumerate(cases(folder)):
            if number % arguments.every:
                continue
            outcomes.append(judge(case))
            if arguments.vary:
                outcomes += [judge(vary(case)) for vary in VARIANTS]
    report(outcomes, arguments.list)


if __name__ == "__main__":
    main()
