"""Files that mean harm: each ends in a clear error, and whoever opened them lives on."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import signal
import socket
import struct
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from intake.confine import level
from intake.errors import (
    BrokenScanError,
    DecoderError,
    EmptyScanError,
    ScanMemoryError,
    ScanTimeoutError,
    TooLargeError,
    TooManyPagesError,
    UnsupportedScanError,
)
from intake.limits import Limits
from intake.sandbox import Sandbox
from intake.scan import open_page, open_scan
from intake.whole import why_not_whole
from intake.wire import RECORD, Answer, Serve
from models.errors import ScanError
from tests.intake.conftest import PdfMaker, as_bytes, sheet

TIGHT = Limits(seconds=120, memory_mb=700)


def png_bomb(width: int, height: int) -> bytes:
    """A valid PNG of that size: zeros, which deflate a thousandfold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    deflate = zlib.compressobj(9)
    rows = b"".join(deflate.compress(bytes(width + 1)) for _ in range(height)) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    start = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header)
    return start + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg_that_claims(width: int, height: int) -> bytes:
    data = bytearray(as_bytes(sheet("L", (64, 64)), "JPEG"))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def tiff(entries: list[tuple[int, int, int, int]], following: int = 0) -> bytes:
    table = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    ifd = struct.pack("<H", len(entries)) + table + struct.pack("<I", following)
    return b"II*\0" + struct.pack("<I", 8) + ifd


def pdf_of(number: int, more: str = "") -> bytes:
    """A PDF by hand, its page tree as bad as wished."""
    return (
        f"%PDF-1.4\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
        f"2 0 obj\n<</Type/Pages/Kids[{number} 0 R]/Count 1>>\nendobj\n{more}"
        "trailer\n<</Root 1 0 R/Size 5>>\n%%EOF\n"
    ).encode()


def empty_pdf() -> bytes:
    buffer = io.BytesIO()
    pikepdf.new().save(buffer)
    return buffer.getvalue()


def archive(kind: str) -> bytes:
    """Two PDFs in one file, as they are."""
    page = pdf_of(3, PAGE.format("612 792", ""))
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as packed:
            for name in ("a.pdf", "b.pdf"):
                packed.writestr(name, page)
    else:
        with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as packed_too:
            for name in ("a.pdf", "b.pdf"):
                about = tarfile.TarInfo(name)
                about.size = len(page)
                packed_too.addfile(about, io.BytesIO(page))
    return buffer.getvalue()


PAGE = "3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 {0}]{1}>>\nendobj\n"
WHOLE_JPEG = as_bytes(sheet("RGB"), "JPEG")
WHOLE_PNG = as_bytes(sheet("RGB"), "PNG")
WHOLE_TIFF = as_bytes(sheet("1"), "TIFF", compression="group4")

HOSTILE: dict[str, tuple[Callable[[], bytes], type[ScanError]]] = {
    "nothing": (lambda: b"", EmptyScanError),
    "zeros": (lambda: bytes(5000), UnsupportedScanError),
    "text": (lambda: b"hello", UnsupportedScanError),
    "heic": (lambda: b"\0\0\0\x18ftypheic", UnsupportedScanError),
    "zip of pdfs": (lambda: archive("zip"), UnsupportedScanError),
    "tar of pdfs": (lambda: archive("tar"), UnsupportedScanError),
    "jpeg cut short": (lambda: WHOLE_JPEG[: len(WHOLE_JPEG) // 2], BrokenScanError),
    "jpeg start only": (lambda: WHOLE_JPEG[:20], BrokenScanError),
    "jpeg bomb": (lambda: jpeg_that_claims(60000, 60000), TooLargeError),
    "png cut short": (lambda: WHOLE_PNG[: len(WHOLE_PNG) // 2], BrokenScanError),
    "png bomb": (lambda: png_bomb(11000, 11000), TooLargeError),
    "png of no size": (lambda: WHOLE_PNG[:16] + bytes(8) + WHOLE_PNG[24:], BrokenScanError),
    "tiff cut short": (lambda: WHOLE_TIFF[: len(WHOLE_TIFF) // 2], BrokenScanError),
    "tiff header only": (lambda: b"II*\0", BrokenScanError),
    "tiff without directories": (lambda: b"II*\0\0\0\0\0", EmptyScanError),
    "tiff in a circle": (lambda: tiff([(256, 4, 1, 10), (257, 4, 1, 10)], 8), BrokenScanError),
    "tiff directory outside": (lambda: b"II*\0" + struct.pack("<I", 1 << 30), BrokenScanError),
    "tiff bomb": (
        lambda: tiff(
            [
                (256, 4, 1, 60000),
                (257, 4, 1, 60000),
                (258, 3, 1, 8),
                (259, 3, 1, 1),
                (262, 3, 1, 1),
                (273, 4, 1, 8),
                (278, 4, 1, 60000),
                (279, 4, 1, 1 << 30),
            ]
        ),
        TooLargeError,
    ),
    "tiff of many strips": (lambda: tiff([(273, 4, 0x7FFFFFFF, 8)]), BrokenScanError),
    "pdf cut short": (lambda: b"%PDF-1.7\n1 0 obj <</Type", BrokenScanError),
    "pdf without pages": (empty_pdf, EmptyScanError),
    "pdf whose page is not there": (lambda: pdf_of(4), BrokenScanError),
    "pdf in a circle": (lambda: pdf_of(2), BrokenScanError),
    "pdf of a million inches": (
        lambda: pdf_of(3, PAGE.format("72000000 72000000", "")),
        TooLargeError,
    ),
    "pdf of no size": (lambda: pdf_of(3, PAGE.format("0 0", "")), BrokenScanError),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_clear_error_by_its_code(tmp_path: Path, name: str) -> None:
    make, kind = HOSTILE[name]
    path = tmp_path / "scan"
    path.write_bytes(make())
    with pytest.raises(ScanError) as caught:
        list(open_scan(path, TIGHT))
    assert type(caught.value) is kind
    assert str(tmp_path) not in str(caught.value)
    assert caught.value.remedy


@pytest.mark.parametrize("name", HOSTILE)
def test_wholeness_never_raises(tmp_path: Path, name: str) -> None:
    path = tmp_path / "scan"
    path.write_bytes(HOSTILE[name][0]())
    reason = why_not_whole(path)
    if "cut short" in name or name in {"nothing", "zeros", "text", "tiff header only"}:
        assert reason


def deflated(block: bytes, times: int) -> bytes:
    deflate = zlib.compressobj(1)
    return b"".join(deflate.compress(block) for _ in range(times)) + deflate.flush()


def test_a_picture_that_inflates_without_end_is_read_as_far_as_it_says(
    tmp_path: Path, maker: PdfMaker
) -> None:
    """It says ten thousand pixels, and inflates to six hundred megabytes."""
    page = maker.page(b"q 612 0 0 792 0 0 cm /Im0 Do Q")
    stream = maker.image(b"", (100, 100), ColorSpace=Name.DeviceGray)
    stream.write(deflated(bytes(10_000_000), 60), filter=Name.FlateDecode)
    page.obj.Resources.XObject[Name.Im0] = stream
    path = maker.save(tmp_path / "bomb.pdf", stream_decode_level=pikepdf.StreamDecodeLevel.none)
    assert open_page(path, 1, Limits(memory_mb=400)).pixels.max() == 0


def test_instructions_that_inflate_without_end_meet_a_limit(
    tmp_path: Path, maker: PdfMaker
) -> None:
    page = maker.page(b"")
    page.obj.Resources.XObject[Name.Im0] = maker.jpeg(sheet("L", (100, 100)))
    page.obj.Contents = maker.pdf.make_stream(b"")
    page.obj.Contents.write(deflated(b"q Q " * 1_000_000, 100), filter=Name.FlateDecode)
    path = maker.save(tmp_path / "bomb.pdf", stream_decode_level=pikepdf.StreamDecodeLevel.none)
    with pytest.raises((ScanMemoryError, ScanTimeoutError)):
        open_page(path, 1, Limits(memory_mb=200, seconds=3))


def test_endless_drawing_meets_the_deadline(tmp_path: Path, maker: PdfMaker) -> None:
    """Forms that draw forms that draw forms: ten to the ninth rectangles."""
    page = maker.page(b"/F0 Do")
    inner = maker.pdf.make_stream(
        b"0 0 600 700 re f " * 10,
        Type=Name.XObject,
        Subtype=Name.Form,
        BBox=Array([0, 0, 612, 792]),
    )
    for _ in range(8):
        inner = maker.pdf.make_stream(
            b"/N Do " * 10,
            Type=Name.XObject,
            Subtype=Name.Form,
            BBox=Array([0, 0, 612, 792]),
            Resources=Dictionary(XObject=Dictionary(N=inner)),
        )
    page.obj.Resources.XObject[Name.F0] = inner
    path = maker.save(tmp_path / "endless.pdf")
    with pytest.raises(ScanTimeoutError):
        open_page(path, 1, Limits(seconds=1.5))
    until(lambda: not popplers_of(path))


def until(holds: Callable[[], bool]) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + 300
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def popplers_of(path: Path) -> list[str]:
    """Processes that still have the file on their command line."""
    found = []
    for line in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(path).encode() in line.read_bytes():
                found.append(line.parent.name)
    return found


def test_too_many_pages(tmp_path: Path, maker: PdfMaker) -> None:
    for _ in range(4):
        maker.page(b"")
    pdf = maker.save(tmp_path / "long.pdf")
    long = tmp_path / "long.tif"
    sheet("1").save(long, save_all=True, append_images=[sheet("1")] * 3)
    for path in (pdf, long):
        with pytest.raises(TooManyPagesError):
            list(open_scan(path, Limits(pages=3)))
        assert len(list(open_scan(path, Limits(pages=4)))) == 4


def test_a_file_larger_than_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with path.open("wb") as handle:
        handle.write(WHOLE_PNG)
        handle.truncate(2_000_000)
    with pytest.raises(TooLargeError):
        open_page(path, 1, Limits(bytes=1_000_000))


def test_pages_before_the_damage_are_given(tmp_path: Path) -> None:
    path = tmp_path / "half.tif"
    pages = [sheet("1"), sheet("1")]
    pages[0].save(path, save_all=True, append_images=pages[1:], compression="group4")
    data = bytearray(path.read_bytes())
    second = data.rindex(struct.pack("<HH", 259, 3))
    data[second + 8 : second + 10] = struct.pack("<H", 9999)  # a compression that nobody knows
    path.write_bytes(data)
    pages_given = open_scan(path, TIGHT)
    assert next(pages_given).number == 1
    with pytest.raises(BrokenScanError):
        next(pages_given)


# --- a child that has been taken over ---


def asked(serve: Serve, limits: Limits = TIGHT) -> Answer:
    with Sandbox(lambda: serve, limits) as child:
        return child.ask(1)


def killing(number: int) -> Serve:
    def serve(_: int) -> Answer:
        os.kill(os.getpid(), number)
        return Answer(1)

    return serve


def filling(_: int) -> Answer:
    return Answer(len(bytearray(2_000_000_000)))


def spinning(_: int) -> Answer:
    while True:
        pass


@pytest.mark.parametrize(
    ("serve", "kind"),
    [
        (killing(signal.SIGSEGV), DecoderError),
        (killing(signal.SIGKILL), ScanMemoryError),
        (killing(signal.SIGXCPU), ScanTimeoutError),
        (filling, ScanMemoryError),
    ],
)
def test_a_child_that_dies(serve: Serve, kind: type[ScanError]) -> None:
    with pytest.raises(kind):
        asked(serve)


def test_a_child_that_never_answers() -> None:
    with pytest.raises(ScanTimeoutError):
        asked(spinning, Limits(seconds=0.5))


@pytest.mark.parametrize(
    "record",
    [
        RECORD.pack(200, 0, 0, 0, 0, 0.0, 0, 0, 0),
        RECORD.pack(0, 0, 10, 10, 1, 300.0, 1 << 60, 0, 0),
        RECORD.pack(0, 0, 10, 10, 2, 300.0, 200, 0, 0),
        RECORD.pack(0, 0, 10, 10, 1, float("nan"), 100, 0, 0),
        RECORD.pack(0, 0, 10, 10, 1, 300.0, 100, 0, 0),  # and nothing in the shared memory
        RECORD.pack(0, 0, 10, 10, 1, 300.0, 100, 1 << 60, 0),
        RECORD.pack(0, 0, 60000, 60000, 1, 300.0, 3600000000, 0, 0),
    ],
)
def test_a_child_that_lies(record: bytes) -> None:
    def serve(_: int) -> Answer:
        os.write(4, record)
        os._exit(0)

    with pytest.raises(ScanError):
        asked(serve)


def test_what_the_child_can_reach() -> None:
    """No descriptor of its parent, no core file, little room, and nobody hears it."""
    read, write = os.pipe()

    def serve(_: int) -> Answer:
        os.write(2, b"claim content")
        listed = sorted(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
        inherited = [number for number in listed if number > 6]
        own_group = os.getpgid(0) == os.getpid()
        grown = 0
        with contextlib.suppress(OSError):
            os.write(write, b"x")
            grown = 1
        return Answer(len(inherited) * 100 + (not own_group) * 10 + grown)

    assert asked(serve).value == 0
    os.close(read)
    os.close(write)


@pytest.mark.skipif(not level(), reason="this kernel has no Landlock")
def test_a_child_taken_over_reads_writes_and_reaches_nothing_else(tmp_path: Path) -> None:
    scan, other = tmp_path / "scan", tmp_path / "other claim"
    for path in (scan, other):
        path.write_bytes(b"content")
    here = os.getpid()

    def serve(_: int) -> Answer:
        attempts: list[Callable[[], object]] = [
            other.read_bytes,
            lambda: list(tmp_path.iterdir()),
            lambda: (tmp_path / "new").write_bytes(b"x"),
            lambda: scan.write_bytes(b"x"),
            lambda: Path("/usr/new").write_bytes(b"x"),
            other.unlink,
            lambda: subprocess.run(["cat", other], check=True),
            Path(f"/proc/{here}/environ").read_bytes,
        ]
        done = 0
        for number, attempt in enumerate(attempts):
            with contextlib.suppress(OSError, subprocess.CalledProcessError):
                attempt()
                done |= 1 << number
        return Answer(done if scan.read_bytes() == b"content" else -1)

    with Sandbox(lambda: serve, TIGHT, scan) as child:
        assert child.ask(1).value == 0
    assert other.read_bytes() == scan.read_bytes() == b"content"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.skipif(level() < 4, reason="this kernel's Landlock knows no network")
def test_a_child_taken_over_has_no_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()

        def serve(_: int) -> Answer:
            try:
                socket.create_connection(address, 5).close()
            except PermissionError:
                return Answer(1)
            return Answer(2)

        assert asked(serve).value == 1


def test_children_are_gone_when_the_sandbox_is_left() -> None:
    def serve(_: int) -> Answer:
        grandchild = subprocess.Popen(["sleep", "600"])
        return Answer(grandchild.pid)

    with Sandbox(lambda: serve, TIGHT) as child:
        grandchild = child.ask(1).value
        assert Path(f"/proc/{grandchild}").exists()
    until(lambda: not running(grandchild))


def running(process: int) -> bool:
    """It is there, and no zombie that somebody has yet to reap."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_the_child_dies_with_its_parent() -> None:
    """A worker that is killed leaves no decoder behind."""
    code = """
import os
from intake.limits import Limits
from intake.sandbox import Sandbox

def serve(_):
    while True:
        pass

def opening():
    return serve

child = Sandbox(opening, Limits())
os.write(1, f"{child._pid}\\n".encode())
child.ask(1)
"""
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert running(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    until(lambda: not running(child))


def test_broken_files_leave_nothing_open(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    path = tmp_path / "scan"
    before = len(list(Path("/proc/self/fd").iterdir()))
    for source in (WHOLE_JPEG, WHOLE_PNG, WHOLE_TIFF):
        for _ in range(8):
            data = bytearray(source)
            for at in rng.integers(0, len(data), 20):
                data[at] = int(rng.integers(0, 256))
            path.write_bytes(data)
            with contextlib.suppress(ScanError):
                for page in open_scan(path, TIGHT):
                    assert page.pixels.dtype == np.uint8
            why_not_whole(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_threads_may_open_scans_side_by_side(tmp_path: Path) -> None:
    """The web pages and the watcher have threads; a fork must not inherit a lock that is held."""
    path = tmp_path / "scan.tif"
    path.write_bytes(WHOLE_TIFF)
    halt = threading.Event()

    def busy() -> None:
        while not halt.is_set():
            logging.getLogger("busy").debug("%s", len([bytes(9000) for _ in range(50)]))

    noise = [threading.Thread(target=busy) for _ in range(2)]
    for thread in noise:
        thread.start()
    try:
        with ThreadPoolExecutor(4) as pool:
            pages = pool.map(lambda _: open_page(path, 1, TIGHT).pixels.shape, range(24))
            assert set(pages) == {(1100, 850)}
    finally:
        halt.set()
        for thread in noise:
            thread.join()


def test_what_a_library_logs_stays_in_the_child(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "mended.pdf"
    path.write_bytes(pdf_of(3, PAGE.format("612 792", "")))
    log = logging.FileHandler(tmp_path / "log")
    logging.getLogger().addHandler(log)
    try:
        with caplog.at_level(logging.DEBUG):
            assert len(list(open_scan(path, TIGHT))) == 1
    finally:
        logging.getLogger().removeHandler(log)
        log.close()
    assert caplog.text == ""
    assert capfd.readouterr() == ("", "")
    assert (tmp_path / "log").read_bytes() == b""
