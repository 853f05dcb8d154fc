"""Ask for a draw, and see it."""

from __future__ import annotations

import hashlib
import zlib
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import RoundNotFoundError
from app.catalogue.rounds import phase_at
from app.catalogue.selection_models import SelectionRound
from app.enrolment.lottery.drawing import ALGORITHM
from app.enrolment.lottery.errors import DrawNotFoundError, NoLotteryError, NotClosedError
from app.enrolment.lottery.fair_draws import fair_draw, fair_file
from app.enrolment.lottery.models import RoundDraw, RoundDrawPart
from app.enrolment.rounds.current import published
from app.enrolment.rounds.errors import RoundStateError
from app.enrolment.rounds.locking import find_round, lock_round
from app.enrolment.rounds.seeds import SEEDED
from app.enrolment.rounds.timeline import note
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class DrawView:
    """A round that is drawn one day, and its draw (None: not asked for yet)."""

    round: SelectionRound
    draw: RoundDraw | None


def request_draw(services: Services, actor: Actor, round_id: int) -> DrawView:
    """Let the keeper draw it; asking again changes nothing. From here on no wish can change, nor the round's end.

    Raises RoundNotFoundError, NoLotteryError, NotClosedError, RoundStateError of a draft or a frozen round.
    """
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> DrawView:
        one = lock_round(session, round_id)
        if one.mode != "lottery":
            raise NoLotteryError(mode=one.mode)
        now = services.clock.now()
        if not published(one) or one.frozen:
            raise RoundStateError(state="frozen" if one.frozen else one.state, phase=phase_at(one, now))
        if now < one.closes_at:
            raise NotClosedError(closes_at=one.closes_at.isoformat())
        known = _draw_of(session, round_id)
        if known is None:
            known = RoundDraw(
                id=services.ids.next_id(), round_id=round_id, state="requested", algorithm=ALGORITHM, wishes=0, won=0,
                requested_by=actor.account_id,
            )  # fmt: skip
            session.add(known)
            note(session, services, actor, round_id, "draw_requested")
            session.flush()
        return DrawView(one, known)

    return services.db.retrying(write)


def public_draw(services: Services, round_id: int) -> DrawView:
    """The draw of a published round with a seed. Raises RoundNotFoundError, NoLotteryError."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        one = find_round(session, round_id)
        if not published(one):
            raise RoundNotFoundError
        if one.mode not in SEEDED:
            raise NoLotteryError(mode=one.mode)
        return DrawView(one, fair_draw(session, one) if one.mode == "fair" else _draw_of(session, round_id))


def draw_file(services: Services, round_id: int) -> tuple[bytes, str]:
    """The published file, byte for byte, and its SHA-256. Raises like `public_draw`, and DrawNotFoundError."""
    view = public_draw(services, round_id)
    if view.round.mode == "fair":
        with services.breakers.guard("database"), services.db.transaction() as session:
            content = fair_file(session, view.round)
        return content, hashlib.sha256(content).hexdigest()
    if view.draw is None or view.draw.digest is None:
        raise DrawNotFoundError
    query = select(RoundDrawPart.content).where(RoundDrawPart.round_id == round_id).order_by(RoundDrawPart.part)
    with services.breakers.guard("database"), services.db.transaction() as session:
        parts = session.scalars(query).all()
    return zlib.decompress(b"".join(parts)), view.draw.digest


def _draw_of(session: Session, round_id: int) -> RoundDraw | None:
    return session.scalar(select(RoundDraw).where(RoundDraw.round_id == round_id))
