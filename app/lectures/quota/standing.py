"""What a student has of the quota, before pressing: from Redis, which knows what was promised, else from MariaDB."""

from __future__ import annotations

from app.admission.engine import Engine
from app.admission.kinds import OfferingSheet
from app.errors import SeatrushError
from app.extensions.records import record
from app.extensions.services import Services
from app.lectures.models import KIND
from app.lectures.quota.counting import booked_by, missed_by
from app.lectures.quota.rules import WEIGHT, Rules, stored_rules


@record
class OwnQuota:
    """How many lectures of the term are booked, how many were `missed`, and the rules that say what that means."""

    rules: Rules
    used: int
    missed: int

    @property
    def problem(self) -> SeatrushError | None:
        """What stands against one more."""
        return self.rules.refusal(self.used, self.missed)


def own_quota(services: Services, engine: Engine, student: int, sheet: OfferingSheet) -> OwnQuota | None:
    """The student's in the term of this lecture; None while it counts nowhere."""
    if sheet.traits is None:
        return None
    place = (student, sheet.traits.scope)
    known = engine.account_desk.ask(KIND, sheet.traits.scope, student)
    with services.breakers.guard("database"), services.db.reading() as session:
        rules = stored_rules(session)
        missed = missed_by(session, [place]).get(place, 0) if rules.no_shows else 0
        stored = booked_by(session, [place])[place] if known is None else set()
    held = known.holds.values() if known else ()
    return OwnQuota(rules, len(stored) + sum(one.weight for one in held if one.hold == "seat") // WEIGHT, missed)
