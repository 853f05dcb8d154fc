"""The gate: where a claim is admitted, marked and made durable. One per web worker; requests share round trips.

Order matters: Redis admits (or MariaDB will, on the direct path), ZooKeeper marks, the courier publishes. From the
moment a claim is admitted nothing here ever gives the seat back: what is not known for certain is left to settle.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import gevent

from app.admission.accounts import Accounts
from app.admission.claims import Claim
from app.admission.courier import Courier
from app.admission.direct import DirectPath
from app.admission.epochs import EpochFollower
from app.admission.errors import CancelClosedError, ClosedError, FrozenError, OutcomeUnknownError
from app.admission.faults import Faults
from app.admission.introducing import UNKNOWN, Introductions
from app.admission.loader import Loader
from app.admission.marks import Marks, place_of
from app.admission.owning_up import OwningUp
from app.admission.second_keys import SecondKeys, SecondLook
from app.admission.store import EpochError, SeatStore, Verdict
from app.admission.verdicts import refusal
from app.errors import SeatrushError
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.records import record
from app.extensions.redis import RedisError, patiently

logger = logging.getLogger(__name__)

# How long a pass waits for company. A pass costs Redis, ZooKeeper, the broker and settle about as much for one claim as
# for ten: waiting less makes the machine busier, and everybody later. So there is one pass at a time, as large as what
# came meanwhile; a second one only sets out when the first is slow. When both hang (a broker that confirms nothing), whoever
# comes then is not kept waiting with them: most are told at once that there are no seats.
LINGER_S = 0.015
OVERLAP_S = 0.04
STUCK_S = 0.25

# Redis was asked and did not answer: the claim may have been admitted.
_LOST = Verdict("lost", ())


@record
class Admission:
    """The answer to an accepted claim. `sequence` is None on the direct path."""

    claim_id: str
    sequence: int | None


@dataclass(frozen=True, slots=True)
class Limits:
    """The per-user limits: ms between attempts at one offering, ms per token, bucket size."""

    interval_ms: int
    emission_ms: float
    burst: int


Place = Ticket[Claim, Admission]


class Gate:
    """`submit(claim)` blocks the greenlet until the claim is durable or refused."""

    def __init__(
        self,
        *,
        store: SeatStore,
        epochs: EpochFollower,
        accounts: Accounts,
        loader: Loader,
        marks: Marks,
        courier: Courier,
        direct: DirectPath,
        second_look: SecondLook,
        breakers: Breakers,
        limits: Limits,
        faults: Faults,
    ) -> None:
        self._store = store
        self._epochs = epochs
        self._introductions = Introductions(loader, accounts)
        self._marks = marks
        self._courier = courier
        self._direct = direct
        self._second_look = second_look
        self._breakers = breakers
        self._limits = limits
        self._faults = faults
        self._coalescer: Coalescer[Claim, Admission] = Coalescer(
            self._pass, linger_s=LINGER_S, overlap_s=OVERLAP_S, stuck_s=STUCK_S
        )
        self._owning_up = OwningUp(store)

    def submit(self, claim: Claim) -> Admission:
        """Admit one claim. Raises a SeatrushError that says why not; OutcomeUnknownError carries the claim id."""
        for _ in UNKNOWN:
            try:
                return self._coalescer.ask(claim)
            except UNKNOWN as error:
                if not self._introductions.introduce([(claim, error)]):
                    raise
        return self._coalescer.ask(claim)

    def submit_together(self, claims: Sequence[Claim]) -> list[Admission | Exception]:
        """Admit the claims of one cart in one pass: the answer to each, or the SeatrushError that refuses it."""
        outcomes = self._coalescer.ask_together(claims)
        for _ in UNKNOWN:
            unknown = [at for at, outcome in enumerate(outcomes) if isinstance(outcome, UNKNOWN)]
            if not unknown or not self._introductions.introduce([(claims[at], outcomes[at]) for at in unknown]):
                break
            for at, outcome in zip(unknown, self._coalescer.ask_together([claims[at] for at in unknown]), strict=True):
                outcomes[at] = outcome
        return outcomes

    def _pass(self, places: list[Place]) -> None:
        claims = [place.item for place in places]
        verdicts = self._admit(claims)
        second = self._second_look.at([claim for claim, said in zip(claims, verdicts, strict=True) if said is None])
        accepted: list[tuple[Place, Claim]] = []
        unseen: set[str] = set()
        for place, verdict in zip(places, verdicts, strict=True):
            try:
                claim = self._judge(place, verdict, second)
            except SeatrushError as error:
                place.fail(error)
                continue
            if claim is not None:
                accepted.append((place, claim))
                if verdict is None or verdict.name == "lost":
                    unseen.add(claim.id)
        self._faults.hit("after_admit")
        if accepted:
            self._owning_up.tell_first()
            self._carry(accepted, unseen)

    def _admit(self, claims: Sequence[Claim]) -> Sequence[Verdict | None]:
        """Redis's verdicts; all None when Redis cannot be asked, or its answer is lost: then MariaDB decides."""
        try:
            with self._breakers.guard("redis"):
                self._owning_up.tell()
                return self._ask_redis(claims)
        except (RedisError, DependencyDownError, EpochError) as error:
            logger.info("direct path for %d claims: %r", len(claims), error)
            return [_LOST if isinstance(error, RedisError) else None] * len(claims)

    def _ask_redis(self, claims: Sequence[Claim]) -> list[Verdict]:
        """An answer that is late is asked for once more: Redis is alive as a rule, and repeats what it said. Going past it
        instead would have it rebuilt, in the very minute when the machine is busiest.
        """
        return patiently(lambda: self._ask_once(claims))

    def _ask_once(self, claims: Sequence[Claim]) -> list[Verdict]:
        limits = self._limits
        return self._epochs.fenced(
            lambda fence: self._store.admit(
                claims,
                fence=fence,
                interval_ms=limits.interval_ms,
                emission_ms=limits.emission_ms,
                burst=limits.burst,
            )
        )

    def _judge(self, place: Place, verdict: Verdict | None, second: SecondKeys) -> Claim | None:
        """The claim to carry on with; None when it was answered already. Raises the refusal."""
        claim = place.item
        if verdict is None:
            return self._admit_unseen(claim, second)
        if verdict.name in {"recorded", "lost"}:
            return self._admit_known(claim, verdict)
        if verdict.name == "replay":
            place.resolve(Admission(claim.id, int(verdict.fields[0]) or None))
            return None
        if verdict.name not in {"new", "again"}:
            raise refusal(verdict)
        # "again": whoever tried first may have died before publishing, and this answer is a promise too.
        sequence, at, pool, hold, target = verdict.fields
        return claim.admitted(
            pool=pool.decode(),
            hold=hold.decode(),
            at=int(at),
            sequence=int(sequence),
            target=target.decode(),
        )

    def _admit_unseen(self, claim: Claim, second: SecondKeys) -> Claim:
        """Redis was not asked: it may have accepted this very claim while the window was still open.

        Only "not open yet" cannot be such a lie; nor, for a claim that nobody knows to have been accepted, that another one on
        this seat is in progress.
        """
        second.refuse(claim)
        try:
            direct = self._direct.admit(claim)
        except (ClosedError, FrozenError, CancelClosedError) as error:
            raise OutcomeUnknownError(claim_id=claim.id, retry_after=2) from error
        second.note(claim)
        self._owning_up.note()
        return direct

    def _admit_known(self, claim: Claim, verdict: Verdict) -> Claim:
        """Redis holds the claim (or may: its answer was lost), so the sweep may yet publish it: refusing would be a lie."""
        if verdict.name == "lost":
            self._owning_up.note()
        at = int(verdict.fields[0]) if verdict.fields else None
        try:
            return self._direct.admit(claim, at=at)
        except SeatrushError as error:
            raise OutcomeUnknownError(claim_id=claim.id, retry_after=2) from error

    def _carry(self, accepted: list[tuple[Place, Claim]], unseen: Collection[str]) -> None:
        claims = [claim for _, claim in accepted]
        unmarked = not self._marks.create(claims)
        self._faults.hit("after_mark")
        nowhere = self._courier.deliver(claims, unseen, unmarked=unmarked)
        if nowhere:
            # Or the marks would say "in progress" of claims that are nowhere, for as long as this worker lives.
            places = {place_of(claim) for claim in claims if claim.id in nowhere}
            gevent.spawn(self._marks.delete, sorted(places))
        self._faults.hit("after_confirm")
        for place, claim in accepted:
            if claim.id in nowhere:
                place.fail(OutcomeUnknownError(claim_id=claim.id, retry_after=2))
            else:
                place.resolve(Admission(claim.id, claim.sequence or None))
