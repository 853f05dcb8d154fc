"""Three hosts with all their servers, brought up once; the programs come with the tests that need them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ops.lab.clusters import Clusters
from ops.lab.lab import CLIENT, Lab
from tests.functional.lab import visitors

# Answers every request, as Flask does behind Nginx.
FLASK = """
import os, socket, sys, threading
listener = socket.create_server((sys.argv[1], int(sys.argv[2])), backlog=64)
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
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
        where = (lab.config(name).address, str(lab.config(name).ports.web))
        one = lab.host(name).begin("python3", "-S", "-c", FLASK, *where, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        running.append(one)
        assert one.stdout is not None
        assert one.stdout.readline() == "\n"
    yield
    for one in running:
        one.communicate()  # its input ends, and so does it


@pytest.fixture
def asking(campus: Lab, tmp_path: Path) -> Callable[[], AbstractContextManager[Callable[[], set[int]]]]:
    """`with asking() as heard`: people on the client's machine post all the time; `heard()` is which statuses came."""

    @contextmanager
    def begin() -> Iterator[Callable[[], set[int]]]:
        command = [sys.executable, "-S", visitors.__file__, campus.inventory.vip]
        path = tmp_path / "statuses"
        with path.open("w") as file:
            running = campus.host(CLIENT).begin(*command, stdin=subprocess.PIPE, stdout=file)
        try:
            yield lambda: {int(line) for line in path.read_text().split("\n")[:-1]}
        finally:
            running.communicate()

    return begin
