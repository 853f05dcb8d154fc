"""The catalogue of drills: every fault that was promised is there, under one name, in words of both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ops.drills import __main__ as drills
from ops.drills.__main__ import SHORT, main
from ops.drills.catalogue import DRILLS, Drill
from ops.drills.lab_catalogue import LAB_DRILLS

ALL: dict[str, Drill[Any]] = {**DRILLS, **LAB_DRILLS}


def test_every_server_can_be_killed_frozen_parted_and_its_disk_filled() -> None:
    for server in ("redis", "rabbitmq", "mariadb", "zookeeper"):
        assert {f"{server}-killed", f"{server}-paused", f"{server}-gone"} <= DRILLS.keys()
        assert {f"{server}-partitioned", f"{server}-full-disk"} <= LAB_DRILLS.keys()


def test_names_and_titles_are_nobody_elses() -> None:
    assert not DRILLS.keys() & LAB_DRILLS.keys()
    for words in (lambda one: one.title, lambda one: one.title_zh):
        assert len({words(one) for one in ALL.values()}) == len(ALL)
    assert set(SHORT) <= DRILLS.keys()


def test_only_a_slow_server_is_met_by_more_students() -> None:
    slow = {f"{server}-slow" for server in ("redis", "mariadb", "rabbitmq", "zookeeper")}
    assert {name for name, one in ALL.items() if one.times != 1.0} == slow


def test_an_unknown_name_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "no-such-drill"]) == 2
    assert "no drill 'no-such-drill'" in capsys.readouterr().err


def test_what_only_three_hosts_can_show_is_done_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(drills, "_all", lambda _, options: asked.append(options.lab))
    for name in ("host-cut", "redis-killed"):
        assert main(["run", name, "--reports", str(tmp_path)]) == 0
    assert asked == [True, False]


def test_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list"]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    assert listed == [*ALL, "chaos"]
