"""When a watchdog acts, and when it must not."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from ops.stack.watchdog import broker, zookeeper
from ops.stack.watchdog.address import is_left_behind
from ops.stack.watchdog.base import Patience, undisturbed
from ops.stack.watchdog.zookeeper import FULL, ROOM, Verdict, verdict


def test_patience_counts_from_the_first_look_without_a_break() -> None:
    patience = Patience(10.0)
    assert [patience.over(True, at) for at in (0.0, 5.0, 10.0, 12.0)] == [False, False, True, True]
    assert not patience.over(False, 13.0)
    assert [patience.over(True, at) for at in (14.0, 23.9, 24.0)] == [False, False, True]
    patience.again()
    assert not patience.over(True, 25.0)


def test_nothing_is_done_while_somebody_brings_the_stack_up_or_down(tmp_path: Path) -> None:
    with (tmp_path / "lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with undisturbed(tmp_path) as free:
            assert not free
    with undisturbed(tmp_path) as free:
        assert free


@pytest.mark.parametrize(
    ("state", "frozen", "left"),
    [
        ("RUNNING", False, False),
        ("STARTING", False, False),
        ("STOPPING", False, False),  # it removes the address itself
        ("RUNNING", True, True),
        ("EXITED", False, True),
        ("STOPPED", False, True),
        ("BACKOFF", False, True),
        ("FATAL", False, True),
    ],
)
def test_an_address_is_left_behind_when_no_keepalived_answers_for_it(state: str, frozen: bool, left: bool) -> None:
    assert is_left_behind(state, frozen) is left


HUNG = broker.Seen(runs_s=1000.0, refuses=True, nodes=3, hosts=3)


@pytest.mark.parametrize(
    ("seen", "hangs"),
    [
        (HUNG, True),
        (replace(HUNG, nodes=2), True),
        (replace(HUNG, nodes=1), False),  # alone it has stopped on purpose
        (replace(HUNG, refuses=False), False),  # busy, or frozen, or well
        (replace(HUNG, runs_s=30.0), False),  # still starting
        (replace(HUNG, runs_s=0.0), False),  # stopped: supervisor's, or somebody's, business
        (replace(HUNG, hosts=5, nodes=2), False),
    ],
)
def test_a_broker_hangs_when_it_sees_a_majority_and_is_not_started(seen: broker.Seen, hangs: bool) -> None:
    assert broker.hangs(seen) is hangs


DEAD = zookeeper.Seen(dead=True, free=0, was_full=False)


@pytest.mark.parametrize(
    ("seen", "judged"),
    [
        (DEAD, Verdict.FULL),
        (replace(DEAD, dead=False), Verdict.WELL),  # a full disk alone is for the monitor
        (replace(DEAD, free=ROOM), Verdict.WELL),  # without a majority none serves, and a restart mends nothing
        (replace(DEAD, free=ROOM, was_full=True), Verdict.RESTART),
        (replace(DEAD, free=FULL, was_full=True), Verdict.WELL),  # hardly any room: it would die again
        (replace(DEAD, dead=False, free=ROOM, was_full=True), Verdict.WELL),
    ],
)
def test_zookeeper_is_restarted_only_after_a_full_disk_and_with_room(seen: zookeeper.Seen, judged: Verdict) -> None:
    assert verdict(seen) is judged
