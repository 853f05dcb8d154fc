"""Three hosts with all their servers, brought up once for all tests here; the programs come with those that need them."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from ops.lab.lab import Lab
from tests.functional.lab.clusters import Clusters


@pytest.fixture(scope="session")
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


@pytest.fixture(scope="session")
def campus(lab: Lab) -> Lab:
    """The same hosts with the tables, a demo campus, and the programs on each of them."""
    lab.up(students=20)
    return lab


@pytest.fixture
def clusters(lab: Lab) -> Clusters:
    """What the hosts say of their clusters; all of them are whole when a test begins."""
    clusters = Clusters(lab)
    clusters.wait_whole()
    return clusters
