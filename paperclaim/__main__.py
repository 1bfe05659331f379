"""`python -m paperclaim`."""

from __future__ import annotations

from paperclaim.cli import main

main()
