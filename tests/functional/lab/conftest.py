"""Three hosts with all their servers, brought up once; the programs come with the tests that need them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ops.lab.clusters import Clusters
from ops.lab.lab import Lab

# Answers every request over a unix socket, as Flask does behind Nginx.
FLASK = """
import os, socket, sys
os.path.exists(sys.argv[1]) and os.unlink(sys.argv[1])
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen(64)
print(flush=True)
while True:
    one, _ = listener.accept()
    one.recv(65536)
    one.sendall(b"HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nConnection: close\\r\\n\\r\\nok")
    one.close()
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """Servers on three hosts. Not in pytest's folder, which only its owner may enter: MariaDB runs as an account of its own."""
    folder = Path(mkdtemp(prefix="seatrush-lab-", dir="/tmp"))
    folder.chmod(0o755)
    lab = Lab(folder)
    try:
        lab.up_servers()
        yield lab
    finally:
        lab.down()
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def campus(lab: Lab) -> Lab:
    """The same hosts with the tables, a demo campus, and the programs on each of them."""
    lab.up(students=600)
    return lab


@pytest.fixture
def clusters(lab: Lab) -> Clusters:
    """What the hosts say of their clusters; all of them are whole when a test begins."""
    clusters = Clusters(lab)
    clusters.wait_whole()
    return clusters


@pytest.fixture
def flask(lab: Lab) -> Iterator[None]:
    """Something behind each Nginx that answers."""
    running = []
    for name in lab.names:
        socket = lab.config(name).sockets / "web.sock"
        one = lab.host(name).begin("python3", "-S", "-c", FLASK, str(socket), stdout=subprocess.PIPE)
        assert one.stdout is not None
        assert one.stdout.readline() == "\n"
        running.append((socket, one))
    yield
    for socket, one in running:
        one.kill()
        one.wait()
        socket.unlink()
