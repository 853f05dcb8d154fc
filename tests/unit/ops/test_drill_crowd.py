"""Students of a drill: what they wait for, and what of theirs contradicts what is stored."""

from __future__ import annotations

import gevent
import pytest

from app.admission.claims import Standing
from app.catalogue.models import KIND as SECTION
from app.lectures.models import KIND as LECTURE
from ops.drills import told
from ops.drills.crowd import AS_THE_PAGES, EAGER, Crowd, Pace
from ops.drills.ledgers import Books
from ops.drills.wishes import Answer, Student, Wish


def waits_before_it_is_sent_again(monkeypatch: pytest.MonkeyPatch, pace: Pace, first: Answer) -> list[float]:
    waited: list[float] = []
    answers = iter([first, Answer(409, {"code": "sold_out"})])
    crowd = Crowd(("127.0.0.1", 1), pace=pace)
    monkeypatch.setattr(crowd, "_ask", lambda *_, **__: next(answers))
    monkeypatch.setattr(gevent, "sleep", waited.append)
    assert crowd.pursue(crowd.wish(Student(1, ""), 1)) is None
    return waited


@pytest.mark.parametrize("pace", [EAGER, AS_THE_PAGES])
def test_who_is_told_to_wait_does(monkeypatch: pytest.MonkeyPatch, pace: Pace) -> None:
    (waited,) = waits_before_it_is_sent_again(monkeypatch, pace, Answer(429, {}, retry_after=4))
    assert 4.0 <= waited <= 5.0


@pytest.mark.parametrize(("pace", "least", "most"), [(EAGER, 0.03, 0.07), (AS_THE_PAGES, 0.4, 0.8)])
def test_who_is_not_told_goes_by_the_pace(
    monkeypatch: pytest.MonkeyPatch, pace: Pace, least: float, most: float
) -> None:
    (waited,) = waits_before_it_is_sent_again(monkeypatch, pace, Answer(503, {}))
    assert least <= waited <= most


@pytest.mark.parametrize(
    ("kind", "state", "wrong"),
    [
        (LECTURE, "rejected", False),
        (LECTURE, "expired", True),
        (SECTION, "expired", False),
        (SECTION, "confirmed", True),
        (SECTION, "waitlisted", True),
    ],
)
def test_a_refusal_beside_what_is_stored(kind: str, state: str, wrong: bool) -> None:
    wish = Wish(Student(1, ""), 1, "book", "key", kind=kind)
    wish.answers = [Answer(409, {"code": "timetable_clash"})]
    stored = Standing(
        id=wish.claim_id, kind=kind, offering_id=1, user_id=1, pool="0", action="book", state=state, version=1
    )
    found = list(told.told_wrong([wish], Books({wish.claim_id: stored}, [], {}, {})))
    assert (found != []) == wrong
