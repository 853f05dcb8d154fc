"""The package check runs where nothing is installed yet: a bare python, without site-packages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ops.stack import packages
from ops.stack.config import REPOSITORY

BARE = [str(Path(sys.base_prefix) / "bin" / "python3"), "-S", "-E", "-m", "ops.stack.packages"]


def test_it_needs_the_standard_library_only() -> None:
    done = subprocess.run([*BARE, "--check"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_nothing_is_installed_when_nothing_is_missing() -> None:
    assert packages.ensure() == []
    assert packages.missing() == []
