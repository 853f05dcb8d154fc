"""A student leaves the university (退学): the account is over, and so is every seat and place in a line, for others to have."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.revoking import revoke_of
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.ending import set_status
from app.auth.models import Account, AccountStatus
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.org.models import StudentStatus
from app.org.people.posts import STUDENT, PersonView
from app.org.people.reading import managed_person

REASON = "student_withdrawn"


def withdraw_student(services: Services, engine: Engine, actor: Actor, account_id: int) -> PersonView:
    """Mark as withdrawn, disable the account, cancel every live claim (reason `student_withdrawn`) and hand freed seats
    on. Doing it again changes nothing. Raises StudentNotFoundError.
    """
    actor.require(Permission.STUDENTS_MANAGE)

    def write(session: Session) -> tuple[Account, Told]:
        record, account = STUDENT.locked(session, account_id)
        if record.status != StudentStatus.WITHDRAWN:
            record.status = StudentStatus.WITHDRAWN
            record.version += 1
        set_status(account, AccountStatus.DISABLED)
        session.flush()  # from here on no rule knows this student: a claim on its way is refused when it settles
        now = services.clock.epoch_ms()
        standings = revoke_of(session, engine.kinds, account_id, reason=REASON, now_ms=now)
        return account, store_effects(session, services.ids, claims=standings)

    account, told = services.db.retrying(write)
    tell_ended(services, account)
    tell(services, engine, told)
    return managed_person(services, actor, STUDENT, account_id)
