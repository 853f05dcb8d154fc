"""Take one guard away and the search must find what it was there for; the shortest trace is printed (`pytest -s`)."""

from __future__ import annotations

import re
from dataclasses import fields, replace

import pytest

from tests.model.guards import Guards
from tests.model.scenarios import (
    ACCOUNT,
    ACCOUNT_LINE,
    ANSWERS,
    CANCELLED,
    CLICKS,
    KEYS,
    KEYS_2,
    LINE,
    LOST_HOST,
    MARKS,
    ONE,
    PROMOTED,
    RACE,
    SWAP_ENDED,
    SWAP_RACE,
)
from tests.model.search import search
from tests.model.state import Scenario

TOLD_WRONG = "was told a failure and is confirmed"
LOST = "was answered 202 and is never decided"
DRIFT = "Redis has . seats left, . held"

# guard → the scenario in which it is missed, and what the search then reports
MISSED: dict[str, tuple[Scenario, str]] = {
    "dedupe": (RACE, "decided twice"),
    "unique": (KEYS_2, "two active bookings"),
    "capacity_guard": (RACE, "oversold"),
    "tombstone": (CANCELLED, "Redis would tell cancelled for claim 0, MariaDB holds None"),
    "outbox_in_transaction": (KEYS, DRIFT),
    "ack_after_commit": (RACE, LOST),
    "version_check": (KEYS, DRIFT),
    "compare_hold": (KEYS, DRIFT),
    "adopt": (RACE, DRIFT),
    "withhold": (PROMOTED, "somebody waits while a seat is free"),
    "skip_clears_mark": (MARKS, "a mark is stuck"),
    "late_mark_callback": (MARKS, "a mark is stuck"),
    "account": (ACCOUNT, "two seats that clash"),
    "account_promotion": (ACCOUNT_LINE, "two seats that clash"),
    "swap_both": (SWAP_RACE, "what it gave up is"),
    "swap_or_neither": (SWAP_RACE, "is rejected, and what it was to give up is cancelled"),
    "swap_undecided": (SWAP_ENDED, "was ended before it was decided"),
    "replay_recognition": (RACE, TOLD_WRONG),
    "idempotent_admit": (RACE, TOLD_WRONG),
    "remember_refusal": (CLICKS, TOLD_WRONG),
    "replay_publishes": (RACE, LOST),
    "fresh_key_after_refusal": (RACE, TOLD_WRONG),
    "spool": (RACE, LOST),
    "unknown_is_not_failure": (RACE, TOLD_WRONG),
    "sweep": (LINE, "stays pending in Redis"),
    "whole_gate": (RACE, TOLD_WRONG),
    "record_while_rebuilding": (RACE, TOLD_WRONG),
    "drain": (RACE, TOLD_WRONG),
    "void_written_off": (LOST_HOST, TOLD_WRONG),
    "hush_while_loading": (ANSWERS, "was told version 1, now pending v0"),
    "epoch_fence": (ONE, "is confirmed, Redis holds None"),
    "no_lone_direct": (RACE, TOLD_WRONG),
}
NOT_NEEDED_FOR_SAFETY = {
    "account_gate",
    "hand_on",
    "replay_outbox",
}  # test_protocol.py; the second only without whole_gate


@pytest.mark.parametrize("guard", MISSED)
def test_guard_is_missed(guard: str) -> None:
    """Without it, a promise breaks."""
    scenario, expected = MISSED[guard]
    result = search(replace(scenario, guards=Guards().without(guard), name=f"without {guard}: {scenario.name}"))
    print(result)
    assert result.violation is not None, f"the search does not miss {guard}"
    assert re.search(expected, result.violation), str(result)


def test_every_guard_has_its_test() -> None:
    """A new guard needs a scenario that misses it."""
    assert {f.name for f in fields(Guards)} == set(MISSED) | NOT_NEEDED_FOR_SAFETY


@pytest.mark.parametrize(
    ("scenario", "expected"),
    [(RACE, TOLD_WRONG), (ANSWERS, "was told version")],
    ids=["told", "status"],
)
def test_replaying_the_outbox_is_not_enough_after_a_stale_failover(scenario: Scenario, expected: str) -> None:
    """The first design (DESIGN §3: trust a stale Redis, replay the recent outbox) tells lies in the window."""
    faults = scenario.faults - {"empty", "cut"}
    result = search(replace(scenario, faults=faults, guards=Guards().without("whole_gate"), name="stale, trusted"))
    print(result)
    assert result.violation is not None
    assert expected in result.violation
