"""Building the application opens no connection: gunicorn builds it in a process that may still fork."""

from __future__ import annotations

import subprocess
import sys

from ops.stack import Stack

# An audit hook sees every connect of the process, whatever library makes it.
PROBE = """
from gevent import monkey
monkey.patch_all()
import sys
seen = []
sys.addaudithook(lambda event, arguments: seen.append(arguments) if event == "socket.connect" else None)
import wsgi
assert wsgi.app.test_client().get("/healthz").status_code == 200
assert not seen, seen
wsgi.app.extensions["seatrush"].redis.ping()
assert seen, "the probe itself must be able to fail"
"""


def test_no_connection_until_asked(stack: Stack) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**stack.environment(), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(stack.config.repository)},
        cwd=stack.config.repository,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
