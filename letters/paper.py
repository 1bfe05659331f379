"""A letter as PDF: typst sets `data/letter.typ` with what the letter says."""

from __future__ import annotations

import datetime as dt
import functools
import json
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Final

import typst
import zxingcpp

from intake.separator import Reply, reply_payload
from letters.draft import Draft, Item
from letters.privacy import masked
from letters.reference import Reference, long_day
from models.errors import PaperclaimError

#: PDF/UA-1: readable by screen readers too
_STANDARD: Final = "ua-1"
#: the compiler refuses whoever comes while it sets another letter
_one_at_a_time = threading.Lock()


class PaperError(PaperclaimError):
    """A letter can't be set."""

    code = "letters.paper"
    remedy = "Shorten what was added to the letter, or report this."


@dataclass(frozen=True, slots=True)
class Head:
    """Who writes: name, address lines, and how to reach them; empty is left out."""

    name: str
    lines: tuple[str, ...]
    phone: str = ""
    fax: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """Everything that a letter says.

    Attributes:
        head: who writes.
        draft: what is asked, of whom.
        reference: about which claim.
        number: of the request, from 1.
        stage: `letter`, `reminder` or `second`.
        dated: the day on the letter.
        due: until when an answer is asked for.
        first: the day of the first letter; the same as `dated` for that one.
        closing: what happens without an answer, a sentence; empty where nothing does.
        preview: it is not sent: every page says so.
    """

    head: Head
    draft: Draft
    reference: Reference
    number: int
    stage: str
    dated: dt.date
    due: dt.date
    first: dt.date
    closing: str = ""
    preview: bool = False


def pdf(content: Content) -> bytes:
    """The letter and its reply sheet; the same content gives the same bytes.

    Raises:
        PaperError: it can't be set.
    """
    said = json.dumps(_said(content))
    try:
        with _one_at_a_time:
            made = _compiler().compile(
                _template(),
                format="pdf",
                sys_inputs={"letter": said},
                pdf_standards=_STANDARD,
                timestamp=int(dt.datetime.combine(content.dated, dt.time(12), dt.UTC).timestamp()),
            )
    except typst.TypstError:
        # its text may quote the letter
        raise PaperError("The letter can't be set.") from None
    assert isinstance(made, bytes)  # noqa: S101 - one PDF, not a list of pictures
    return made


@functools.cache
def _compiler() -> typst.Compiler:
    """Typst with the faces that it brings: a letter looks the same on every machine."""
    return typst.Compiler(font_paths=typst.Fonts(include_system_fonts=False))


@functools.cache
def _template() -> bytes:
    return (resources.files("letters") / "data" / "letter.typ").read_bytes()


def _said(content: Content) -> dict[str, object]:
    """What the template is told: text only, every word of it masked."""
    reply = reply_payload(Reply(content.reference.dcn, content.number))
    recipient = content.draft.recipient
    return {
        "head": asdict(content.head),
        "recipient": [recipient.name, *recipient.lines],
        "stage": content.stage,
        "dated": long_day(content.dated),
        "due": long_day(content.due),
        "first": long_day(content.first),
        "dcn": content.reference.dcn,
        "request": str(content.number),
        "rows": content.reference.rows(),
        "items": _items(content.draft.items),
        "notes": _items(content.draft.notes),
        "remark": masked(content.draft.remark),
        "closing": content.closing,
        "preview": content.preview,
        "reply": reply,
        "square": _code(reply, zxingcpp.BarcodeFormat.QRCode),
        "long": _code(reply, zxingcpp.BarcodeFormat.Code128),
    }


def _items(items: Sequence[Item]) -> list[dict[str, str]]:
    return [{"where": masked(item.where), "text": masked(item.text)} for item in items]


def _code(text: str, kind: zxingcpp.BarcodeFormat) -> str:
    """A bar code as SVG, without a quiet zone: the template leaves room around it."""
    options = {} if kind == zxingcpp.BarcodeFormat.Code128 else {"ec_level": "Q"}
    made = zxingcpp.create_barcode(text, kind, **options)
    return str(made.to_svg(add_hrt=False, add_quiet_zones=False))
