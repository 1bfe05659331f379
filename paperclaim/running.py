"""`paperclaim run`, and the processes that it runs: `watch`, `relay`, `work`, `web`.

On several machines, run each where it belongs, with the database, Redis and the store set to
shared ones; `run` is all of them on this one.
"""

from __future__ import annotations

import logging
import signal
import sys
import threading
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from config.settings import Settings


def _logging() -> None:
    """One line an event, to standard error; nothing that was read from a claim."""
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(name)s %(levelname)s %(message)s",
        stream=sys.stderr,
    )
    # what libraries say at this level may name files and hosts
    for name in ("rq", "watchfiles", "uvicorn", "alembic", "fsspec", "botocore"):
        logging.getLogger(name).setLevel(logging.WARNING)


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

    _logging()
    in_force = settings()
    first = not in_force.data.exists()
    supervisor = Supervisor(in_force)
    supervisor.start()
    try:
        _greet(in_force)
        if first:
            _samples(in_force)
        supervisor.keep()
    finally:
        typer.echo("ending ...")
        supervisor.end()
        typer.echo("all ended")


def _greet(settings: Settings) -> None:
    from review.app import first_admin

    password = first_admin(settings)
    typer.echo(f"inbox   {settings.inbox}   drop scans here")
    typer.echo(f"outbox  {settings.outbox}   claims as JSON")
    typer.echo(f"pages   http://{settings.web.host}:{settings.web.port}/")
    if password:
        typer.echo(f"sign in as admin with the one-time password {password}")


def _samples(settings: Settings) -> None:
    """The first scans of a new installation: something to look at within a minute."""
    import tempfile
    from pathlib import Path

    import samples
    from paperclaim.files import copy_new

    with tempfile.TemporaryDirectory(prefix="paperclaim-") as folder:
        drawn = samples.first(Path(folder))
        for path in drawn:
            copy_new(path, settings.inbox)
    typer.echo(f"{len(drawn)} samples drawn and dropped in the inbox")


def watch() -> None:
    """Watch the inbox and take what arrives."""
    from config.load import settings
    from service.context import connect, prepare
    from service.watcher import Watcher

    _logging()
    in_force = settings()
    prepare(in_force)
    Watcher(connect(in_force, migrate=True)).run(_until_told())


def relay() -> None:
    """Tell the queue what is to be done, and rebuild it when it was lost."""
    from config.load import settings
    from service import queue
    from service.context import connect
    from service.reconcile import keep_reconciling
    from service.relay import relay as relay_until

    _logging()
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

    _logging()
    worker.main()


def web() -> None:
    """Serve the pages and the API."""
    import uvicorn

    from config.load import settings
    from review.app import create

    _logging()
    in_force = settings()
    uvicorn.run(
        create(in_force),
        host=in_force.web.host,
        port=in_force.web.port,
        log_config=None,
        access_log=False,
        server_header=False,
    )
