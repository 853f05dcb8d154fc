"""`python -m ops.stack.watchdog SETTINGS`: a host's watchdogs, a thread for each, so that one which restarts a server does
not keep the others from looking."""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from threading import Event, Thread

from app.extensions.logs import configure_logs
from app.extensions.metrics_folder import sharing_metrics

# prometheus_client decides at import whether its values are shared between processes.
_metrics = sharing_metrics()

from ops.stack.watchdog.all import watchdogs  # noqa: E402


def main(settings: Path) -> None:
    """Watch until it is told to end."""
    end = Event()
    signal.signal(signal.SIGTERM, lambda *_: end.set())
    for one in watchdogs(settings):
        Thread(target=one.follow, args=(end,), name=one.name, daemon=True).start()
    end.wait()


if __name__ == "__main__":
    configure_logs()
    with _metrics:
        main(Path(sys.argv[1]))
