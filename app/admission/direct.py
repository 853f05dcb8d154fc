"""The direct path: Redis cannot be asked, so the claim goes straight to the queue and MariaDB decides (DESIGN §4).

Fails closed: a local token bucket keeps the queue from drowning, and a window that is not open is refused here.
"""

from __future__ import annotations

from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import TAKING, Claim
from app.admission.errors import CancelClosedError, ClosedError, FrozenError, NotOpenError, ThrottledError
from app.admission.kinds import OfferingSheet, Opening
from app.admission.sheets import Sheets
from app.errors import NotFoundError, UnavailableError
from app.extensions.breakers import DependencyDownError
from app.extensions.clock import Clock, from_epoch_ms


class DirectPath:
    """`admit(claim)` returns the claim as the queue shall carry it, without sequence, hold "any"."""

    def __init__(self, sheets: Sheets, clock: Clock, *, rate: float = 500.0, burst: float = 500.0) -> None:
        self._sheets = sheets
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._tokens = burst
        self._at = monotonic()

    def admit(self, claim: Claim, *, at: int | None = None) -> Claim:
        """Raises the refusal when the window is shut or the local bucket is empty. `at`: when Redis recorded it."""
        sheet = self._sheet(claim.kind, claim.offering_id)
        now = self._clock.epoch_ms() if at is None else at
        _check_window(claim, sheet.opening_at(now), now)
        if claim.drops and now >= self._sheet(claim.kind, claim.drops).opening_at(now).cancel_until:
            raise CancelClosedError
        if not self._take():
            raise ThrottledError(scope="global", retry_after=1)
        hold = "any" if claim.action in TAKING else "none"
        return claim.admitted(pool=claim.pools[-1], hold=hold, at=now, sequence=0)  # type: ignore[arg-type]

    def _sheet(self, kind: str, offering_id: int) -> OfferingSheet:
        try:
            sheet = self._sheets.get(kind, offering_id)
        except (SQLAlchemyError, DependencyDownError) as error:  # of this claim only: others of its pass go on
            raise UnavailableError(retry_after=2) from error
        if sheet is None:
            raise NotFoundError
        return sheet

    def _take(self) -> bool:
        now = monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def _check_window(claim: Claim, opening: Opening, now: int) -> None:
    if claim.action == "cancel":
        if now >= opening.cancel_until:
            raise CancelClosedError
        return
    if opening.frozen:
        raise FrozenError
    opens_at = max(opening.opens_at, claim.not_before)
    if now < opens_at:
        raise NotOpenError(opens_at=from_epoch_ms(opens_at).isoformat())
    if now >= opening.closes_at:
        raise ClosedError
