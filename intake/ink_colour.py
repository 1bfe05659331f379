"""Whether a form's own print is red: originals are, copies and faxes of them are not."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np

from intake.thumb import DPI
from models.page import PageImage, PageLook

#: grey levels: a pixel is red that is so much more red than anything else
_RED: Final = 30
#: share of a page that is red where its form is: a form's rules and words are a tenth of it; a
#: stamp, or what is written in red, is far less
_RED_FORM: Final = 0.03
_NO_RED: Final = 0.002
#: grey levels between the colours of the one pixel in a thousand that has most: below it the
#: page was scanned grey, whatever the file says
_COLOUR: Final = 10
_RGB: Final = 3


def red_form(page: PageImage, look: PageLook) -> bool | None:
    """Whether the print of the claim form on a page is red; None where nobody can tell.

    A page scanned grey, or one from which the scanner dropped the form out, doesn't say.
    """
    registration = look.registration
    if page.pixels.ndim != _RGB or not look.form.is_claim or registration is None:
        return None
    scale = min(1.0, DPI / page.dpi) if page.dpi else min(1.0, 1100 / page.height)
    small = cv2.resize(page.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    red, green, blue = (small[..., at].astype(np.int16) for at in range(_RGB))
    share = float((red - np.maximum(green, blue) > _RED).mean())
    if share >= _RED_FORM:
        return True
    colour = np.maximum(abs(red - green), abs(green - blue))
    shown = registration.method == "rules" and np.quantile(colour, 0.999) >= _COLOUR
    return False if shown and share < _NO_RED else None
