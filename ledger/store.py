"""The store: originals and page images by the SHA-256 of their bytes, behind fsspec.

A local folder by default; `s3://bucket/prefix` or another fsspec URL by setting. The same bytes
again are stored once; a key is only ever given for bytes that are safely there.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import Any

import fsspec

from models.errors import PaperclaimError

#: bytes read at a time
_BLOCK = 1 << 20


class StoreError(PaperclaimError):
    """The store can't be read or written."""

    code = "store"
    remedy = "Check that the store is reachable and has room; the work is tried again."


class StoreDamagedError(StoreError):
    """What is stored is not what was stored."""

    code = "store.damaged"
    remedy = "Restore the object from a backup, or scan the paper again."


class Store:
    """Content by its SHA-256."""

    def __init__(self, url: str) -> None:
        self._system: Any
        self._system, root = fsspec.core.url_to_fs(url)
        self._root = str(root).rstrip("/")
        self._local = "file" in self._system.protocol
        if self._local:
            Path(self._root).mkdir(parents=True, exist_ok=True)

    def _path(self, key: str) -> str:
        return f"{self._root}/{key[:2]}/{key}"

    def put(self, content: bytes) -> str:
        """Store `content` and return its key, the SHA-256 in hexadecimal.

        Raises:
            StoreError: it can't be written.
        """
        key = hashlib.sha256(content).hexdigest()
        path = self._path(key)
        try:
            if not self._system.exists(path):
                if self._local:
                    _write(Path(path), content)
                else:
                    self._system.pipe_file(path, content)
        except OSError as error:
            raise StoreError(f"The store can't be written ({type(error).__name__}).") from error
        return key

    def put_file(self, source: Path) -> str:
        """Store a file's bytes and return their key."""
        return self.put(source.read_bytes())

    def get(self, key: str) -> bytes:
        """The bytes of `key`, verified.

        Raises:
            StoreDamagedError: they are not there, or not what was stored.
        """
        try:
            content: bytes = self._system.cat_file(self._path(key))
        except FileNotFoundError as error:
            raise StoreDamagedError("An object is missing from the store.") from error
        except OSError as error:
            raise StoreError(f"The store can't be read ({type(error).__name__}).") from error
        if hashlib.sha256(content).hexdigest() != key:
            raise StoreDamagedError("An object in the store is damaged.")
        return content

    def has(self, key: str) -> bool:
        """Whether the bytes of `key` are there, and what was stored."""
        try:
            self.get(key)
        except StoreDamagedError:
            return False
        return True


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and safe from a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as handle:
            handle.write(content)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
