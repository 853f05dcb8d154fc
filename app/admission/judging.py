"""The judges of one settling transaction, one per kind that it touches."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.admission.kinds import Judge, Kinds


class Judges:
    """Opened, and their accounts locked, before the pools are."""

    def __init__(self, session: Session, kinds: Kinds, names: Collection[str]) -> None:
        self._of: Mapping[str, Judge] = {name: kinds[name].judge(session) for name in names if name in kinds}

    def lock(self, claims: Sequence[Claim], *, wait: bool = True) -> None:
        """Lock the accounts of these claims' persons."""
        for name, judge in self._of.items():
            judge.lock([claim for claim in claims if claim.kind == name], wait=wait)

    def read(self, claims: Sequence[Claim]) -> None:
        """Let each judge look at the claims of its kind; a promotion asks nobody, it is the engine's own."""
        for name, judge in self._of.items():
            own = [claim for claim in claims if claim.kind == name and claim.action != "promote"]
            if own:
                judge.read(own)

    def refusal(self, claim: Claim) -> str | None:
        """Why the rules forbid this claim; of a kind that is not known: nothing, as it has no seats either."""
        judge = self._of.get(claim.kind)
        return judge.refusal(claim) if judge else None

    def pools(self, claim: Claim) -> Sequence[str]:
        """The pools that this claim may be given a seat of."""
        judge = self._of.get(claim.kind)
        return judge.pools(claim) if judge else claim.candidates

    def fair_opening(self, claim: Claim) -> int:
        """The fair opening that decides this claim by lot, 0 for none."""
        judge = self._of.get(claim.kind)
        return judge.fair_opening(claim) if judge else 0

    def waiter_refusals(self, kind: str, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Claim id → reason, for those in a line who may not be promoted now."""
        return self._of[kind].waiter_refusals(waiters)

    def stepped(self, before: Standing | None, after: Standing) -> None:
        """Pass a step on to its kind's judge."""
        judge = self._of.get(after.kind)
        if judge:
            judge.stepped(before, after)
