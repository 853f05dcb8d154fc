"""A member that was killed does not come back before the others have agreed that it is gone."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ops.stack.ports import LOOPBACK
from ops.stack.rendering import TEMPLATES, render


@pytest.fixture
def port() -> Iterator[int]:
    """Of a member that is up."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening.getsockname()[1]


def start(folder: Path, seqno: int, port: int) -> list[str]:
    """What the script does: how long it sleeps, and with what the server is started for good."""
    told, server = folder / "told", folder / "server"
    for path, line in (
        (server, f'if [ "$2" != --wsrep-recover ]; then echo "$@" >> {told}; fi'),
        (folder / "sleep", f'echo "sleep $1" >> {told}'),
    ):
        path.write_text(f"#!/bin/sh\n{line}\n")
        path.chmod(0o755)
    (folder / "grastate.dat").write_text(f"version: 2.1\nseqno:   {seqno}\n")
    script = folder / "start.sh"
    script.write_text(
        render(
            TEMPLATES / "galera-start.sh.tmpl",
            server=server,
            options=folder / "my.cnf",
            data=folder,
            recovery=folder / "recovery.log",
            wish=folder / "wish",
            others=f"127.0.0.2 {LOOPBACK} {LOOPBACK}",  # one is away, two are up
            port=port,
            settled=7,
        )
    )
    (folder / "recovery.log").touch()
    path = f"{folder}:{os.environ['PATH']}"
    subprocess.run(["/bin/sh", str(script)], check=True, timeout=30, env={**os.environ, "PATH": path})
    return told.read_text().splitlines()


@pytest.mark.parametrize(("seqno", "waits"), [(-1, True), (17, False)])
def test_only_who_was_killed_waits(tmp_path: Path, port: int, seqno: int, waits: bool) -> None:
    waited = ["sleep 7"] if waits else []
    assert start(tmp_path, seqno, port) == [*waited, f"--defaults-file={tmp_path}/my.cnf"]


def test_where_nobody_is_up_nobody_is_waited_for(tmp_path: Path) -> None:
    assert start(tmp_path, -1, 1) == [f"--defaults-file={tmp_path}/my.cnf"]


def test_who_begins_the_cluster_waits_for_nobody(tmp_path: Path, port: int) -> None:
    (tmp_path / "wish").touch()
    assert start(tmp_path, -1, port) == [f"--defaults-file={tmp_path}/my.cnf --wsrep-new-cluster"]
