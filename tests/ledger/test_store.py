"""The store: a local folder and S3 alike."""

from __future__ import annotations

import hashlib
import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from moto.server import ThreadedMotoServer

from ledger.store import Store, StoreDamagedError, StoreError

CONTENT = b"pages of a claim"
KEY = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 of our own, with a bucket in it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    client = {"endpoint_url": address, "region_name": "eu-central-1"}
    keys = {"key": "a", "secret": "b"}
    fsspec.filesystem("s3", **keys, client_kwargs=client).mkdir("claims")
    yield address
    server.stop()


@pytest.fixture(params=["file", "s3"])
def url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "file":
        return f"file://{tmp_path / 'store'}"
    for name, value in {
        "AWS_ENDPOINT_URL": str(request.getfixturevalue("s3")),
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }.items():
        monkeypatch.setenv(name, value)
    return f"s3://claims/{tmp_path.name}"


def test_what_was_put_is_got_by_its_hash(url: str, tmp_path: Path) -> None:
    store = Store(url)
    assert store.put(CONTENT) == KEY
    assert store.put(CONTENT) == KEY
    assert store.get(KEY) == CONTENT
    assert store.has(KEY)
    big = tmp_path / "big"
    big.write_bytes(bytes(range(256)) * 20_000)
    assert store.get(store.put_file(big)) == big.read_bytes()


def test_what_is_not_there_is_said_to_be_missing(url: str) -> None:
    store = Store(url)
    assert not store.has(KEY)
    with pytest.raises(StoreDamagedError):
        store.get(KEY)


def test_what_is_removed_is_gone_and_other_things_stay(url: str) -> None:
    store = Store(url)
    other = store.put(b"another")
    store.put(CONTENT)
    assert store.there(KEY)
    for _ in range(2):
        store.remove(KEY)
        assert not store.there(KEY)
        assert not store.has(KEY)
    assert store.there(other)


def test_with_an_object_goes_what_was_killed_while_it_wrote_it(tmp_path: Path) -> None:
    store = Store(f"file://{tmp_path}")
    code = (
        "import os, signal, sys; from ledger.store import Store;"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL);"
        f"Store(sys.argv[1]).put({CONTENT!r})"
    )
    killed = subprocess.run([sys.executable, "-c", code, f"file://{tmp_path}"], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert [p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()] == [CONTENT]
    assert not store.there(KEY)
    store.put(CONTENT)
    store.remove(KEY)
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def _get(url: str, store: Store, found: multiprocessing.SimpleQueue[bytes]) -> None:
    del url
    found.put(store.get(KEY))


def test_a_forked_child_reads_what_its_parent_stored(url: str) -> None:
    store = Store(url)
    store.put(CONTENT)
    forked = multiprocessing.get_context("fork")
    found = forked.SimpleQueue()
    child = forked.Process(target=_get, args=(url, store, found))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    assert found.get() == CONTENT


def test_damage_is_found_and_mended_by_storing_again(tmp_path: Path) -> None:
    store = Store(f"file://{tmp_path}")
    store.put(CONTENT)
    (path,) = (p for p in tmp_path.rglob("*") if p.is_file())
    path.write_bytes(b"x" * len(CONTENT))
    assert not store.has(KEY)
    for damaged in (b"x" * len(CONTENT), CONTENT[:5]):
        path.write_bytes(damaged)
        store.put(CONTENT)
        assert store.get(KEY) == CONTENT
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [path]


def test_a_store_that_is_away_is_an_error_without_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "aa").touch()
    store = Store(f"file://{tmp_path}")
    with pytest.raises(StoreError) as caught:
        store.get("aa" + KEY[2:])
    assert str(tmp_path) not in str(caught.value)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    away = Store("s3://claims/none")
    with pytest.raises(StoreError):
        away.put(CONTENT)
