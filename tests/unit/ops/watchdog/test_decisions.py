"""When a watchdog acts, and when it must not."""

from __future__ import annotations

import fcntl
from dataclasses import replace
from pathlib import Path

import pytest

from ops.stack.watchdog import broker, broker_disk, queues, zookeeper
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


FRESH = queues.Seen(runs_s=20.0, asked_ago_s=1000.0, oldest_claim_s=0.0)
ASKED = queues.Seen(runs_s=5000.0, asked_ago_s=61.0, oldest_claim_s=0.0)


@pytest.mark.parametrize(
    ("seen", "worth"),
    [
        (FRESH, True),  # once after each start
        (replace(FRESH, runs_s=14.0), False),  # its members start too
        (replace(FRESH, runs_s=0.0), False),
        (replace(FRESH, asked_ago_s=4.0), False),
        (ASKED, False),
        (replace(ASKED, oldest_claim_s=9.0), True),  # it may wait for such a member
        (replace(ASKED, oldest_claim_s=9.0, asked_ago_s=59.0), False),
        (replace(ASKED, asked_ago_s=601.0), True),
    ],
)
def test_a_broker_is_asked_for_its_members_seldom(seen: queues.Seen, worth: bool) -> None:
    assert queues.worth_asking(seen) is worth


ANEW = ("delete_member", "add_member")


@pytest.mark.parametrize(
    ("members", "online", "steps"),
    [
        ("abc", "bc", ANEW),
        ("abc", "abc", None),
        ("abc", "b", None),  # without a majority it can neither be taken out nor added
        ("abc", "ac", None),  # another node's is that node's business
        ("abcde", "bce", ANEW),
        ("bc", "bc", ("add_member",)),  # it was taken out, and then the power went
        ("bc", "b", None),
        ("bcd", "bcd", None),  # of five hosts three have one
    ],
)
def test_a_member_is_made_anew_while_the_majority_goes_on(
    members: str, online: str, steps: tuple[str, ...] | None
) -> None:
    rows = [{"name": "one", "members": list(members), "online": list(online)}]
    assert queues.steps_for(rows, "a", 5) == ({"one": steps} if steps else {})


def test_who_waits_longest_is_read_from_the_status_of_the_host(tmp_path: Path) -> None:
    status, now = tmp_path / "status.json", 1_000_000.0
    assert queues.oldest_claim_s(status, now) == 0.0
    for oldest, at, seconds in (("9500", now, 9.5), ("null", now, 0.0), ("9500", now - 11_000, 0.0), ("", now, 0.0)):
        status.write_text(f'{{"oldest_pending_ms": {oldest}, "at_ms": {at}}}')
        assert queues.oldest_claim_s(status, now) == seconds


NO_ROOM = broker_disk.Seen(free=0, runs=True, stopped_here=False, others=2, hosts=3)
STOPPED = replace(NO_ROOM, runs=False, stopped_here=True)
HAD_NO_ROOM = replace(NO_ROOM, free=broker_disk.ROOM, was_full=True)


@pytest.mark.parametrize(
    ("seen", "judged"),
    [
        (NO_ROOM, broker_disk.Verdict.STOP),
        (replace(NO_ROOM, others=1), broker_disk.Verdict.WELL),  # its disk is full, and it is needed
        (replace(NO_ROOM, others=0, hosts=1), broker_disk.Verdict.WELL),
        (replace(NO_ROOM, others=1, hosts=2), broker_disk.Verdict.WELL),
        (replace(NO_ROOM, free=broker_disk.FULL), broker_disk.Verdict.WELL),
        (STOPPED, broker_disk.Verdict.WELL),
        (replace(STOPPED, free=broker_disk.ROOM), broker_disk.Verdict.START),
        (replace(STOPPED, free=broker_disk.ROOM, stopped_here=False), broker_disk.Verdict.WELL),  # somebody else's word
        (replace(STOPPED, free=broker_disk.ROOM, runs=True), broker_disk.Verdict.FORGET),
        (replace(STOPPED, free=broker_disk.FULL, runs=True), broker_disk.Verdict.WELL),
        (HAD_NO_ROOM, broker_disk.Verdict.RESTART),
        (replace(HAD_NO_ROOM, was_full=False), broker_disk.Verdict.WELL),
        (
            replace(HAD_NO_ROOM, free=broker_disk.FULL),
            broker_disk.Verdict.WELL,
        ),  # its alarm is on: it may get worse yet
        (replace(HAD_NO_ROOM, others=1), broker_disk.Verdict.WELL),  # another one starts just now: its turn comes
        (replace(HAD_NO_ROOM, others=0, hosts=1), broker_disk.Verdict.WELL),
        (replace(HAD_NO_ROOM, runs=False), broker_disk.Verdict.WELL),  # somebody has stopped it
    ],
)
def test_a_broker_without_room_is_stopped_where_the_others_do_without_it(
    seen: broker_disk.Seen, judged: broker_disk.Verdict
) -> None:
    assert broker_disk.verdict(seen) is judged


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
