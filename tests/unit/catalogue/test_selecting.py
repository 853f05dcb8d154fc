"""Which term is chosen for, whatever is taught meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.catalogue.models import Term
from app.catalogue.selecting import Span, next_turn, selecting_term

NOW = datetime(2026, 11, 28, 4, tzinfo=UTC)
TODAY = NOW.date()
OVER, TAUGHT, NEXT, AFTER = 20252, 20261, 20262, 20271
TERMS = [
    Term(id=code, code=code, name=str(code), starts_on=TODAY + timedelta(weeks=weeks), weeks=18)
    for code, weeks in ((OVER, -40), (TAUGHT, -12), (NEXT, 12), (AFTER, 40))
]


def span(term: int, opens: float, closes: float) -> Span:
    """In days from now."""
    return Span(term, NOW + timedelta(days=opens), NOW + timedelta(days=closes))


@pytest.mark.parametrize(
    ("spans", "chosen"),
    [
        ([], TAUGHT),
        ([span(TAUGHT, -90, -80)], TAUGHT),
        ([span(TAUGHT, -1, 1)], TAUGHT),
        # open before to come
        ([span(TAUGHT, -90, -80), span(NEXT, -1, 1)], NEXT),
        ([span(TAUGHT, 1, 2), span(NEXT, -1, 1)], NEXT),
        ([span(TAUGHT, -1, 1), span(NEXT, 1, 2)], TAUGHT),
        # of several that are open the newest
        ([span(NEXT, -1, 1), span(TAUGHT, -2, 3), span(AFTER, -9, -8)], NEXT),
        # of several to come the first
        ([span(AFTER, 2, 3), span(NEXT, 1, 4), span(TAUGHT, -90, -80)], NEXT),
        # one to come before one that is closed
        ([span(TAUGHT, 1, 2), span(NEXT, -3, -2)], TAUGHT),
        # between two rounds, and while the draw is on, it stays
        ([span(TAUGHT, -90, -80), span(NEXT, -3, -2)], NEXT),
        ([span(TAUGHT, -2, -1), span(NEXT, -9, -8)], TAUGHT),
        # terms that are over are nobody's to choose in
        ([span(OVER, -1, 1)], TAUGHT),
        ([span(OVER, 1, 2), span(NEXT, 9, 10)], NEXT),
        # it opens and it closes in this very moment
        ([span(NEXT, 0, 1), span(TAUGHT, -1, 1)], NEXT),
        ([span(NEXT, -1, 0), span(TAUGHT, -1, 1)], TAUGHT),
        ([span(12345, -1, 1)], TAUGHT),
    ],
)
def test_the_term_of_selection(spans: list[Span], chosen: int) -> None:
    found = selecting_term(TERMS, spans, NOW, TODAY)
    assert found is not None
    assert found.code == chosen


def test_without_terms_to_come_the_last_one() -> None:
    found = selecting_term(TERMS, [span(NEXT, -900, -800)], NOW, date(2040, 1, 1))
    assert found is not None
    assert found.code == AFTER
    assert selecting_term([], [span(NEXT, -1, 1)], NOW, TODAY) is None


def test_the_next_turn_is_the_first_time_ahead() -> None:
    spans = [span(TAUGHT, -2, 3), span(NEXT, 1, 9), span(OVER, -9, -8)]
    assert next_turn(spans, NOW) == NOW + timedelta(days=1)
    assert next_turn(spans, NOW + timedelta(days=1)) == NOW + timedelta(days=3)
    assert next_turn([span(TAUGHT, -2, -1)], NOW) is None
