"""`paperclaim run`: everything up with one command, and everything down with Ctrl-C."""

from __future__ import annotations

import fcntl
import http.client
import json
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import jsonschema
import psutil
import pytest

from config.settings import Settings
from delivery.document import ClaimDocument
from delivery.schema import schema_of
from ledger import database as databases
from tests.paperclaim.conftest import PROGRAM, Run

#: seconds: many times what anything here takes alone on the machine
DEADLINE = 300
#: scans that a first start draws; each is one document or more
SAMPLES = 6


def until(true: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Wait for a condition while the process is up."""
    deadline = time.monotonic() + DEADLINE
    while not true():
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline, "it took too long"
        time.sleep(0.05)


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def street(environment: dict[str, str], tmp_path: Path, port: int) -> Iterator[Callable[[], Up]]:
    """Starts `paperclaim run`; what is up at the end is ended."""
    variables = {
        **environment,
        "PAPERCLAIM_WEB_PORT": str(port),
        "PAPERCLAIM_WORK_WORKERS": "1",
        "PAPERCLAIM_WATCH_QUIET_SECONDS": "0.2",
    }
    started: list[Up] = []

    def start(command: str = "run", **more: str) -> Up:
        log = (tmp_path / f"log{len(started)}").open("wb")
        with log:
            process = subprocess.Popen(
                [PROGRAM, command], env={**variables, **more}, stdout=log, stderr=subprocess.STDOUT
            )
        started.append(Up(process, Path(log.name), port))
        return started[-1]

    yield start
    for up in started:
        up.process.kill()
        up.process.wait()


class Up:
    """A `paperclaim run`."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, port: int) -> None:
        self.process, self.log, self.port = process, log, port

    def said(self, pattern: str) -> re.Match[str] | None:
        """Whether it has printed such a line."""
        return re.search(pattern, self.log.read_text(), re.MULTILINE)

    def answers(self) -> bool:
        """Whether the pages do."""
        page = http.client.HTTPConnection("127.0.0.1", self.port, timeout=DEADLINE)
        try:
            page.request("GET", "/sign-in")
            return page.getresponse().status == 200
        except ConnectionError:
            return False
        finally:
            page.close()

    def end(self) -> list[psutil.Process]:
        """Ctrl-C; the processes that outlived it."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(signal.SIGINT)
        self.process.wait(DEADLINE)
        return psutil.wait_procs(family, timeout=DEADLINE)[1]


def delivered(data: Path) -> list[Path]:
    return sorted((data / "outbox").glob("*.json"))


@pytest.mark.xdist_group("street")
def test_from_nothing_to_json_and_back_again(
    street: Callable[[], Up], run: Run, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    up = street()
    until(lambda: up.said(r"^pages +http://127\.0\.0\.1:\d+/$"), up.process)
    assert up.said(rf"^inbox +{data}/inbox\b")
    assert up.said(rf"^outbox +{data}/outbox\b")
    until(up.answers, up.process)
    assert up.said(r"one-time password \S+")

    # the samples of a first start become claims
    until(lambda: delivered(data), up.process)
    for path in delivered(data):
        jsonschema.validate(json.loads(path.read_bytes()), schema_of(ClaimDocument, "claim/1"))
    listed = run("status")
    assert listed.returncode == 0, listed.stderr
    assert re.search(r"^(ready|review|delivered) +[1-9]", listed.stdout, re.MULTILINE)
    shown = run("show", delivered(data)[0].name.partition(".")[0])
    assert shown.returncode == 0, shown.stderr
    assert "new to received by system" in shown.stdout
    assert "delivered  revision 1" in shown.stdout

    # one is enough
    second = run("run", PAPERCLAIM_WEB_PORT=str(up.port))
    assert second.returncode == 1
    assert second.stderr.startswith("run.running: ")

    assert up.end() == []
    assert up.process.returncode == 0
    assert up.said("all ended")
    before = {path: path.read_bytes() for path in delivered(data)}

    # a second start goes on where the first one ended, and draws no samples
    up = street()
    until(up.answers, up.process)
    until(lambda: len(delivered(data)) >= SAMPLES, up.process)
    until(lambda: re.search(r"^steps to do +0$", run("status").stdout, re.MULTILINE), up.process)
    assert not up.said("samples")
    assert up.end() == []
    after = {path: path.read_bytes() for path in delivered(data)}
    assert before.items() <= after.items()
    numbers = [path.name.partition(".")[0] for path in after]
    assert len(numbers) == len(set(numbers))


@pytest.mark.xdist_group("street")
@pytest.mark.parametrize("known", ["inbox", "database"])
def test_made_up_claims_come_only_where_nothing_ever_was(
    street: Callable[..., Up], tmp_path: Path, known: str
) -> None:
    """A new folder may be one that is away; a database tells that claims have been here."""
    if known == "database":
        databases.open(Settings(data=tmp_path / "data").database_url).engine.dispose()
        up = street()
    else:
        up = street(PAPERCLAIM_FOLDERS_INBOX="scans")
    until(up.answers, up.process)
    commands = [p.cmdline()[-1] for p in psutil.Process(up.process.pid).children()]
    assert "watch" in commands
    assert "samples" not in commands
    assert not up.said("samples")
    assert up.end() == []


def test_the_pages_alone_let_somebody_in(street: Callable[..., Up]) -> None:
    up = street("web")
    until(up.answers, up.process)
    said = up.said(r"^sign in as admin with the one-time password (\S+)$")
    assert said is not None
    with httpx.Client(base_url=f"http://127.0.0.1:{up.port}", timeout=DEADLINE) as visitor:
        token = re.search(r'name="csrf" value="([^"]+)"', visitor.get("/sign-in").text)
        assert token is not None
        form = {"csrf": token[1], "name": "admin", "password": said[1]}
        assert visitor.post("/sign-in", data=form).headers["location"] == "/"


def test_a_second_watcher_waits_and_leaves_what_the_first_has_half_taken(
    street: Callable[..., Up], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    note = data / "work" / "1.arrival.json"
    note.parent.mkdir(parents=True)
    note.write_text('{"name": "x", "tags": [], "arrived_ns": 0}')
    with (data / "watch.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended, waits = street("watch"), street("watch")
        for up in (ended, waits):
            until(partial(up.said, "another process watches the inbox"), up.process)
        ended.process.terminate()
        assert ended.process.wait(DEADLINE) == 0
        assert note.exists()
    until(lambda: not note.exists(), waits.process)


@pytest.mark.parametrize(("host", "name"), [("127.0.0.1", "127.0.0.1"), ("::1", "[::1]")])
def test_the_pages_say_where_they_are(street: Callable[..., Up], host: str, name: str) -> None:
    up = street("web", PAPERCLAIM_WEB_PORT="0", PAPERCLAIM_WEB_HOST=host)
    until(lambda: up.said(r"^pages +http://\S+/$"), up.process)
    said = up.said(rf"^pages +(http://{re.escape(name)}:[1-9]\d*)/$")
    assert said is not None
    assert httpx.get(f"{said[1]}/sign-in", timeout=DEADLINE).status_code == 200


def test_a_worker_without_redis_says_so_at_once(run: Run) -> None:
    done = run("work", PAPERCLAIM_REDIS_URL="redis://:hidden-word@127.0.0.1:1/0")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("redis.unreachable: ")
    assert "hidden-word" not in line


@pytest.mark.parametrize(
    ("command", "url"),
    [
        ("work", "queue:6379"),
        ("relay", "http://:hidden-word@queue"),
        ("run", "redis://queue:none/0"),
    ],
)
def test_a_redis_whose_url_is_none_is_said_at_once(run: Run, command: str, url: str) -> None:
    done = run(command, PAPERCLAIM_REDIS_URL=url, PAPERCLAIM_WEB_PORT="0")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("settings.value: redis.url is not the URL")
    assert "hidden-word" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_said_at_once(run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = run("run", PAPERCLAIM_WEB_PORT=str(taken.getsockname()[1]))
    assert done.returncode == 1
    assert done.stderr.startswith("run.port: ")


@pytest.mark.parametrize(
    ("host", "why"), [(":::", r"\w[\w ]+"), ("127.0.0..1", "it is no name"), ("192.0.2.1", r".+")]
)
def test_a_host_that_is_not_ours_is_said_with_the_reason(run: Run, host: str, why: str) -> None:
    for command in ("run", "web"):
        done = run(command, PAPERCLAIM_WEB_HOST=host, PAPERCLAIM_WEB_PORT="0")
        assert done.returncode == 1
        (line,) = done.stderr.splitlines()
        said = rf"run\.port: Nobody can listen on {re.escape(host)} port 0: {why}\. Set another"
        assert re.match(said, line)
        assert "Unknown error" not in line
