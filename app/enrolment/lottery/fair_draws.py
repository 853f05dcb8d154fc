"""The draw of a fair round, which is the engine's (docs/fair.md), as the draw of a lottery is shown."""

from __future__ import annotations

import orjson
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from app.admission.fair.exporting import exported
from app.admission.fair.lots import ALGORITHM
from app.admission.fair.setting_aside import FAIR
from app.admission.rows import CLAIM
from app.catalogue.models import KIND
from app.catalogue.selection_models import SelectionRound
from app.enrolment.lottery.errors import DrawNotFoundError
from app.enrolment.lottery.models import RoundDraw
from app.enrolment.rounds.openings import fair_until


def fair_draw(session: Session, one: SelectionRound) -> RoundDraw | None:
    """How many claims there were and how many have their seat now, not stored anywhere; None before the draw."""
    if one.drawn_at is None:
        return None
    query = (
        select(func.count(), func.count(case((CLAIM.c.state == "confirmed", 1))))
        .select_from(FAIR)
        .outerjoin(CLAIM, CLAIM.c.id == FAIR.c.claim_id)
        .where(FAIR.c.kind == KIND, FAIR.c.opening_id == one.id, FAIR.c.position.is_not(None))
    )
    claims, won = session.execute(query).one()
    return RoundDraw(round_id=one.id, state="done", algorithm=ALGORITHM, wishes=claims, won=won, digest=None)


def fair_file(session: Session, one: SelectionRound) -> bytes:
    """The file; its states are of now, a claim may have been dropped since. Raises DrawNotFoundError before the draw."""
    if one.drawn_at is None or one.seed is None:
        raise DrawNotFoundError
    made = exported(session, KIND, one.id, fair_until(one), bytes.fromhex(one.seed))
    return orjson.dumps({**made, "commitment": one.commitment}, option=orjson.OPT_APPEND_NEWLINE)
