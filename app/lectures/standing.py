"""How a lecture stands to one student: may they book it, why not, and the claim they have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from sqlalchemy import select

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.models import ClaimRow
from app.admission.store import EpochError
from app.auth.actor import Actor
from app.extensions.breakers import DependencyDownError
from app.extensions.redis import RedisError
from app.extensions.services import Services
from app.lectures.errors import LectureNotFoundError
from app.lectures.models import KIND
from app.lectures.quota.standing import OwnQuota, own_quota
from app.lectures.rules import LectureSheet, refusal


@dataclass(frozen=True, slots=True)
class LectureStanding:
    """`eligible` is about who the student is; `reason` says what else stands in the way now (not_open, closed, …).

    `pool` is the first one they would draw from; `claim` is their live or undecided booking; `quota`: what they have of
    the lectures of its term, None while that is not counted, or booking is over.
    """

    eligible: bool
    reason: str | None
    pool: str | None
    claim: Standing | None
    can_cancel: bool
    quota: OwnQuota | None = None


def standing_in(services: Services, engine: Engine, actor: Actor, lecture_id: int) -> LectureStanding:
    """The student's view. Raises LectureNotFoundError for a draft and what does not exist."""
    sheet = cast("LectureSheet | None", engine.sheets.get(KIND, lecture_id))
    if sheet is None or sheet.state == "draft":
        raise LectureNotFoundError
    rule = refusal(sheet, actor.student)
    pending = _pending(services, engine, actor, lecture_id)
    claim = next((one for one in pending if one.action == "book"), None) or _live(services, engine, actor, lecture_id)
    cancelling = any(one.action == "cancel" for one in pending)
    now = services.clock.epoch_ms()
    eligible = rule is None and actor.student is not None
    quota = own_quota(services, engine, actor.account_id, sheet) if eligible and now < sheet.closes_at else None
    return LectureStanding(
        eligible=eligible,
        reason=rule or _window(sheet, now) or (_quota_reason(quota) if claim is None else None),
        pool=sheet.pools_for(actor.student)[0] if eligible and actor.student is not None else None,
        claim=claim,
        can_cancel=claim is not None and not claim.final and not cancelling and now < sheet.cancel_until,
        quota=quota,
    )


def _quota_reason(quota: OwnQuota | None) -> str | None:
    problem = quota.problem if quota else None
    return problem.code if problem else None


def _window(sheet: LectureSheet, now: int) -> str | None:
    if sheet.frozen:
        return "frozen"
    if now < sheet.opens_at:
        return "not_open"
    return "closed" if now >= sheet.closes_at else None


def _pending(services: Services, engine: Engine, actor: Actor, lecture_id: int) -> list[Standing]:
    """Undecided claims of the student here, as far as Redis can say."""
    try:
        with services.breakers.guard("redis"):
            mine = engine.epochs.fenced(lambda fence: engine.store.pending_of(actor.account_id, fence=fence))
    except (RedisError, DependencyDownError, EpochError):
        return []
    return [one for one in mine if (one.kind, one.offering_id) == (KIND, lecture_id) and one.state == "pending"]


def _live(services: Services, engine: Engine, actor: Actor, lecture_id: int) -> Standing | None:
    """The claim that holds a seat or a place in the line; one look-up in a unique index."""
    with services.breakers.guard("database"), services.db.reading() as session:
        claim_id = session.scalar(
            select(ClaimRow.id).where(
                ClaimRow.kind == KIND,
                ClaimRow.offering_id == lecture_id,
                ClaimRow.user_id == actor.account_id,
                ClaimRow.active == 1,
            )
        )
    return None if claim_id is None else engine.status.ask(claim_id).standing
