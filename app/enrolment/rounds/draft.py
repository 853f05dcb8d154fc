"""What a manager says of a round, and what must hold of it whenever it is written."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from app.catalogue.selection_models import SelectionRound
from app.errors import InvalidInputError

MODES = ("fcfs", "lottery", "fair")
MOST_FAIR_S = 3600
MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class RoundDraft:
    """The fields of a round that are a manager's to choose."""

    term_id: int
    round_no: int
    opens_at: datetime
    closes_at: datetime
    drop_until: datetime
    mode: str = "fcfs"
    tips: str = ""
    fair_seconds: int = 0
    points_limit: int = 0

    @classmethod
    def of(cls, one: SelectionRound) -> RoundDraft:
        """As it is stored."""
        return cls(**{name: getattr(one, name) for name in NAMES})

    def check(self) -> None:
        """Raises InvalidInputError."""
        errors: dict[str, Any] = {}
        if not self.opens_at < self.closes_at:
            errors["closes_at"] = ["It must close after it opens."]
        if self.drop_until < self.opens_at:
            errors["drop_until"] = ["Dropping cannot end before the round opens."]
        if (self.mode == "fair") != (self.fair_seconds > 0):
            errors["fair_seconds"] = ["For a fair round, and only for one: how many seconds are shuffled."]
        if self.points_limit and self.mode != "lottery":
            errors["points_limit"] = ["Only wishes of a lottery have points."]
        if errors:
            raise InvalidInputError(errors=errors)


NAMES = tuple(one.name for one in fields(RoundDraft))
