"""Call a section off: it is over for everybody who has it, in one transaction, and everybody is told."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.revoking import revoke_all
from app.admission.telling import Told, store_effects, tell
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND, Section
from app.catalogue.sections import SectionDetail
from app.enrolment.sections.reading import managed_section
from app.extensions.services import Services
from app.extensions.versions import check_version, locked

REASON = "section_cancelled"


def cancel_section(
    services: Services, engine: Engine, actor: Actor, section_id: int, *, version: int | None = None
) -> SectionDetail:
    """Cancel the section and every live claim on it (reason section_cancelled); credits come back. Cancelling again
    changes nothing. Raises SectionNotFoundError, ConflictError for an old version.
    """
    actor.require(Permission.COURSES_MANAGE)
    tell(services, engine, services.db.retrying(lambda session: _write(session, services, engine, section_id, version)))
    return managed_section(services, actor, section_id)


def _write(session: Session, services: Services, engine: Engine, section_id: int, version: int | None) -> Told:
    section = locked(session, Section, section_id, SectionNotFoundError)
    if section.state == "cancelled":
        return []
    check_version(section, version)
    section.state = "cancelled"
    section.version += 1
    session.flush()
    # Settle reads the state under the pools' lock, which revoking takes: a claim on its way is refused or revoked.
    now = services.clock.epoch_ms()
    standings = revoke_all(session, engine.kinds, KIND, section_id, reason=REASON, now_ms=now)
    return store_effects(session, services.ids, [(KIND, section_id)], claims=standings)
