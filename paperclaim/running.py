"""`paperclaim run`, and the processes that it runs: `watch`, `relay`, `work`, `web`.

On several machines, run each where it belongs, with the database, Redis and the store set to
shared ones; `run` is all of them on this one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import typer

from paperclaim import logs
from paperclaim.errors import PortError, RunningError, StartError

if TYPE_CHECKING:
    from config.settings import Settings

#: seconds that the processes of a run before get to be gone
_PATIENCE: Final = 5.0
#: seconds between two looks whether another watcher has ended
_LOOK: Final = 0.25
log = logging.getLogger("paperclaim.run")


def _until_told() -> threading.Event:
    """Set when this process is asked to end."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def run() -> None:
    """Run everything on this machine: Redis, database, watcher, workers, pages. Ctrl-C ends it."""
    from config.load import settings
    from service.supervisor import Supervisor

    logs.set_up()
    in_force = settings()
    first = _first(in_force)
    with _alone(in_force):
        supervisor = Supervisor(in_force)
        supervisor.start()
        try:
            _greet(in_force)
            if first:
                # a process of its own: drawing takes some seconds, in which Ctrl-C must work
                supervisor.once("samples")
            supervisor.keep()
        finally:
            typer.echo("ending ...")
            supervisor.end()
            typer.echo("all ended")


def _first(settings: Settings) -> bool:
    """Whether made-up claims are welcome: nothing was ever here, and nothing is somebody's own.

    An inbox or a database that was set is, and may only be away.
    """
    if "inbox" in settings.folders.model_fields_set or settings.database.url.get_secret_value():
        return False
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    return not (database.exists() or settings.inbox.exists())


@contextlib.contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Keep a second `run` off this data folder, and off a port that somebody has.

    Two Redis servers on one folder would ruin each other's file.
    """
    with _lock(settings, "run.lock") as lock:
        if not _locked(lock):
            raise RunningError("Paperclaim runs on this data folder already.")
        _listen(settings).close()
        yield


def _lock(settings: Settings, name: str) -> TextIO:
    """A file of the data folder that one process at a time may lock.

    Raises:
        StartError: it can't be written.
    """
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
        return settings.under_data(Path(name)).open("a")
    except OSError as error:
        raise StartError(f"The data folder can't be written: {error.strerror}.") from None


def _locked(lock: TextIO) -> bool:
    """Lock a file as long as this process lives, however it ends; whether nobody else has.

    Raises:
        StartError: its file system has no locks.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise StartError(f"No file can be locked in the data folder: {error.strerror}.") from None
    return True


def _listen(settings: Settings) -> socket.socket:
    """A socket where the pages are: those of a run that was killed may still be leaving it.

    Raises:
        PortError: it stays taken, or the address is not this machine's.
    """
    host, port = settings.web.host, settings.web.port
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            found = socket.getaddrinfo(
                host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
            # of a name that has both, such as localhost, the address that browsers try anyway
            family, *_, address = min(found, key=lambda one: one[0] != socket.AF_INET)
            return socket.create_server(address, family=family)
        except (OSError, UnicodeError) as error:
            number = getattr(error, "errno", None)
            if number == errno.EADDRINUSE and time.monotonic() < deadline:
                time.sleep(0.1)
                continue
            raise PortError(f"Nobody can listen on {host} port {port}: {_why(error)}.") from None


def _why(error: OSError | UnicodeError) -> str:
    """What is wrong with an address; a number of the resolver's is none of the system's."""
    if isinstance(error, UnicodeError):
        return "it is no name"
    resolver = isinstance(error, socket.gaierror)
    return str(error.strerror) if resolver else os.strerror(error.errno or 0)


def _greet(settings: Settings) -> None:
    typer.echo(f"inbox   {settings.inbox}   drop scans here")
    typer.echo(f"outbox  {settings.outbox}   claims as JSON")


def watch() -> None:
    """Watch the inbox and take what arrives; wait as long as another process does."""
    from config.load import settings
    from service.context import connect, prepare
    from service.watcher import Watcher

    logs.set_up()
    in_force = settings()
    prepare(in_force)
    stop = _until_told()
    with _lock(in_force, "watch.lock") as lock:
        # two would clear away as left over what the other has half taken: when `run` was killed,
        # its watcher still finishes what it is at while the next one starts
        if not _locked(lock):
            log.warning("another process watches the inbox: waiting until it ends")
            while not stop.is_set() and not _locked(lock):
                stop.wait(_LOOK)
        if not stop.is_set():
            Watcher(connect(in_force, migrate=True)).run(stop)


def relay() -> None:
    """Tell the queue what is to be done, and rebuild it when it was lost."""
    from config.load import settings
    from service import queue
    from service.context import connect
    from service.reconcile import keep_reconciling
    from service.relay import relay as relay_until

    logs.set_up()
    in_force = settings()
    context = connect(in_force, migrate=True)
    stop = _until_told()
    redis = queue.connect(in_force.redis_url)
    reconciler = threading.Thread(
        target=keep_reconciling, args=(context, queue.connect(in_force.redis_url), stop)
    )
    reconciler.start()
    relay_until(context, redis, stop)
    reconciler.join()


def work() -> None:
    """Read pages: one worker process, one core."""
    import worker

    logs.set_up()
    worker.main()


def web() -> None:
    """Serve the pages and the API.

    As long as nobody has chosen a password, each start makes and prints a one-time password for
    admin.
    """
    import uvicorn

    from config.load import settings
    from review.app import create, first_admin
    from service.scratch import Scratch

    logs.set_up()
    in_force = settings()
    # letters are drawn through files
    scratch = Scratch.use(in_force.under_data(Path("tmp")))
    with _listen(in_force) as listening:
        app = create(in_force)
        password = first_admin(in_force)
        typer.echo(f"pages   http://{in_force.web.name}:{listening.getsockname()[1]}/")
        if password:
            typer.echo(f"sign in as admin with the one-time password {password}")
        config = uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
        server = uvicorn.Server(config)
        with contextlib.suppress(KeyboardInterrupt):
            server.run(sockets=[listening])
    scratch.clear()
    if not server.started:
        raise StartError("The pages do not start.")
