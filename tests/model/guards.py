"""The switches of the model: every guard of the protocol, so that a test can take one away.

A check that cannot fail proves nothing. Each field is one rule of DESIGN §3 or of docs/plan.md ("Decisions"); with all
of them on, the search must find nothing, and with any one off it must find a violation (`test_guards.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Guards:
    """What each rule of the protocol does. `True` is the protocol as it is to be built."""

    # settle (MariaDB)
    dedupe: bool = True  # a claim with a decision row is skipped
    unique: bool = True  # one active booking per (user, offering)
    capacity_guard: bool = True  # UPDATE … WHERE taken + 1 <= capacity
    tombstone: bool = True  # cancelling an undecided claim writes its terminal row
    outbox_in_transaction: bool = True  # effects are rows of the same transaction, not the consumer's memory
    ack_after_commit: bool = True  # the message is acknowledged only after the commit
    # effects (Redis, ZooKeeper)
    version_check: bool = True  # an effect not newer than the record is ignored
    compare_hold: bool = True  # a seat goes back only from a claim that holds one
    adopt: bool = True  # a decided claim that held nothing in Redis takes what its state holds (below zero if need be)
    withhold: bool = True  # a free seat is withheld for whoever waits, and a promotion queued
    skip_clears_mark: bool = True  # a consumer that skips a decided claim still deletes its mark
    late_mark_callback: bool = True  # a mark created too late is deleted by its own completion
    # a person's account over several offerings, and swaps
    account: bool = True  # settle judges by what the person holds elsewhere, under the account's lock
    account_promotion: bool = True  # so does a promotion: whoever no longer fits is passed over
    swap_both: bool = True  # a swap ends the old claim in the transaction that takes the new seat
    swap_or_neither: bool = True  # a swap that is refused leaves the old claim alone
    swap_undecided: bool = True  # what an undecided swap takes cannot be given up
    # gate and client
    replay_recognition: bool = True  # a known claim id is answered before the "one live claim" rule
    idempotent_admit: bool = True  # admitting twice (client library retry) takes one seat
    remember_refusal: bool = True  # sold_out and already_claimed are remembered under the claim id
    replay_publishes: bool = True  # a replay of a pending claim publishes it again before it is answered 202
    fresh_key_after_refusal: bool = True  # the client drops the key once it was told a refusal
    # publish
    spool: bool = True  # an unknown publish is spooled
    unknown_is_not_failure: bool = True  # an unknown publish is never answered "failed" nor the seat given back
    sweep: bool = True  # pending claims past their age are looked up or published again
    # loss of Redis data
    whole_gate: bool = True  # after any loss Redis refuses nobody until it knows every undecided claim again
    record_while_rebuilding: bool = True  # claims taken during a rebuild are recorded in the new epoch
    drain: bool = True  # the snapshot waits until every claim of the older epoch is decided
    void_written_off: bool = True  # a written-off spool that turns up is decided "rejected", never for a seat
    hush_while_loading: bool = True  # between snapshot and reopening no settled state is told
    epoch_fence: bool = True  # effects wait while a rebuild is under way; the load can't overwrite them
    no_lone_direct: bool = True  # one worker cut off from an open Redis does not take the direct path

    def without(self, *names: str) -> Guards:
        """These guards with the named ones off."""
        return replace(self, **dict.fromkeys(names, False))

    # not needed for safety: the search finds nothing when they are off (test_guards.py says so too)
    account_gate: bool = True  # Redis asks the account too: its answer is early, settle's is the truth
    hand_on: bool = True  # the transaction that frees a seat promotes the first settled waiter: speed and order
    # only without whole_gate, the first design of the stale fail-over
    replay_outbox: bool = True  # a change of primary replays the recent outbox


ALL = Guards()
