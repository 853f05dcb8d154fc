"""The rules a lecture must keep, without a server."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.errors import InvalidInputError
from app.lectures.draft import LectureDraft
from app.org.audience import Audience
from app.seating.reservations import ReservationDraft

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = LectureDraft(
    title="讲座",
    speaker="张三",
    place="礼堂",
    opens_at=NOW,
    closes_at=NOW + HOUR,
    starts_at=NOW + 2 * HOUR,
    ends_at=NOW + 4 * HOUR,
    capacity=100,
)
COLLEGE = Audience(colleges=frozenset({1}))


def wrong_fields(draft: LectureDraft) -> set[str]:
    with pytest.raises(InvalidInputError) as caught:
        draft.check()
    return set(caught.value.data["errors"])


def test_a_good_draft() -> None:
    GOOD.check()
    replace(GOOD, capacity=0).check()
    replace(GOOD, closes_at=GOOD.ends_at).check()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_at": NOW}, "closes_at"),
        ({"closes_at": NOW + 5 * HOUR}, "closes_at"),
        ({"ends_at": NOW + 2 * HOUR}, "ends_at"),
        ({"ends_at": NOW + timedelta(days=31)}, "ends_at"),
        ({"reserved_until": NOW + 5 * HOUR}, "reserved_until"),
        ({"restriction": Audience("only")}, "restriction"),
        ({"reservations": (ReservationDraft("a", 101, COLLEGE),)}, "reservations"),
        ({"reservations": (ReservationDraft("a", 1, Audience()),)}, "reservations"),
        ({"reservations": (ReservationDraft("a", 1, COLLEGE, "r1"), ReservationDraft("b", 1, COLLEGE, "r1"))}, "reservations"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(changes: dict[str, object], field: str) -> None:
    assert wrong_fields(replace(GOOD, **changes)) == {field}  # type: ignore[arg-type]
