"""Draw a round: fix the file and its results, then enrol who was drawn, batch by batch.

Three steps, each of which can be repeated after a crash: requested → drawn (file, results and the state of every wish, in
one transaction) → every drawn wish settled by the engine's own settle, together with its wish → done.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import gevent
import orjson
from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.ledger import GuardError
from app.admission.outbox import Effects
from app.admission.rows import decided
from app.admission.settle import Settled, settle
from app.admission.telling import tell
from app.auth.actor import Actor
from app.auth.permissions import Role
from app.catalogue.selection_models import SelectionRound
from app.enrolment.lottery.claims import drawn_claim
from app.enrolment.lottery.drawing import GENERAL, WON, Granted, grants
from app.enrolment.lottery.exporting import Export, export
from app.enrolment.lottery.models import RoundDraw, RoundDrawPart, WishRow
from app.enrolment.lottery.wishes import lot_of
from app.enrolment.rounds.telling import tell_round
from app.enrolment.rounds.timeline import note
from app.extensions import bulk
from app.extensions.clock import to_epoch_ms
from app.extensions.services import Services

# Students a settling transaction; rows a statement; bytes a packet.
AT_ONCE = 200
ROWS = 2000
PART = 4 * 1024 * 1024
ATTEMPTS = 8

KEEPER = Actor.of(0, "keeper", Role.MANAGER)

WishState = tuple[int, str, str, str]  # wish, state, reason, pool

_STATE_WISHES = text(
    "UPDATE wish AS w JOIN "  # noqa: S608 - only constants
    + bulk.json_table({"id": "BIGINT", "state": "VARCHAR(12)", "reason": "VARCHAR(40)", "pool": bulk.ASCII_16})
    + " AS d ON w.id = d.id SET w.state = d.state, w.reason = d.reason, w.pool = d.pool"
)


def draw_requested(services: Services, engine: Engine) -> int:
    """The keeper's pass. Returns how many rounds are done now."""
    with services.db.transaction() as session:
        rounds = session.scalars(select(RoundDraw.round_id).where(RoundDraw.state.in_(["requested", "drawn"]))).all()
    for round_id in rounds:
        _fix(services, round_id)
        last: int | None = 0
        while last is not None:
            last = _enrol_some(services, engine, round_id, last)
        _finish(services, engine, round_id)
    return len(rounds)


def _fix(services: Services, round_id: int) -> None:
    """The file and the results. Does nothing when that was done before."""
    with services.db.transaction() as session:
        if session.scalars(select(RoundDraw.state).where(RoundDraw.round_id == round_id)).one() != "requested":
            return
        one = session.get_one(SelectionRound, round_id)
    made = export(services, one)
    # Pure, and seconds of work for a whole campus: in a thread, so that the watch goes on beside it.
    granted, content = gevent.get_hub().threadpool.apply(_compute, (made.file,))
    states = _states(one, made, granted)
    services.db.retrying(lambda session: _write(session, services, one, content, states))


def _compute(file: dict[str, Any]) -> tuple[dict[str, list[Granted]], bytes]:
    granted = grants(file)
    results = {lot: [told for told, _ in own] for lot, own in granted.items()}
    return granted, orjson.dumps({**file, "results": results}, option=orjson.OPT_APPEND_NEWLINE)


def _states(one: SelectionRound, made: Export, granted: Mapping[str, Sequence[Granted]]) -> list[WishState]:
    """The state of every wish."""
    found = [(wish.id, "lost", "not_published", GENERAL) for wish in made.gone]
    for student, own in groupby(made.wishes, key=lambda wish: wish.student_id):
        for wish, (told, pool) in zip(own, granted[lot_of(one, student)], strict=True):
            lost = (wish.id, "lost", made.reasons.get(wish.id, told), GENERAL)
            found.append((wish.id, "drawn", "", pool) if told == WON else lost)
    return found


def _write(
    session: Session, services: Services, one: SelectionRound, content: bytes, states: Sequence[WishState]
) -> None:
    row = session.scalars(select(RoundDraw).where(RoundDraw.round_id == one.id).with_for_update()).one()
    if row.state != "requested":  # another keeper was faster
        return
    row.state, row.digest, row.drawn_at = "drawn", hashlib.sha256(content).hexdigest(), services.clock.now()
    row.wishes = len(states)
    session.execute(update(SelectionRound).where(SelectionRound.id == one.id).values(drawn_at=row.drawn_at))
    packed = zlib.compress(content)
    for part, at in enumerate(range(0, len(packed), PART)):
        piece = packed[at : at + PART]
        session.add(RoundDrawPart(id=services.ids.next_id(), round_id=one.id, part=part, content=piece))
    session.flush()
    _state(session, states)


def _state(session: Session, states: Sequence[WishState]) -> None:
    for at in range(0, len(states), ROWS):
        bulk.run(session, _STATE_WISHES, states[at : at + ROWS])


def _enrol_some(services: Services, engine: Engine, round_id: int, after: int) -> int | None:
    """Settle what some students were drawn for, those with ids beyond `after`. The last of them; None: nobody is left."""
    for attempt in range(ATTEMPTS):
        try:
            last, settled = services.db.retrying(lambda one: _settle_some(one, services, engine, round_id, after))
            break
        except GuardError:
            if attempt == ATTEMPTS - 1:
                raise
    if settled is not None and settled.outbox_id is not None:
        tell(services, engine, [(settled.outbox_id, Effects(claims=settled.standings))])
    return last


def _settle_some(
    session: Session, services: Services, engine: Engine, round_id: int, after: int
) -> tuple[int | None, Settled | None]:
    """The decisions and the wishes' states, in one transaction."""
    wishes = _drawn_wishes(session, round_id, after)
    if not wishes:
        return None, None
    one = session.get_one(SelectionRound, round_id)
    admitted_at = to_epoch_ms(one.closes_at) - 1  # within the round, after whatever was admitted before
    claims = [drawn_claim(wish, admitted_at, at) for at, wish in enumerate(wishes, 1)]
    settled = settle(session, engine.kinds, services.ids, claims, services.clock.epoch_ms())
    known = decided(session, [claim.id for claim in settled.decided]) | {one.id: one for one in settled.standings}
    _state(session, [(wish.id, *_outcome(known[claim.id])) for wish, claim in zip(wishes, claims, strict=True)])
    return max(wish.student_id for wish in wishes), settled


def _drawn_wishes(session: Session, round_id: int, after: int) -> list[WishRow]:
    """All that some students were drawn for, in the order of the draw: with an override one of two wishes may only be
    granted after the other."""
    drawn = (WishRow.round_id == round_id, WishRow.state == "drawn", WishRow.student_id > after)
    some = select(WishRow.student_id).where(*drawn).distinct().order_by(WishRow.student_id).limit(AT_ONCE)
    students = session.scalars(some).all()
    found = session.scalars(select(WishRow).where(*drawn, WishRow.student_id.in_(students))).all() if students else ()
    return sorted(found, key=lambda wish: (-wish.points, wish.priority, wish.student_id))


def _outcome(standing: Standing) -> tuple[str, str, str]:
    """What settle refuses (a restriction made meanwhile, fewer seats) is lost after all, and says why."""
    return ("lost", standing.reason, GENERAL) if standing.state == "rejected" else ("won", "", standing.pool)


def _finish(services: Services, engine: Engine, round_id: int) -> None:
    def write(session: Session) -> SelectionRound | None:
        row = session.scalars(select(RoundDraw).where(RoundDraw.round_id == round_id).with_for_update()).one()
        if row.state != "drawn":
            return None
        query = select(func.count()).where(WishRow.round_id == round_id, WishRow.state == "won")
        row.state, row.won = "done", session.scalar(query) or 0
        detail = {"wishes": row.wishes, "won": row.won, "digest": row.digest}
        note(session, services, KEEPER, round_id, "drawn", detail=detail)
        return session.get_one(SelectionRound, round_id)

    one = services.db.retrying(write)
    if one is not None:
        tell_round(services, engine, one, "drawn")
