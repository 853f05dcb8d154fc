"""Where a program keeps its metrics, so that `GET /metrics` of any web worker tells those of the whole host.

A folder for each program, named by its process id and start (gunicorn's workers share their master's): after a reboot a number
is soon another's. Free of prometheus_client, which decides at import by the environment variable that is set here.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from app.extensions.processes import signature

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def sharing_metrics() -> AbstractContextManager[None]:
    """Have this process, no gunicorn, share its metrics; they are gone when the context is left."""
    folder = own_folder()
    folder.mkdir(parents=True)
    os.environ[VARIABLE] = str(folder)
    return _removing(folder)


def own_folder() -> Path:
    """This process's."""
    return Path(os.environ.get("SEATRUSH_RUN_DIR", "var/run")) / "metrics" / signature(os.getpid())


@contextmanager
def _removing(folder: Path) -> Iterator[None]:
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(name: str) -> bool:
    number, _, start = name.partition("-")
    return number.isdigit() and start != "" and name == signature(int(number))


def shared_files(folder: Path) -> list[str]:
    """Every file of metrics below `folder`; what programs have left that no longer run is removed."""
    for program in folder.iterdir() if folder.exists() else ():
        if not _runs(program.name):
            shutil.rmtree(program, ignore_errors=True)
    return [str(path) for path in sorted(folder.glob("*/*.db"))]
