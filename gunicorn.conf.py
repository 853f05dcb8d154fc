"""gunicorn's settings shared by web and ws; bind and number of workers come from the command line, ws's class too."""

from __future__ import annotations

import gc
import os
import shutil
from pathlib import Path
from typing import Any

from app.extensions.metrics_folder import VARIABLE, own_folder

# prometheus_client decides at import whether its values are shared between workers.
os.environ.setdefault(VARIABLE, str(own_folder()))

worker_class = "app.extensions.worker.JoiningWorker"
# Connections must be made after the fork, so nothing is preloaded (PITFALLS).
preload_app = False
graceful_timeout = 15
# Nginx takes as much (large_client_header_buffers), and says what is wrong with more in our words.
limit_request_line = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"


def on_starting(server: Any) -> None:
    Path(os.environ[VARIABLE]).mkdir(parents=True, exist_ok=True)


def on_exit(server: Any) -> None:
    shutil.rmtree(os.environ[VARIABLE], ignore_errors=True)


def post_worker_init(worker: Any) -> None:
    from app.factory import start_worker  # noqa: PLC0415 - only a worker may import the application

    start_worker(worker.app.callable)
    # What was loaded stays for good, and thousands of waiting requests are live: looking through all of them again and
    # again cost a fifth of a worker's CPU. Cycles are still collected, less often.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def worker_exit(server: Any, worker: Any) -> None:
    from app.factory import stop_worker  # noqa: PLC0415

    if getattr(worker, "wsgi", None) is not None:  # it may have failed before it had an application
        stop_worker(worker.wsgi)


def child_exit(server: Any, worker: Any) -> None:
    from prometheus_client import multiprocess  # noqa: PLC0415

    multiprocess.mark_process_dead(worker.pid)
