"""`servers --first` asks one start to begin the database's cluster, and none after it."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.lab.lab import INVENTORY
from ops.stack import Stack, StackError
from ops.stack.__main__ import main
from ops.stack.servers import galera


def first_start(root: Path) -> int:
    return main(["servers", "--first", "--root", str(root), "--inventory", str(INVENTORY), "--host", "h1"])


@pytest.mark.parametrize("fails", [False, True])
def test_the_wish_is_there_for_that_start_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool) -> None:
    """A start that failed before MariaDB was reached left it for whenever MariaDB would be started again."""
    seen: list[bool] = []
    wishes: list[Path] = []

    def up(stack: Stack) -> None:
        wishes.append(galera.wish(stack.config))
        seen.append(wishes[0].exists())
        if fails:
            raise StackError("RabbitMQ does not answer")

    monkeypatch.setattr(Stack, "up", up)
    assert first_start(tmp_path) == int(fails)
    assert seen == [True]
    assert not wishes[0].exists()


def test_a_member_that_runs_is_not_asked_to_begin_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`up` restarts it when its configuration has changed: beside its cluster it would begin a second one."""
    seen: list[bool] = []
    monkeypatch.setattr(Stack, "runs", lambda *_: True)
    monkeypatch.setattr(Stack, "up", lambda stack: seen.append(galera.wish(stack.config).exists()))
    assert first_start(tmp_path) == 0
    assert seen == [False]
