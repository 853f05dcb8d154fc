"""What a student has in a term: from Redis, which knows what was promised and not settled yet, else from MariaDB."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from app.admission.account_store import OwnAccount
from app.admission.claims import HOLDS, Standing
from app.admission.engine import Engine
from app.catalogue.models import KIND
from app.enrolment.accounts import accounts_of
from app.enrolment.models import Enrolment
from app.enrolment.rules import Hold, Holdings, tenths
from app.extensions.services import Services


@dataclass(slots=True)
class OwnTerm(Holdings):
    """With `claims`: section → the id of the claim that holds it. `told`: where these claims stand, and `ending`: sections
    whose claim another one is about to end; both None when that is to be asked for."""

    claims: dict[int, str] = field(default_factory=dict)
    told: dict[int, Standing] | None = None
    ending: set[int] | None = None


def own_term(services: Services, engine: Engine, student: int, term: int) -> OwnTerm:
    """What the student brings to this term and holds in it."""
    known = engine.account_desk.ask(KIND, term, student)
    return stored_term(services, student, term) if known is None else _from_redis(engine, known)


def stored_term(services: Services, student: int, term: int) -> OwnTerm:
    """The same as MariaDB has it: the only one who knows of terms that are over."""
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


def _from_redis(engine: Engine, known: OwnAccount) -> OwnTerm:
    account, held = known.account, known.holds
    own = OwnTerm(
        limit=account.limit,
        passed=account.passed,
        bar=account.bar,
        holds={section: Hold(one.hold, one.group, one.weight) for section, one in held.items()},
        claims={section: one.claim_id for section, one in held.items() if one.claim_id},
    )
    if engine.account_desk.sure(known):
        own.told = {section: one.standing for section, one in held.items() if one.standing is not None}
        own.ending = {section for section, one in held.items() if one.ending}
    return own
