"""What everybody could do: a reader of whole pages, its words cut into fields by our registration.

Tesseract, and RapidOCR's full pipeline (detection, direction, recognition), both with one thread
and as they come. They get the page put upright, the form that we found, where it lies, and how far
its print sits off its boxes; a word that runs over several fields is parted among them by its
characters, and an X near a check box marks it. Whatever is found is scored like ours.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pytesseract

from bench.measure import Cost, one_thread, peak
from extractors.ink import canvas
from extractors.offset import offset
from extractors.page import facts_of
from extractors.words import by_field
from forms.layout import Layout, layout
from intake.limits import Limits
from intake.look import look
from intake.scan import open_page
from models.clock import Stages, cpu
from models.errors import PaperclaimError
from models.page import Matrix, PageImage, PageLook, Pixels, TextWord

#: sparse text, found anywhere: the best of Tesseract's ways to lay out a form
_SPARSE: Final = "--psm 11"
_RGB: Final = 3


def _word(text: str, left: float, top: float, right: float, bottom: float) -> TextWord:
    return TextWord(text, (round(left), round(top), round(right), round(bottom)))


def tesseract(pixels: Pixels) -> list[TextWord]:
    """Every word that Tesseract sees on a page."""
    data = pytesseract.image_to_data(
        pixels, config=_SPARSE, output_type=pytesseract.Output.DICT, timeout=120
    )
    columns = (data[k] for k in ("text", "left", "top", "width", "height"))
    return [
        _word(text, x, y, x + w, y + h)
        for text, x, y, w, h in zip(*columns, strict=True)
        if text.strip()
    ]


@functools.cache
def _rapid() -> Any:
    from rapidocr import RapidOCR  # noqa: PLC0415 - a second to load, and not always wanted

    threads = dict.fromkeys(("intra_op_num_threads", "inter_op_num_threads"), 1)
    engine = {f"EngineConfig.onnxruntime.{key}": count for key, count in threads.items()}
    return RapidOCR(params={"Global.log_level": "error", **engine})


def rapidocr(pixels: Pixels) -> list[TextWord]:
    """Every word that RapidOCR's full pipeline sees on a page."""
    colour = pixels if pixels.ndim == _RGB else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
    found = _rapid()(np.ascontiguousarray(colour[..., ::-1]), return_word_box=True)
    words = []
    for line in found.word_results or ():
        for text, _, corners in line:
            xs, ys = zip(*corners, strict=True)
            if text.strip():
                words.append(_word(text, min(xs), min(ys), max(xs), max(ys)))
    return words


READERS: Final[dict[str, Callable[[Pixels], list[TextWord]]]] = {
    "full-page Tesseract": tesseract,
    "RapidOCR, full pipeline": rapidocr,
}


def _upright(page: PageImage, turns: int) -> tuple[Pixels, Matrix]:
    """A page turned upright, and the way from pixels as scanned to its pixels."""
    way = np.eye(3)
    height = page.height
    for turn in range(turns % 4):
        height = page.height if turn % 2 == 0 else page.width
        way = np.array([[0.0, -1.0, height - 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ way
    return np.ascontiguousarray(np.rot90(page.pixels, -turns)), way


def _fields(form: Layout, words: Sequence[TextWord], to_page: Matrix, off: Any) -> dict[str, Any]:
    """The contract's fields, none of them accepted: nobody says how sure they are."""
    fields = {}
    for name, said in by_field(words, to_page, form, off).items():
        choice = bool(form.fields[name].choices)
        value = said.text if not choice or " " not in said.text else None
        fields[name] = {
            "text": "X" if choice else said.text,
            "value": value,
            "confidence": 0.5,
            "accepted": False,
        }
    return fields


def _read(page: PageImage, seen: PageLook, name: str, stages: Stages) -> dict[str, Any]:
    registration = seen.registration
    if not seen.form.is_claim or registration is None or registration.method == "none":
        return {}
    try:
        form = layout(seen.form)
    except KeyError:
        return {}
    with stages("place"):
        found, _ = offset(canvas(page, registration, form), form)
        off = (found.dx, found.dy)
    pixels, way = _upright(page, seen.quarter_turns)
    with stages("read"):
        words = READERS[name](pixels)
    return _fields(form, words, np.asarray(way @ registration.to_scan, np.float64), off)


def read_one(scan: Path, out: Path, name: str) -> Cost:
    """Read a scan of one page with the baseline of that name; its JSON, and what it cost."""
    one_thread()
    if name.startswith("Rapid"):
        _rapid()
    stages = Stages()
    began = cpu()
    try:
        with stages("decode"):
            page = open_page(scan, 1, Limits())
    except PaperclaimError:
        return Cost(scan.stem, {}, cpu() - began, 0, 0, peak())
    with stages("look"):
        seen = look(page)
    fields = _read(page, seen, name, stages)
    seconds = cpu() - began
    facts = facts_of(page, seen).model_dump(mode="json")
    document = {"form": seen.form, "status": "review", "fields": fields, "page_facts": [facts]}
    (out / f"{scan.name}.json").write_text(json.dumps({"documents": [document]}), encoding="utf-8")
    return Cost(scan.stem, stages.seconds, seconds, len(fields), 1, peak())
