"""The judge's bench: what becomes of each claim of one settling transaction, by the rules and by what is free."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from app.admission import write_offs
from app.admission.claims import GENERAL, Claim, Standing
from app.admission.judging import Judges
from app.admission.ledger import Ledger, stepped
from app.admission.promoting import Promotions


class Bench:
    """The judge's bench: the rules applied to one batch, claim by claim in order of admission."""

    def __init__(self, ledger: Ledger, judges: Judges, promotions: Promotions, now_ms: int) -> None:
        self._ledger = ledger
        self._judges = judges
        self._promotions = promotions
        self._now = now_ms

    def decide_all(self, claims: Sequence[Claim]) -> None:
        self.decide_in_order(sorted(claims, key=lambda one: (one.admitted_at, one.sequence, one.id)))

    def without_void(self, claims: Sequence[Claim], void: Collection[str]) -> list[Claim]:
        """Reject what comes from a spool that was written off, whatever it asks for; returns the other claims."""
        for claim in claims:
            if claim.id in void:
                self.reject(claim, write_offs.REASON)
        return [claim for claim in claims if claim.id not in void]

    def reject(self, claim: Claim, reason: str) -> None:
        self._decide(claim, "rejected", reason=reason)

    def decide_in_order(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            if self._ledger.get(claim.id) is not None:  # a cancel of this batch has laid a tombstone
                continue
            if claim.action == "book":
                self._book(claim)
            elif claim.action == "swap":
                self._swap(claim)
            elif claim.action == "cancel":
                self._cancel(claim)
            else:
                self._promote_claim(claim)

    def _decide(self, claim: Claim, state: str, *, pool: str = "", reason: str = "", target: str = "") -> None:
        self._ledger.put(
            Standing(
                id=claim.id,
                kind=claim.kind,
                offering_id=claim.offering_id,
                user_id=claim.user_id,
                pool=pool or claim.pool,
                action=claim.action,
                state=state,
                version=1,
                reason=reason,
                admitted_at=claim.admitted_at,
                decided_at=self._now,
                sequence=claim.sequence,
                target=target or claim.target,
            )
        )

    def _book(self, claim: Claim) -> None:
        reason = self._judges.refusal(claim)
        if reason is None and self._ledger.holder(claim) is not None:
            reason = "already_claimed"
        if reason is not None:
            self._decide(claim, "rejected", reason=reason)
            return
        pool, state = self._place(claim)
        self._decide(claim, state, pool=pool, reason="sold_out" if state == "rejected" else "")

    def _place(self, claim: Claim) -> tuple[str, str]:
        """Where the claim ends up. Admission's answer is honoured; the direct path ("any") tries its pools in order."""
        pool = claim.pool
        for name in self._judges.pools(claim):
            known = self._ledger.pools.get((claim.kind, claim.offering_id, name))
            if known is None:
                continue
            pool = name
            if claim.hold != "line" and known.free > 0 and (claim.hold == "seat" or self._nobody_waits(claim, name)):
                return name, "confirmed"
        last = self._ledger.pools.get((claim.kind, claim.offering_id, pool))
        if last is not None and (claim.line_ok or claim.hold == "line") and last.waiting < last.line_capacity:
            return pool, "waitlisted"
        return pool, "rejected"

    def _nobody_waits(self, claim: Claim, pool: str) -> bool:
        key = (claim.kind, claim.offering_id, pool)
        return self._ledger.pools[key].waiting == 0 and self._promotions.heir(key) is None

    def _cancel(self, claim: Claim) -> None:
        target = self._target(claim)
        reason = self._judges.refusal(claim) or self._unending(claim, target)
        if reason is not None:
            self._decide(claim, "rejected", reason=reason)
            return
        self._end(claim, target, "cancelled_by_user")
        self._decide(claim, "confirmed", target=target.id if target else claim.target)
        self._hand_on(target)

    def _swap(self, claim: Claim) -> None:
        """Both or neither: a seat here for the claim that is given up there. There is no line for a swap."""
        target = self._target(claim)
        reason = self._judges.refusal(claim) or self._unending(claim, target)
        if reason is None and self._ledger.holder(claim) is not None:
            reason = "already_claimed"
        pool, state = self._place(claim)
        if reason is None and state != "confirmed":
            reason = "sold_out"
        if reason is not None:
            self._decide(claim, "rejected", reason=reason)
            return
        self._end(claim, target, "swapped")
        self._decide(claim, "confirmed", pool=pool, target=target.id if target else claim.target)
        self._hand_on(target)

    def _target(self, claim: Claim) -> Standing | None:
        """The claim that this one ends, as decided so far; of the direct path, whichever lives there."""
        return self._ledger.get(claim.target) if claim.target else self._ledger.holder(claim, claim.drops)

    @staticmethod
    def _unending(claim: Claim, target: Standing | None) -> str | None:
        """Why there is nothing to end."""
        if target is None:
            return None if claim.target else "nothing_to_cancel"
        return "nothing_to_cancel" if target.final or target.user_id != claim.user_id else None

    def _end(self, claim: Claim, target: Standing | None, reason: str) -> None:
        if target is None:
            self._tombstone(claim, reason)
        else:
            self._ledger.put(stepped(target, "cancelled", self._now, reason))

    def _hand_on(self, ended: Standing | None) -> None:
        """The seat that came free goes to the first who waits for it."""
        if ended is not None and ended.state == "confirmed":
            self._promotions.first((ended.kind, ended.offering_id, ended.pool))

    def _tombstone(self, claim: Claim, reason: str) -> None:
        """The target has not been settled: decide it now, so that it can never confirm afterwards."""
        self._ledger.put(
            Standing(
                id=claim.target,
                kind=claim.kind,
                offering_id=claim.drops or claim.offering_id,
                user_id=claim.user_id,
                pool=GENERAL if claim.drops else claim.pool,
                action="book",
                state="cancelled",
                version=1,
                reason=reason,
                admitted_at=claim.admitted_at,
                decided_at=self._now,
            )
        )

    def _promote_claim(self, claim: Claim) -> None:
        promoted = self._promotions.first((claim.kind, claim.offering_id, claim.pool))
        self._decide(claim, "confirmed" if promoted else "rejected", reason="" if promoted else "nobody_waiting")
