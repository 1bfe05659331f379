"""What a scan may cost: the bounds that the decoding child lives in."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class Limits(BaseModel):
    """Bounds on one scan. The defaults let a mailroom's real batches through and stop a bomb."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    pages: int = Field(default=500, ge=1)
    """Pages a file; a full feeder is 200 to 300 sheets, both sides of 250 make 500."""

    pixels: int = Field(default=100_000_000, ge=10_000)
    """Pixels a page; letter paper has 34 million at 600 dpi."""

    bytes: int = Field(default=500_000_000, ge=1_000)
    """Bytes a file; 500 colour pages as JPEG take about 400 million."""

    seconds: float = Field(default=60.0, gt=0)
    """Seconds of wall clock a page, opening the file included; alone on a core it takes 0.1."""

    memory_mb: int = Field(default=2048, ge=64)
    """Megabytes of address space that decoding may add; the largest page needs 900."""
