"""Worker numbers without ZooKeeper: an id must not be made twice, on whichever host."""

from __future__ import annotations

from pathlib import Path

from app.extensions.ids import PER_HOST, STATIC, Snowflakes, StaticSlot
from app.settings import MOST_HOSTS


def test_two_hosts_never_share_a_number(tmp_path: Path) -> None:
    made = [Snowflakes(tmp_path / str(host), host) for host in range(1, MOST_HOSTS + 1) for _ in range(3)]
    assert len({one.worker_number for one in made}) == len(made)
    assert {one.worker_number for one in made} <= set(STATIC)


def test_without_their_numbers_they_do(tmp_path: Path) -> None:
    one, other = Snowflakes(tmp_path / "one"), Snowflakes(tmp_path / "other")
    assert one.worker_number == other.worker_number


def test_a_host_that_is_alone_has_the_whole_range(tmp_path: Path) -> None:
    held = [StaticSlot(tmp_path) for _ in range(PER_HOST + 1)]
    assert len({one.number for one in held}) == PER_HOST + 1
