"""Guards of the Redis functions: the line that is the guard, and what stands there when a test turns it off."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from app.admission import store
from app.admission.engine import Engine


def _fence_of(function: str, flags: str = "{}") -> tuple[str, str]:
    head = f"function_name = '{function}', flags = {flags}, callback = function(_, args)\n"
    return f"{head}  local fault = epoch_fault(args[1])\n  if fault then return fault end\n", head


GUARDS = {
    # an older step is ignored
    "version": ("if f[2] and tonumber(f[2]) >= i.version then return nil end", ""),
    # a claim Redis never heard of takes its seat
    "adopt": ("    take(okey, i.pool, i.hold)\n", "    if f[1] then take(okey, i.pool, i.hold) end\n"),
    # only what a claim really held is given back
    "compare_hold": (
        "local held, pool = f[3] or 'none', f[4] or i.pool",
        "local held, pool = i.hold == 'none' and 'seat' or f[3] or 'none', f[4] or i.pool",
    ),
    # a free seat is kept for whoever waits
    "withhold": ("  withhold(now_ms(), touched, promotions)\n", ""),
    # a server that took over, or was started again, is not believed before it has been rebuilt
    "run": ("if run ~= redis.call('GET', 'sr:run') then", "if false then"),
    # nobody is told what a Redis of another epoch or run holds
    "status_fence": _fence_of("sr_standings"),
    "seats_fence": _fence_of("sr_counters", "{ 'no-writes' }"),
    "mine_fence": _fence_of("sr_mine"),
    # who takes no writes does not hear of decisions, and tells nothing
    "status_writes": ("'sr_standings', flags = {}", "'sr_standings', flags = { 'no-writes' }"),
    # half of what a person holds is not told as all of it
    "partial": ("replies[#replies + 1] = partial and '' or own_text(", "replies[#replies + 1] = own_text("),
    # one live claim per course
    "group": ("elseif held[GROUP] == o.group then", "elseif false then"),
    # nobody sits in two rooms at once
    "clash": ("  if other then return { 'clash', other } end\n", ""),
    # the credit limit
    "over_limit": ("if used + o.weight > tonumber(account.limit) and not", "if false and not"),
    # prerequisites
    "needs": ("if not string.find(account.passed, '|' .. group .. '|', 1, true) then", "if false then"),
    # whose account was never handed over is judged by none
    "unknown_account": (
        "if account and not account.limit then return { 'unknown_account' } end",
        "if account and not account.limit then account = false end",
    ),
    # what a batch gives somebody counts for the rest of the batch
    "account_take": (
        "  taken[#taken + 1] = { c.offering, hold, o.weight, o.group, o.slots }\n"
        "  add_up(account, hold, o.weight, o.group, o.slots)\n",
        "",
    ),
    # what the holds add up to follows them
    "write_sum": ("  write_sum(key)\n", ""),
    # a claim that a swap gives up is spoken for
    "swap_marks": ("  if c.dropped then redis.call('HSET', 'sr:c:' .. target, 'c', c.id) end\n", ""),
    # what a swap takes is nobody's to give up before it is decided
    "swap_undecided": ("if f[2] == 'pending' and f[3] ~= 'book' then return nil, claimed_by(target) end", ""),
    # a rejected swap lets go of what it wanted to give up
    "leave_alone": ("  if i.state == 'rejected' and i.target ~= '' then leave_alone(i.target, i.id) end\n", ""),
    # a cancellation that is done lets go of what a server that had forgotten it took for its target
    "taken_wrongly": ("  if f[5] and f[5] ~= '' and f[5] ~= i.target then leave_alone(f[5], i.id) end\n", ""),
    # a swap has a deadline: that of dropping
    "swap_deadline": ("  if ctx.now >= o.cancel_until then return nil, { 'too_late' } end\n", ""),
    # a cart is known by its key
    "cart": ("if cart and cart.known and cart.known ~= c.fingerprint then return { 'reused' } end", ""),
    # the account follows the claim that holds the offering
    "follow_holder": ("  if holder == i.id then keep_account(", "  if true then keep_account("),
    # what is promised to claims on their way is not taken out for a smaller size
    "withdraw_free": (
        "  if seats > math.max(0, tonumber(f[1])) or places > math.max(0, tonumber(f[2])) then return 0 end\n",
        "",
    ),
    # no lecture is loaded while claims of before a rebuild are on their way
    "drain": ("redis.call('EXISTS', okey, 'sr:draining') == 0", "redis.call('EXISTS', okey) == 0"),
}


def library_without(guard: str) -> str:
    """The function library with one guard off."""
    line, instead = GUARDS[guard]
    whole = store.library()
    assert whole.count(line) == 1, f"the guard {guard} has changed: {line}"
    return whole.replace(line, instead)


def spoiling(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """For a fixture: `spoil(guard)` installs the functions without it; the whole ones are put back."""

    def without(guard: str) -> None:
        spoiled = library_without(guard)
        with monkeypatch.context() as patched:
            patched.setattr(store, "library", lambda: spoiled)
            engine.store.install()

    yield without
    engine.store.install()
