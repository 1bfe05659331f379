"""Readings against truth: how many fields are wholly right, invented, missed, accepted and wrong.

    python -m bench.score OUT TRUTH [--by form,print,scan,font,hand,kind,ink,field] [--list wrong]

OUT holds readings (`paperclaim/reading/1`, named after the scan), TRUTH one JSON a scan:
`{"form": ..., "style": {"font", "form", "scan"}, "hand": bool, "fields": {id: text}}`, and
`placed`, form pixels at 300 dpi to scan pixels, where the page's place is to be measured too, and
`kept`, of scans of two tones, the share of each field's print that is on the scan.
Nothing here uses the code that it measures, but for the layouts that say which fields exist.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from forms.layout import layout
from models.page import Form

#: kinds in which words stand: there, spaces and points are part of what is read
WORDS = frozenset({"name", "text", "signature"})
DPI = 300
#: shares of a field's print that are on the scan, by which fields are counted
BANDS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.1)


def normal(kind: str, text: str) -> str:
    """`text` as it is compared: print that may differ between two right readings is taken out.

    Words: case, runs of spaces, spaces beside punctuation. All other kinds: case and everything
    but letters and figures (a minus sign stays in money), so that `10778 65` is `10778.65`, but
    never a letter for a figure.
    """
    if kind == "choice":
        return text.strip().lower()
    if kind in WORDS:
        return re.sub(r"\s*([^\w\s])\s*", r"\1", re.sub(r"\s+", " ", text.upper().strip()))
    kept = r"[^0-9A-Z-]" if kind == "money" else r"[^0-9A-Z]"
    return re.sub(kept, "", text.upper())


def same(kind: str, truth: str, text: str) -> bool:
    """Whether a field of `kind` was read wholly right."""
    return normal(kind, truth) == normal(kind, text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one field: printed, read, or both.

    Attributes:
        scan: the truth file's stem.
        field: id.
        kind: of the contract.
        truth: what is printed; None where nothing is.
        text: what was read; None where nothing was.
        right: read, and the same.
        confidence: as read; 0 where nothing was.
        accepted: as read.
        ready: the status of the document.
        style: what to count by: form, print, scan, font, hand.
        ink: of a scan of two tones, how much of its print is there at all, as a band.
        asked: nothing was read, and somebody is asked to look.
    """

    scan: str
    field: str
    kind: str
    truth: str | None
    text: str | None
    right: bool
    confidence: float
    accepted: bool
    ready: bool
    style: dict[str, str]
    ink: str = "not known"
    asked: bool = False

    @property
    def what(self) -> str:
        """`exact`, `spaces` (wrong in nothing but spaces), `wrong`, `missed` or `invented`."""
        if self.truth is None:
            return "invented"
        if self.text is None:
            return "missed"
        if self.right:
            return "exact"
        bare = [re.sub(r"\s", "", normal(self.kind, t)) for t in (self.truth, self.text)]
        return "spaces" if bare[0] == bare[1] else "wrong"


@functools.cache
def kinds(form: str) -> dict[str, str]:
    """Kind by field id of a form; none for a form that we have no layout of."""
    try:
        fields = layout(Form(form)).fields
    except KeyError:
        return {}
    return {f.id: "choice" if f.choices else f.kind for f in fields.values()}


def document(reading: dict[str, Any], form: str) -> dict[str, Any]:
    """The document of a reading that is meant by a truth: the first of its form, else of any."""
    found = reading.get("documents") or []
    empty: dict[str, Any] = {"fields": {}, "status": "review", "form": "unknown"}
    return next((d for d in found if d["form"] == form), found[0] if found else empty)


def style_of(truth: dict[str, Any]) -> dict[str, str]:
    """What the fields of a truth are counted by."""
    style = truth.get("style", {})
    return {
        "form": truth["form"],
        "print": str(style.get("form", "?")),
        "scan": str(style.get("scan", "?")),
        "font": str(style.get("font", "?")),
        "hand": "hand" if truth.get("hand") else "machine",
    }


def outcomes(scan: str, truth: dict[str, Any], read: dict[str, Any]) -> Iterator[Outcome]:
    """Every field that is printed or was read, of one document."""
    kind_of = kinds(truth["form"])
    style = style_of(truth)
    ready = read["status"] == "ready"
    asked = {name for facts in read.get("page_facts", ()) for name in facts.get("unsure", ())}
    for name in sorted({*truth["fields"], *read["fields"]}):
        kind = kind_of.get(name, "text")
        printed: str | None = truth["fields"].get(name)
        got = read["fields"].get(name)
        text = None if got is None else (got["value"] or "" if kind == "choice" else got["text"])
        right = printed is not None and text is not None and same(kind, printed, text)
        confidence = 0.0 if got is None else float(got["confidence"])
        accepted = got is not None and bool(got["accepted"])
        share = truth.get("kept", {}).get(name)
        yield Outcome(
            scan,
            name,
            kind,
            printed,
            text,
            right,
            confidence,
            accepted,
            ready,
            style,
            _band(share),
            asked=text is None and name in asked,
        )


def _band(share: float | None) -> str:
    """The share of a field's print that is on the scan, as a name of a group."""
    if share is None:
        return "not known"
    low, high = next(band for band in itertools.pairwise(BANDS) if share < band[1])
    return f"{low:4.0%} to {min(high, 1):.0%}"


def place_error(truth: dict[str, Any], read: dict[str, Any]) -> float | None:
    """How far the form lies from where it was read, root mean square, inches; None: not known."""
    facts = next((f for f in read.get("page_facts", []) if f.get("to_scan")), None)
    if facts is None or "placed" not in truth:
        return None
    grid = np.array(
        [(x, y, 1.0) for x in np.linspace(0.3, 8.2, 9) for y in np.linspace(0.3, 10.7, 9)]
    )
    placed = np.array(truth["placed"]) @ (grid * (DPI, DPI, 1.0)).T
    found = np.array(facts["to_scan"]) @ grid.T
    placed, found = placed[:2] / placed[2], found[:2] / found[2]
    inch = np.linalg.norm(placed[:, 0] - placed[:, -1]) / np.linalg.norm(grid[0] - grid[-1])
    return float(np.sqrt(np.mean(np.sum((placed - found) ** 2, axis=0))) / inch)


@dataclass(slots=True)
class Tally:
    """Counts of one group of fields."""

    name: str
    what: Counter[str]
    accepted: int = 0
    accepted_wrong: int = 0
    empty: int = 0
    boxes: int = 0
    boxes_right: int = 0

    @property
    def printed(self) -> int:
        """Fields with something printed in them."""
        return self.what.total() - self.what["invented"]

    def add(self, outcome: Outcome) -> None:
        """Count one more field."""
        self.what[outcome.what] += 1
        self.accepted += outcome.accepted
        self.accepted_wrong += outcome.accepted and not outcome.right
        if outcome.kind == "choice" and outcome.truth is not None:
            self.boxes += 1
            self.boxes_right += outcome.right

    def row(self) -> str:
        """One line of the table."""
        n = self.printed or 1
        boxes = f"{100 * self.boxes_right / self.boxes:8.2f}" if self.boxes else f"{'-':>8s}"
        made_up = 100 * self.what["invented"] / self.empty if self.empty else None
        return (
            f"{self.name:24s}{self.printed:7d}{100 * self.what['exact'] / n:8.2f}{boxes}"
            f"{self.what['wrong']:7d}{self.what['spaces']:7d}{self.what['missed']:7d}"
            f"{self.what['invented']:9d}{'-' if made_up is None else f'{made_up:.2f}':>7s}"
            f"{100 * self.accepted / n:9.1f}{self.accepted_wrong:7d}"
        )


HEAD = (
    f"{'':24s}{'fields':>7s}{'exact%':>8s}{'boxes%':>8s}{'wrong':>7s}{'spaces':>7s}{'missed':>7s}"
    f"{'invented':>9s}{'%':>7s}{'accept%':>9s}{'wrong':>7s}"
)


def table(found: Iterable[Outcome], by: str, empty: Counter[str] | None = None) -> list[Tally]:
    """Counts by one of a style's keys, `kind`, `ink`, `field` or `all`; `empty`: without print."""
    tallies: dict[str, Tally] = {}
    for outcome in found:
        field = f"{outcome.style['form']} {outcome.field}"
        of = {"kind": outcome.kind, "ink": outcome.ink, "field": field, "all": "all"}
        name = of.get(by)
        name = name or outcome.style[by]
        tallies.setdefault(name, Tally(name, Counter())).add(outcome)
    for name, count in (empty or {}).items():
        if name in tallies:
            tallies[name].empty = count
    return [tallies[name] for name in sorted(tallies)]


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of one scan.

    Attributes:
        scan: the truth file's stem.
        style: what to count by.
        found: its form was told right.
        error_in: how far off the form was laid, root mean square, inches; None: not known.
        ready: it would go out with nobody looking.
        ready_wrong: it would, with a field that is wrong, missed or invented.
    """

    scan: str
    style: dict[str, str]
    found: bool
    error_in: float | None
    ready: bool
    ready_wrong: bool


@dataclass(slots=True)
class Scored:
    """All that was measured of a folder of readings."""

    outcomes: list[Outcome]
    empty: dict[str, Counter[str]]
    forms_right: int = 0
    errors_in: list[float | None] | None = None
    ready: int = 0
    ready_wrong: int = 0
    scans: int = 0
    unread: int = 0
    pages: list[PageOutcome] = field(default_factory=list)


def find_reading(out: Path, stem: str) -> dict[str, Any] | None:
    """The reading of the scan whose name without suffix is `stem`; None: there is none."""
    for path in sorted(out.glob(f"{stem}.*json")):
        reading = json.loads(path.read_text(encoding="utf-8"))
        if "documents" in reading:
            return dict(reading)
    return None


def score(out: Path, truths: Path, only: Collection[str] | None = None) -> Scored:
    """Every truth in `truths` against its reading in `out`; scans with no reading are counted.

    Args:
        out: readings.
        truths: folder of truth files.
        only: stems of the scans that count; None: all.
    """
    scored = Scored([], defaultdict(Counter), errors_in=[])
    for path in sorted(truths.glob("*.json")):
        truth = json.loads(path.read_text(encoding="utf-8"))
        if "fields" not in truth or (only is not None and path.stem not in only):
            continue
        reading = find_reading(out, path.stem)
        if reading is None:
            scored.unread += 1
            continue
        read = document(reading, truth["form"])
        scored.scans += 1
        found = list(outcomes(path.stem, truth, read))
        scored.outcomes += found
        style = {**style_of(truth), "all": "all"}
        page = PageOutcome(
            scan=path.stem,
            style=style,
            found=read["form"] == truth["form"],
            error_in=place_error(truth, read),
            ready=read["status"] == "ready",
            ready_wrong=read["status"] == "ready" and not all(o.right for o in found),
        )
        scored.pages.append(page)
        scored.forms_right += page.found
        if scored.errors_in is not None:
            scored.errors_in.append(page.error_in)
        scored.ready += page.ready
        scored.ready_wrong += page.ready_wrong
        for name, kind in kinds(truth["form"]).items():
            if name not in truth["fields"]:
                for key, group in {**style, "kind": kind}.items():
                    scored.empty[key][group] += 1
    return scored


def main(arguments: list[str] | None = None) -> int:
    """Print the tables; exit 1 when nothing was scored."""
    parser = argparse.ArgumentParser(prog="python -m bench.score", description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("truth", type=Path)
    parser.add_argument("--by", default="form,print,scan,font,hand,kind")
    parser.add_argument("--list", default="", help="wrong, missed, invented, spaces, accepted")
    chosen = parser.parse_args(arguments)
    scored = score(chosen.out, chosen.truth)
    if not scored.scans:
        print("No reading in OUT has a truth in TRUTH.", file=sys.stderr)
        return 1
    for by in ["all", *chosen.by.split(",")]:
        print(f"\n{HEAD.replace(' ' * 24, f'{by:24s}', 1)}")
        for tally in table(scored.outcomes, by, scored.empty[by]):
            print(tally.row())
    known = sorted(e for e in scored.errors_in or [] if e is not None)
    within = sum(e <= 0.03 for e in known)
    print(
        f"\nscans {scored.scans}, without a reading {scored.unread}; "
        f"right form {scored.forms_right}; placed within 0.03 in {within}"
    )
    if known:
        print(f"place error, inches: median {np.median(known):.4f}, worst {known[-1]:.4f}")
    silent = sum(o.what == "missed" and not o.asked for o in scored.outcomes)
    print(f"fields missed of which nobody is asked {silent}")
    print(f"claims ready {scored.ready}; ready with a wrong field {scored.ready_wrong}")
    for what in filter(None, chosen.list.split(",")):
        for o in scored.outcomes:
            if o.what == what or (what == "accepted" and o.accepted and not o.right):
                print(
                    f"{what} {o.scan} {o.field} {o.kind} {o.truth!r} {o.text!r} {o.confidence:.4f}"
                )
    return 0


if __name__ == "__main__":
    sys.exit(main())
