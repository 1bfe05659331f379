"""Claim forms drawn by our own code, with made-up claims, printed and scanned.

Needs no network and no fonts but those that are there. `samples.first(folder)` writes a handful
of varied scans to start with; `samples.scan.make(form, seed, style)` makes one.
"""

from __future__ import annotations

from samples.starter import first

__all__ = ["first"]
