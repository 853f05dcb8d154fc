"""A quota of lectures per student and term: at admission, in settle, for those who wait, and while it is changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.admission import rebuild
from app.catalogue.models import Term
from app.lectures.editing import edit_lecture
from app.lectures.quota.errors import LectureQuotaError
from app.lectures.quota.judging import Quotas
from tests.factories import bearer
from tests.functional.lectures.conftest import Hall, Maker
from tests.functional.lectures.quotas import Season, season_of
from tests.functional.lectures.test_standing import standing
from tests.lua_guards import spoiling


@pytest.fixture
def season(hall: Hall) -> Season:
    return season_of(hall)


@pytest.fixture
def spoil(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    yield from spoiling(hall.engine, monkeypatch)


@pytest.fixture
def three(season: Season, make: Maker) -> list[int]:
    """Lectures of a term with a quota of two."""
    season.set("lecture_quota", 2)
    return [make().lecture.id for _ in range(3)]


def test_one_too_many_is_refused_with_what_one_has(season: Season, three: list[int], client: FlaskClient) -> None:
    """Also while the others are still on their way."""
    services = season.hall.services
    [student] = season.hall.students(1)
    for lecture in three[:2]:
        season.book(student, lecture)
    headers = {**bearer(services, student), "Idempotency-Key": "key-third-1", "Accept-Language": "zh"}
    answer = client.post(f"/api/lectures/{three[2]}/bookings", headers=headers)
    assert (answer.status_code, answer.json["code"]) == (409, "lecture_quota")
    assert (answer.json["limit"], answer.json["used"]) == (2, 2)
    assert answer.json["detail"] == "本学期最多可预约 2 场讲座，你已预约 2 场。"
    again = client.post(f"/api/lectures/{three[2]}/bookings", headers={**headers, "Accept-Language": "en"})
    assert (again.status_code, again.json["code"], again.json["used"]) == (409, "lecture_quota", 2)
    found = standing(client, services, student, three[2])
    assert (found["eligible"], found["reason"]) == (True, "lecture_quota")
    assert found["quota"] == {"limit": 2, "used": 2, "missed": 0, "reason": "lecture_quota"}
    season.hall.settle()
    assert season.seats(student) == set(three[:2])
    assert standing(client, services, student, three[0])["reason"] is None  # he has this one
    assert season.differences() == []


def test_a_cancellation_frees(season: Season, three: list[int]) -> None:
    [student] = season.hall.students(1)
    assert season.settled(student, *three[:2]) == ["confirmed", "confirmed"]
    with pytest.raises(LectureQuotaError):
        season.book(student, three[2])
    season.cancel(student, three[0])
    assert season.settled(student, three[2]) == ["confirmed"]
    assert season.seats(student) == set(three[1:])
    assert season.differences() == []


def test_past_redis_settle_has_the_last_word(season: Season, three: list[int]) -> None:
    """In one batch, in a second one, and for each student alone."""
    one, other = season.hall.students(2)
    claims = [season.unseen(one, lecture, at) for at, lecture in enumerate(three)] + [season.unseen(other, three[2])]
    season.hall.settle(claims)
    assert [season.state(claim.id) for claim in claims] == ["confirmed"] * 2 + ["rejected lecture_quota", "confirmed"]
    again = replace(claims[2], id="0" * 8 + claims[2].id[8:])
    season.hall.settle([again])
    assert season.state(again.id) == "rejected lecture_quota"
    assert season.differences() == []


def test_without_the_guard_in_redis_settle_decides_and_without_both_nobody(
    season: Season, three: list[int], spoil: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = season.hall.students(2)
    spoil("over_limit")
    assert season.settled(one, *three) == ["confirmed", "confirmed", "rejected lecture_quota"]
    monkeypatch.setattr(Quotas, "refusal", lambda *_: None)
    assert season.settled(other, *three) == ["confirmed"] * 3
    assert len(season.seats(other)) == 3  # what the guards keep away


@pytest.mark.parametrize("known", [True, False])
def test_two_transactions_at_once_see_each_other(
    season: Season, make: Maker, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Two lectures are settled by two consumers. `known`: the second knows whose accounts to lock before the pools; else
    it finds out under them, and runs again."""
    season.set("lecture_quota", 1)
    student, other = season.hall.students(2)
    pair = [make().lecture.id for _ in range(2)]
    if known:
        season.hall.settle([season.unseen(season.hall.students(1)[0], one) for one in pair])
    assert season.settle_at_once(student, pair) == ["confirmed", "rejected lecture_quota"]
    monkeypatch.setattr(Quotas, "_lock", lambda *_: None)
    assert season.settle_at_once(other, pair) == ["confirmed", "confirmed"]  # what the lock keeps away


def test_a_place_in_the_line_does_not_count_and_a_promotion_asks_again(season: Season, make: Maker) -> None:
    season.set("lecture_quota", 1)
    full, other = make(capacity=1, waitlist_capacity=5).lecture.id, make().lecture.id
    holder, first, second = season.hall.students(3)
    assert season.settled(holder, full) == ["confirmed"]
    waits = [season.book(one, full) for one in (first, second)]
    season.hall.settle()
    assert [season.state(one) for one in waits] == ["waitlisted", "waitlisted"]
    assert season.settled(first, other) == ["confirmed"]
    season.cancel(holder, full)
    assert (season.seats(first), season.seats(second)) == ({other}, {full})
    assert [season.state(one) for one in waits] == ["expired lecture_quota", "confirmed"]
    assert season.differences() == []


def test_turned_on_changed_and_turned_off_while_open(season: Season, make: Maker, client: FlaskClient) -> None:
    services = season.hall.services
    lectures = [make().lecture.id for _ in range(5)]
    [student] = season.hall.students(1)
    assert season.settled(student, *lectures[:2]) == ["confirmed"] * 2
    season.set("lecture_quota", 2)  # what was booked before counts
    assert [season.scope(one) for one in lectures] == [str(season.term)] * 5
    with pytest.raises(LectureQuotaError):
        season.book(student, lectures[2])
    assert season.differences() == []
    season.set("lecture_quota", 3)
    assert season.account(student)["limit"] == "30"
    assert season.settled(student, lectures[2]) == ["confirmed"]
    season.set("lecture_quota", 1)  # nothing is taken away
    assert standing(client, services, student, lectures[3])["quota"] == {
        "limit": 1,
        "used": 3,
        "missed": 0,
        "reason": "lecture_quota",
    }
    assert len(season.seats(student)) == 3
    season.set("lecture_quota", 0)
    assert [season.scope(one) for one in lectures] == [""] * 5
    assert not any(name.startswith("h:") for name in season.account(student))
    assert season.settled(student, *lectures[3:]) == ["confirmed"] * 2
    assert season.follow() == 0


def test_without_a_quota_nothing_is_counted(season: Season, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    lectures = [make().lecture.id for _ in range(3)]
    monkeypatch.setattr(Quotas, "_rows", None)  # MariaDB is asked nothing
    monkeypatch.setattr(Quotas, "_refusal", None)
    assert season.follow() == 0
    [student] = season.hall.students(1)
    assert season.settled(student, *lectures) == ["confirmed"] * 3
    redis = season.hall.engine.store.redis
    assert (redis.keys("sr:a:*"), redis.exists("sr:scopes"), redis.exists("sr:rosters")) == ([], 0, 0)
    assert ([season.scope(one) for one in lectures], season.rows()) == ([""] * 3, 0)


def test_a_lecture_outside_all_terms_counts_nowhere(season: Season, three: list[int], make: Maker) -> None:
    now = season.hall.services.clock.now()
    far = {"starts_at": now + timedelta(days=300), "ends_at": now + timedelta(days=300, hours=1)}
    lectures = [make(**far).lecture.id for _ in range(2)]
    [student] = season.hall.students(1)
    assert season.settled(student, *three[:2], *lectures) == ["confirmed"] * 4
    edit_lecture(season.hall.services, season.hall.engine, season.admin, three[0], far)
    assert season.settled(student, three[2]) == ["confirmed"]  # one of the two was put off beyond the term
    assert season.scope(three[0]) == ""
    assert season.differences() == []


def test_a_term_that_is_moved_takes_its_lectures_along(season: Season, three: list[int]) -> None:
    with season.hall.services.db.transaction() as session:
        session.get_one(Term, season.term).starts_on += timedelta(weeks=10)
    assert season.follow() == 3
    assert [season.scope(one) for one in three] == [""] * 3


def test_after_a_rebuild_everything_is_as_before(
    season: Season, three: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lecture that is over among them: it counts until the term is."""
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)  # nothing is on its way, and no consumer answers the barriers
    [student] = season.hall.students(1)
    season.settled(student, *three[:2])
    season.end(three[0])
    season.hall.engine.loader.unload_past()
    with pytest.raises(LectureQuotaError):
        season.book(student, three[2])
    assert season.differences() == []
    season.hall.engine.watch.rebuild()
    assert season.differences() == []
    assert season.account(student)["used"] == "20"
    with pytest.raises(LectureQuotaError):
        season.book(student, three[2])
