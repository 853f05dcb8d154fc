"""The rules themselves, and the settings that turn them on."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.admission.errors import CreditLimitError, OnHoldError
from app.admission.kinds import Traits
from app.controls.reading import stored_number
from app.errors import SeatrushError
from app.extensions.records import record
from app.lectures.quota.errors import LectureQuotaError, NoShowHoldError

# The engine weighs in tenths: a lecture is one whole.
WEIGHT = 10
UNLIMITED = 100_000


@record
class Rules:
    """The operator's settings; 0 turns a rule off."""

    quota: int
    no_shows: int

    @property
    def any(self) -> bool:
        """False while lectures need no accounts at all."""
        return self.quota > 0 or self.no_shows > 0

    @property
    def limit(self) -> int:
        """As the engine's accounts have it."""
        return (self.quota or UNLIMITED) * WEIGHT

    def bars(self, missed: int) -> bool:
        """True when so many no-shows that were not forgiven keep a student from booking."""
        return 0 < self.no_shows <= missed

    def refusal(self, booked: int, missed: int) -> SeatrushError | None:
        """What stands against one more lecture for somebody who has booked so many others, in admission's order."""
        if self.bars(missed):
            return NoShowHoldError(missed=missed)
        return LectureQuotaError(limit=self.quota, used=booked) if 0 < self.quota <= booked else None


def stored_rules(session: Session) -> Rules:
    """As this transaction sees them."""
    return Rules(stored_number(session, "lecture_quota"), stored_number(session, "lecture_no_shows"))


def traits_of(lecture_id: int, scope_term: int | None) -> Traits | None:
    """What a lecture brings to a student's account; None while there are no rules. Its group is itself, as a student may
    have as many different ones as the limit allows."""
    return None if scope_term is None else Traits(scope_term, lecture_id, WEIGHT)


def in_lectures(error: SeatrushError) -> SeatrushError:
    """The engine's refusal by an account, in the words of lectures; any other as it is."""
    if isinstance(error, CreditLimitError):
        return LectureQuotaError(**{name: int(float(error.data[name])) for name in ("limit", "used")})
    return NoShowHoldError(missed=int(error.data["hold"])) if isinstance(error, OnHoldError) else error
