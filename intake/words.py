"""Words on their way out of the decoding child: numbers of fixed width, then the text."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import Final

from models.page import TextWord

#: text and x0, y0, x1, y1
Word = tuple[str, tuple[float, float, float, float]]

#: x0, y0, x1, y1, whether it is drawn, bytes of text
_WORD: Final = struct.Struct("<4i?H")
#: bytes of one word, at most; a field of several lines is one word
_LONGEST: Final = 4_000


def pack(words: Iterable[Word], *, drawn: bool) -> bytes:
    """Words as bytes; `drawn` says whether the page shows them."""
    packed = bytearray()
    for text, box in words:
        encoded = text.encode("utf-8", "replace")[:_LONGEST]
        packed += _WORD.pack(*(round(value) for value in box), drawn, len(encoded)) + encoded
    return bytes(packed)


def unpack(untrusted: bytes, width: int, height: int) -> tuple[TextWord, ...]:
    """The words that are well formed and lie on the page; reading stops at the first that isn't."""
    words: list[TextWord] = []
    at = 0
    while at + _WORD.size <= len(untrusted):
        left, top, right, bottom, drawn, size = _WORD.unpack_from(untrusted, at)
        at += _WORD.size
        text = untrusted[at : at + size].decode("utf-8", "replace")
        at += size
        if not (0 <= left < right <= width and 0 <= top < bottom <= height) or at > len(untrusted):
            break
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        if text:
            words.append(TextWord(text, (left, top, right, bottom), drawn))
    return tuple(words)
