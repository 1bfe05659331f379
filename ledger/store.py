"""The store: originals and page images by the SHA-256 of their bytes, behind fsspec.

A local folder by default; `s3://bucket/prefix` or another fsspec URL by setting. The same bytes
again are stored once; a key is only ever given for bytes that are safely there.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import fsspec

from config.settings import Settings
from intake.folders import make
from intake.taking import sync_folder
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
        self._url = url
        self._opened: tuple[int, Any, str] | None = None
        system, root = self._open()
        if _local(system):
            Path(root).mkdir(parents=True, exist_ok=True)

    def _open(self) -> tuple[Any, str]:
        """The file system and the root; opened anew in a forked child, whose threads are gone."""
        if self._opened is None or self._opened[0] != os.getpid():
            system, root = fsspec.core.url_to_fs(self._url)
            self._opened = (os.getpid(), system, str(root).rstrip("/"))
        return self._opened[1], self._opened[2]

    def put(self, content: bytes) -> str:
        """Store `content` and return its key, the SHA-256 in hexadecimal.

        Raises:
            StoreError: it can't be written.
        """
        key = hashlib.sha256(content).hexdigest()
        self._put(key, len(content), lambda: io.BytesIO(content))
        return key

    def put_file(self, source: Path) -> str:
        """Store a file's bytes, however many, and return their key.

        Raises:
            StoreError: they can't be read or written, or change meanwhile.
        """
        try:
            with source.open("rb") as handle:
                key = hashlib.file_digest(handle, "sha256").hexdigest()
            self._put(key, source.stat().st_size, lambda: source.open("rb"))
        except OSError as error:
            raise StoreError(f"A file can't be read ({type(error).__name__}).") from None
        return key

    def _put(self, key: str, size: int, content: Callable[[], IO[bytes]]) -> None:
        with _telling("written"):
            system, root = self._open()
            path = _path(root, key)
            if system.exists(path) and system.info(path)["size"] == size and self.has(key):
                return
            with content() as source:
                if _local(system):
                    found = _write(Path(path), source)
                else:
                    # an object appears when it is whole
                    with system.open(path, "wb") as target:
                        found = _copy(source, target)
        if found != key:
            raise StoreDamagedError("A file changed while it was stored.")

    def get(self, key: str) -> bytes:
        """The bytes of `key`, verified.

        Raises:
            StoreDamagedError: they are not there, or not what was stored.
            StoreError: the store can't be read.
        """
        with _telling("read"):
            system, root = self._open()
            try:
                content: bytes = system.cat_file(_path(root, key))
            except FileNotFoundError as error:
                if _local(system) and not Path(root).is_dir():
                    raise StoreError("The store is not there.") from None
                raise StoreDamagedError("An object is missing from the store.") from error
        if hashlib.sha256(content).hexdigest() != key:
            raise StoreDamagedError("An object in the store is damaged.")
        return content

    def remove(self, key: str) -> None:
        """Remove the bytes of `key`, and what was killed while it wrote them; none is no error.

        Raises:
            StoreError: the store can't be written.
        """
        with _telling("written"):
            system, root = self._open()
            with contextlib.suppress(FileNotFoundError):
                system.rm_file(_path(root, key))
            if _local(system):
                for begun in Path(_path(root, key)).parent.glob(f".{key}.*"):
                    begun.unlink(missing_ok=True)

    def there(self, key: str) -> bool:
        """Whether something lies under `key`: `has` looks at it, too.

        Raises:
            StoreError: the store can't be read.
        """
        with _telling("read"):
            system, root = self._open()
            return bool(system.exists(_path(root, key)))

    def has(self, key: str) -> bool:
        """Whether the bytes of `key` are there, and what was stored.

        Raises:
            StoreError: the store can't be read.
        """
        try:
            self.get(key)
        except StoreDamagedError:
            return False
        return True


def open(settings: Settings) -> Store:  # noqa: A001 - `store.open` reads well
    """The store that is set.

    Raises:
        FolderError: its folder is not there: it may lie on a share that is not mounted.
        StoreError: it can't be opened.
    """
    folder = folder_of(settings.store_url)
    if folder is not None:
        make("store", folder, settings.data)
    return Store(settings.store_url)


def folder_of(url: str) -> Path | None:
    """The folder that a store lies in, None where it is in none of this machine."""
    if fsspec.utils.get_protocol(url) not in ("file", "local"):
        return None
    return Path(fsspec.core.url_to_fs(url)[1])


@contextlib.contextmanager
def _telling(what: str) -> Iterator[None]:
    """Whatever a file system or its client raises becomes one error of ours."""
    try:
        yield
    except StoreError:
        raise
    except Exception as error:  # noqa: BLE001 - every client has errors of its own
        raise StoreError(f"The store can't be {what} ({type(error).__name__}).") from None


def _local(system: Any) -> bool:
    return "file" in system.protocol


def _path(root: str, key: str) -> str:
    return f"{root}/{key[:2]}/{key}"


def _copy(source: IO[bytes], target: IO[bytes]) -> str:
    """Copy everything; the key of what was copied."""
    digest = hashlib.sha256()
    while block := source.read(_BLOCK):
        digest.update(block)
        target.write(block)
    return digest.hexdigest()


def _write(path: Path, source: IO[bytes]) -> str:
    """Whole or not at all, and safe from a power cut; the key of what was written."""
    # the store itself is not made here: it may lie on a share that went away
    path.parent.mkdir(exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as handle:
            key = _copy(source, handle)
            handle.flush()
            os.fsync(handle.fileno())
        if key == path.name:
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)
    return key
