"""What a student has in a term: from Redis, which knows what was promised and not settled yet, else from MariaDB."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.admission.claims import HOLDS
from app.admission.engine import Engine
from app.admission.store import EpochError
from app.catalogue.models import KIND
from app.enrolment.accounts import accounts_of
from app.enrolment.models import Enrolment
from app.enrolment.rules import Hold, Holdings, tenths
from app.extensions.breakers import DependencyDownError
from app.extensions.redis import RedisError
from app.extensions.services import Services


@dataclass(slots=True)
class OwnTerm(Holdings):
    """With `claims`: section → the id of the claim that holds it."""

    claims: dict[int, str] = field(default_factory=dict)


def own_term(services: Services, engine: Engine, student: int, term: int) -> OwnTerm:
    """What the student brings to this term and holds in it."""
    return _from_redis(services, engine, student, term) or _from_mariadb(services, student, term)


def _from_redis(services: Services, engine: Engine, student: int, term: int) -> OwnTerm | None:
    """None when Redis cannot be asked, or was never told of this student."""
    try:
        with services.breakers.guard("redis"):
            known = engine.epochs.fenced(lambda fence: engine.store.account(KIND, term, student, fence=fence))
    except (RedisError, DependencyDownError, EpochError):
        return None
    if known is None:
        return None
    account, held = known
    return OwnTerm(
        limit=account.limit,
        passed=account.passed,
        bar=account.bar,
        holds={section: Hold(one.hold, one.group, one.weight) for section, one in held.items()},
        claims={section: one.claim_id for section, one in held.items() if one.claim_id},
    )


def _from_mariadb(services: Services, student: int, term: int) -> OwnTerm:
    with services.breakers.guard("database"), services.db.transaction() as session:
        (account,) = accounts_of(session, [student], [term])
        query = select(Enrolment).where(
            Enrolment.term_id == term, Enrolment.student_id == student, Enrolment.active == 1
        )
        rows = session.scalars(query).all()
    return OwnTerm(
        limit=account.limit,
        passed=account.passed,
        bar=account.bar,
        holds={one.section_id: Hold(HOLDS[one.state], one.course_id, tenths(one.credits)) for one in rows},
        claims={one.section_id: one.claim_id for one in rows},
    )
