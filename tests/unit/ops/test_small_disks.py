"""Where there is no small disk nothing is filled, and nothing moves: the scripts of `ops/lab/disks.py` on a plain folder."""

from __future__ import annotations

import subprocess
from pathlib import Path

from ops.lab.disks import FILL, MOVE_OUT


def run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = ["sh", "-c", script, "sh", str(folder), str(folder.parent / "small")]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_machine_s_own_disk_is_never_filled(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    done = run(FILL, tmp_path / "data")
    assert (done.returncode, list((tmp_path / "data").iterdir())) == (1, [])
    assert "no small disk under" in done.stderr


def test_what_was_not_moved_in_stays(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "ibdata1").write_bytes(b"rows")
    assert run(MOVE_OUT, tmp_path / "data").returncode == 0
    assert (tmp_path / "data" / "ibdata1").read_bytes() == b"rows"
