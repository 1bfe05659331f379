"""The limits of a scan: a section of the settings, under the name that intake knows them by."""

from __future__ import annotations

from config.limits import Limits

__all__ = ["Limits"]
