"""Where a worker's temporary files lie: in the data folder, and never for longer than it lives.

Readers hand pictures of claims to other programs as files. A process that is killed can't remove
its own, so whoever starts next removes those of the dead.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from service.owner import gone, me


def use(above: Path) -> Path:
    """Make a folder of this process's own the place for temporary files, its children's too."""
    above.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in above.iterdir():
        if gone(folder.name.replace("|", "/")):
            shutil.rmtree(folder, ignore_errors=True)
    own = above / me().replace("/", "|")
    own.mkdir(exist_ok=True, mode=0o700)
    tempfile.tempdir = str(own)
    os.environ["TMPDIR"] = str(own)
    return own


def clear(own: Path) -> None:
    """Remove what a killed child left behind."""
    for path in own.iterdir():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
