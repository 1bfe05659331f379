"""Page images as they are kept."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image

from intake.errors import BrokenScanError, TooLargeError
from intake.images import decode, encode, is_bitonal
from intake.limits import Limits
from models.page import PageImage, Pixels
from tests.intake.conftest import as_bytes, sheet

LIMITS = Limits()


@pytest.mark.parametrize(
    ("mode", "media"), [("1", "image/tiff"), ("L", "image/png"), ("RGB", "image/png")]
)
def test_nothing_is_lost(mode: str, media: str) -> None:
    image = sheet(mode).convert("RGB" if mode == "RGB" else "L")
    page = PageImage(np.asarray(image), 300.0, 1)
    data, kind = encode(page)
    assert kind == media
    assert np.array_equal(decode(data, LIMITS), page.pixels)


def test_black_and_white_is_small() -> None:
    page = PageImage(np.asarray(sheet("1", (1700, 2200)).convert("L")), 200.0, 1)
    assert len(encode(page)[0]) < 30_000


def test_the_same_page_is_the_same_bytes() -> None:
    pixels = np.asarray(sheet("L"))
    assert encode(PageImage(pixels, 300.0, 1)) == encode(PageImage(pixels.copy(), 300.0, 2))


shapes = st.tuples(st.integers(1, 40), st.integers(1, 40)) | st.tuples(
    st.integers(1, 40), st.integers(1, 40), st.just(3)
)


@settings(max_examples=60, deadline=None)
@given(arrays(np.uint8, shapes, elements=st.sampled_from([0, 1, 128, 254, 255])))
def test_any_pixels_come_back(pixels: Pixels) -> None:
    assert np.array_equal(decode(encode(PageImage(pixels, 0.0, 1))[0], LIMITS), pixels)


@given(arrays(np.uint8, shapes, elements=st.sampled_from([0, 255])))
def test_bitonal_is_black_and_white_only(pixels: Pixels) -> None:
    assert is_bitonal(pixels) == (pixels.ndim == 2)
    grey = pixels.copy()
    grey.flat[-1] = 7
    assert not is_bitonal(grey)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_our_own_limit_decides_how_large_an_image_may_be(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    image = sheet("RGB", (200, 100))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    assert decode(as_bytes(image, form), Limits(pixels=20_000)).shape == (100, 200, 3)
    with pytest.raises(TooLargeError):
        decode(as_bytes(image, form), Limits(pixels=19_999))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_a_damaged_image_is_an_error(form: str) -> None:
    data = as_bytes(sheet("RGB"), form)
    with pytest.raises(BrokenScanError):
        decode(data[: len(data) // 2], LIMITS)
    with pytest.raises(BrokenScanError):
        decode(b"no image", LIMITS)
