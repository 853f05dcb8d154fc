"""A round changes what Redis must know of every section of its term: thousands, handed over in batches.

Which schedule Redis has been told of stands in Redis itself (`sr:rounds:<term>`), so that nothing is forgotten: whoever
changes a round describes at once; if it dies over that, or a round begins to count by the clock alone, the keeper's pass
finds the version behind and does it. An older description never replaces a newer one (sr_describe).
"""

from __future__ import annotations

import logging
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.store import EpochError
from app.catalogue.models import KIND, Section
from app.catalogue.terms import current_terms
from app.enrolment.rounds.current import schedules_of
from app.extensions.breakers import DependencyDownError
from app.extensions.clock import CampusClock
from app.extensions.redis import RedisError
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def describe_changed(services: Services, engine: Engine) -> int:
    """The keeper's pass. Returns how many sections got a newer description."""
    if engine.store.unfinished():
        return 0  # a rebuild loads them all; whether as they are now is seen when it is over
    with services.db.transaction() as session:
        versions = _versions(session, current_terms(session))
    return sum(_describe(services, engine, *one)[0] for one in versions.items())


def describe_term(services: Services, engine: Engine, term_id: int) -> bool:
    """Right after a change, so that it is seen at once. False when the keeper will have to do it."""
    try:
        with services.breakers.guard("redis"):
            with services.db.transaction() as session:
                versions = _versions(session, [term_id])
            _, whole = _describe(services, engine, term_id, versions[term_id])
    except (RedisError, EpochError, SQLAlchemyError, DependencyDownError) as error:
        logger.info("the sections of term %d wait for the keeper: %r", term_id, error)
        return False
    return whole


def _versions(session: Session, term_ids: Collection[int]) -> dict[int, bytes]:
    # Redis judges by its own clock; the sheets are made by this host's, whatever a test's clock says.
    now = CampusClock().epoch_ms()
    schedules = schedules_of(session, term_ids)
    return {term: str(schedule.version_at(now)).encode() for term, schedule in schedules.items()}


def _describe(services: Services, engine: Engine, term_id: int, version: bytes) -> tuple[int, bool]:
    """How many descriptions were new, and whether Redis has them all."""
    key = f"sr:rounds:{term_id}"
    if services.redis.get(key) == version:
        return 0, True
    query = select(Section.id).where(
        Section.term_id == term_id, Section.state == "published", Section.is_deleted.is_(False)
    )
    with services.db.transaction() as session:
        sections = sorted(session.scalars(query))
    changed, whole = engine.loader.describe_each(KIND, sections)
    if whole:  # else the keeper does it again when the rebuild is over
        services.redis.set(key, version)
    return changed, whole
