"""The bounded worlds that are searched: two or three users, one or two seats, up to three faults."""

from __future__ import annotations

from tests.model.state import CANCEL, SWAP, Scenario, Spec

WORKER = frozenset({"web_crash", "unknown_publish", "cut", "admit_twice", "early_sweep"})
BROKER = frozenset({"duplicate", "consumer_crash", "late_effect"})
REDIS = frozenset({"stale", "empty"})
EVERY = WORKER | BROKER | REDIS


def book(user: int, retries: int = 0, after: int = -1, *, may_wait: bool = True, offering: int = 0) -> Spec:
    """One booking with one key, sent at most `retries` more times."""
    return Spec(user, retries=retries, after=after, may_wait=may_wait, offering=offering)


def cancel(target: int, user: int = 0, retries: int = 0) -> Spec:
    """The cancellation of the scenario's claim number `target`."""
    return Spec(user, CANCEL, target, retries=retries)


def swap(target: int, offering: int, user: int = 0, retries: int = 0) -> Spec:
    """A seat in `offering` for the scenario's claim number `target`, both or neither."""
    return Spec(user, SWAP, target, offering=offering, retries=retries)


ONE = Scenario("one user, one seat, marks", (book(0, 1),), 1, 0, EVERY | {"late_mark"}, 3, marks=True)
MARKS = Scenario(
    "a booking, its cancellation, marks", (book(0), cancel(0)), 1, 0,
    frozenset({"late_mark", "web_crash", "early_sweep", "unknown_publish", "empty", "consumer_crash"}), 3, marks=True,
)  # fmt: skip
RACE = Scenario("two users, one seat", (book(0, 1), book(1)), 1, 0, EVERY, 3)
LINE = Scenario("two users, one seat, a line", (book(0, 1), book(1)), 1, 1, EVERY, 2, promotes=3)
CANCELLED = Scenario("a booking and its cancellation", (book(0, 1), cancel(0, 0, 1)), 1, 0, EVERY, 3)
PROMOTED = Scenario("a waiter, a cancellation", (book(0), book(1), cancel(0)), 1, 1, EVERY, 2, promotes=3)
ANSWERS = Scenario("status at any time", (book(0), cancel(0)), 1, 0, EVERY, 2, asks=True)
ANSWERS_LINE = Scenario("status of a waiter", (book(0), book(1), cancel(0)), 1, 1, REDIS, 1, promotes=3, asks=True)
KEYS = Scenario("two keys and a cancellation", (book(0, 1), book(0), cancel(0)), 1, 0, EVERY, 2)
KEYS_2 = Scenario("two keys, two seats", (book(0, 1), book(0)), 2, 0, EVERY, 3)
THREE = Scenario("three users, two seats", (book(0, 1), book(1, 0, 0), book(2, 0, 1)), 2, 0, EVERY, 2)
THREE_LINE = Scenario(
    "three users, one seat, a line", (book(0), book(1, 0, 0), book(2, 0, 1), cancel(0)), 1, 1, EVERY, 1, promotes=3
)
CLICKS = Scenario(
    "a refused claim's second request", (book(0, 1), book(1), cancel(1, 1)), 1, 0,
    frozenset({"double_click", "web_crash", "duplicate"}), 3,
)  # fmt: skip
STAMPED = Scenario(
    "the same over a loss of Redis, requests stamped", (book(0, 1), book(1), cancel(1, 1)), 1, 0,
    frozenset({"double_click", "stale", "empty"}), 2, stamped=True,
)  # fmt: skip
LOST_HOST = Scenario(
    "a host's spool written off", (book(0, 1), book(1)), 1, 0, frozenset({"unknown_publish", "empty", "write_off"}), 3
)

# A person's account over two offerings: seats in both clash.
ACCOUNT = Scenario(
    "two seats that clash", (book(0, 1), book(0, offering=1)), 1, 0, EVERY, 2, more=((1, 0),), exclusive=True
)
ACCOUNT_LINE = Scenario(
    "a waiter fills the hour meanwhile", (book(1), book(0), book(0, offering=1), cancel(0, 1)), 1, 1,
    frozenset({"consumer_crash", "empty", "late_effect"}), 1, promotes=3, more=((1, 0),), exclusive=True,
)  # fmt: skip
SWAP_RACE = Scenario(
    "a swap for a seat that another wants", (book(0), swap(0, 1), book(1, offering=1)), 1, 0, EVERY, 2,
    more=((1, 0),), exclusive=True,
)  # fmt: skip
SWAP_ENDED = Scenario(
    "a swap, and then less", (book(0), swap(0, 1), cancel(1), cancel(0)), 1, 0,
    frozenset({"duplicate", "consumer_crash", "late_effect", "web_crash", "empty"}), 1, more=((1, 0),), exclusive=True,
)  # fmt: skip
SWAP_CROSS = Scenario(
    "two who swap crosswise, one seat free",
    (book(0), book(1, offering=1), swap(0, 1), swap(1, 0, user=1)), 1, 0,
    frozenset({"consumer_crash", "empty", "late_effect"}), 1, more=((2, 0),), exclusive=True,
)  # fmt: skip

SCENARIOS = (
    ONE, MARKS, RACE, LINE, CANCELLED, PROMOTED, ANSWERS, ANSWERS_LINE, KEYS, KEYS_2, THREE, THREE_LINE, CLICKS,
    STAMPED, LOST_HOST, ACCOUNT, ACCOUNT_LINE, SWAP_RACE, SWAP_ENDED, SWAP_CROSS,
)  # fmt: skip
