"""Verdicts of the Redis functions as the errors a claimant sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.admission.errors import (
    AccountNotLoadedError,
    AlreadyClaimedError,
    CancelClosedError,
    ClosedError,
    CreditLimitError,
    DuplicateGroupError,
    FrozenError,
    KeyReusedError,
    NothingToCancelError,
    NotLoadedError,
    NotOpenError,
    OnHoldError,
    PrerequisiteError,
    SoldOutError,
    ThrottledError,
    TimetableClashError,
)
from app.admission.store import Verdict
from app.errors import SeatrushError
from app.extensions.clock import from_epoch_ms


def _claimed(fields: tuple[Any, ...]) -> SeatrushError:
    return AlreadyClaimedError(claim_id=fields[0].decode(), state=fields[1].decode())


def _not_open(fields: tuple[Any, ...]) -> SeatrushError:
    opens_at = from_epoch_ms(int(fields[0]))
    return NotOpenError(opens_at=opens_at.isoformat())


def _throttled(fields: tuple[Any, ...]) -> SeatrushError:
    return ThrottledError(scope=fields[0].decode(), retry_after=max(0.001, int(fields[1]) / 1000))


def _over_limit(fields: tuple[Any, ...]) -> SeatrushError:
    used, weight, limit = (f"{int(field) / 10:.1f}" for field in fields)
    return CreditLimitError(used=used, weight=weight, limit=limit)


def _in_the_way(fields: tuple[Any, ...]) -> dict[str, Any]:
    """A refusal that was remembered by the functions of an older release names no claim."""
    return {name: field.decode() for name, field in zip(("offering_id", "claim_id", "state"), fields, strict=False)}


def _again(fields: tuple[Any, ...]) -> SeatrushError:
    return _REFUSALS[fields[0].decode()](fields[1:])


_REFUSALS: dict[str, Callable[[tuple[Any, ...]], SeatrushError]] = {
    "claimed": _claimed,
    "not_open": _not_open,
    "throttled": _throttled,
    "refused": _again,
    "sold_out": lambda _: SoldOutError(),
    "closed": lambda _: ClosedError(),
    "frozen": lambda _: FrozenError(),
    "reused": lambda _: KeyReusedError(),
    "nothing": lambda _: NothingToCancelError(),
    "too_late": lambda _: CancelClosedError(),
    "unloaded": lambda _: NotLoadedError(retry_after=2),
    "unknown_account": lambda _: AccountNotLoadedError(retry_after=2),
    "barred": lambda fields: OnHoldError(hold=fields[0].decode()),
    "needs": lambda fields: PrerequisiteError(needs=fields[0].decode()),
    "group": lambda fields: DuplicateGroupError(**_in_the_way(fields)),
    "clash": lambda fields: TimetableClashError(**_in_the_way(fields)),
    "over_limit": _over_limit,
}


def refusal(verdict: Verdict) -> SeatrushError:
    """The error for a verdict that is not "new", "again", "replay", "recorded" or "lost"."""
    return _REFUSALS[verdict.name](verdict.fields)
