"""Print so narrow that its characters hardly fit the reader's frames."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw

from extractors.readers import Readers
from extractors.strip import Strip
from models.page import Pixels
from samples import faces

pytestmark = pytest.mark.xdist_group("readers")


def printed(text: str, narrow: float) -> Pixels:
    """A line of print, 37 pixels high, at a share of its usual width."""
    image = Image.new("L", (1200, 90), 255)
    ImageDraw.Draw(image).text((40, 15), text, fill=0, font=faces.font(faces.sans(), 60))
    pixels = np.asarray(image, np.uint8)
    columns = np.flatnonzero((pixels < 128).any(axis=0))
    line = pixels[8:82, columns[0] - 10 : columns[-1] + 10]
    return np.asarray(
        cv2.resize(line, None, fx=narrow / 2, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8
    )


@pytest.mark.parametrize("narrow", [1.0, 0.7, 0.55])
def test_condensed_print_loses_no_character(narrow: float, readers: Readers) -> None:
    texts = ["B3207Q00000X", "1111171111", "2000011117", "111100", "10000001", "77001177"]
    pictures = [printed(text, narrow) for text in texts]
    strips = [Strip("2", "text", p, (0, 0, p.shape[1], p.shape[0])) for p in pictures]
    assert [seen.text for seen in readers.first.read(strips)] == texts
