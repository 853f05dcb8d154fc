"""A pass of the watch: lectures come to count in a term, or cease to, as rules are turned on and off and terms are moved."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.extensions.services import Services
from app.lectures.models import KIND, Lecture
from app.lectures.quota.calendar import calendar_of, misplaced
from app.seating.sizing import lock_pools


def follow_rules(services: Services, engine: Engine) -> int:
    """Put every lecture into the term in which it counts now; returns how many were moved."""
    zone = services.settings.campus_timezone
    with services.breakers.guard("database"), services.db.transaction() as session:
        wrong = misplaced(session, calendar_of(session, zone))
    for lecture_id in wrong:
        with services.breakers.guard("database"):
            told = services.db.retrying(lambda session, one=lecture_id: _move(session, services, one))  # type: ignore[misc]
        tell(services, engine, told)
    return len(wrong)


def _move(session: Session, services: Services, lecture_id: int) -> Told:
    """One at a time, each an edit of its own. Under the pools' lock: whoever was decided before it is committed, and
    counts for whoever is decided after it."""
    lecture = session.scalars(select(Lecture).where(Lecture.id == lecture_id).with_for_update()).one()
    lock_pools(session, KIND, lecture_id)
    scope = calendar_of(session, services.settings.campus_timezone).term_at(lecture.starts_at)
    if scope == lecture.scope_term:
        return []
    lecture.scope_term = scope
    lecture.version += 1
    session.flush()
    return store_effects(session, services.ids, [(KIND, lecture_id)])
