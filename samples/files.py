"""Write scans as scanners do: PDF, TIFF (fax group 4), JPEG, PNG, with their dots an inch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from models.page import Pixels


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """One scanned page.

    Attributes:
        pixels: grey or RGB, uint8.
        dpi: dots an inch, across and down; zeros where the machine does not say, as cameras.
        bitonal: only black and white; kept so in the file.
        quality: of JPEG.
    """

    pixels: Pixels
    dpi: tuple[int, int]
    bitonal: bool = False
    quality: int = 80

    def image(self) -> Image.Image:
        """For Pillow: one bit a pixel where that is all there is."""
        image = Image.fromarray(self.pixels)
        return image.convert("1", dither=Image.Dither.NONE) if self.bitonal else image


def write(sheets: Sequence[Sheet], path: Path) -> Path:
    """Write the sheets as one file of the kind that `path`'s suffix names.

    JPEG and PNG hold the first sheet only.

    Raises:
        ValueError: a suffix that we do not write.
    """
    images, first = [s.image() for s in sheets], sheets[0]
    dots: dict[str, Any] = {"dpi": first.dpi} if all(first.dpi) else {}
    match path.suffix:
        case ".pdf":
            # Pillow keeps one-bit pages as fax group 4, which knows no quality
            jpeg: dict[str, Any] = {} if first.bitonal else {"quality": first.quality}
            wide = first.pixels.shape[1]
            dots = dots or {"resolution": wide / 8.5}  # a page of letter paper, about
            images[0].save(path, save_all=True, append_images=images[1:], **dots, **jpeg)
        case ".tif":
            images[0].save(
                path,
                save_all=True,
                append_images=images[1:],
                **dots,
                compression="group4" if all(s.bitonal for s in sheets) else "tiff_lzw",
            )
        case ".jpg":
            images[0].convert("L" if first.bitonal else images[0].mode).save(
                path, **dots, quality=first.quality
            )
        case ".png":
            images[0].save(path, **dots)
        case suffix:
            raise ValueError(suffix)
    return path
