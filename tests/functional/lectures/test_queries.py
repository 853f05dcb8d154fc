"""The public list and detail: filters, paging, seats, and how MariaDB reads them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.dialects import mysql

from app.extensions.services import Services
from app.lectures.creating import insert_lecture
from app.lectures.draft import LectureDraft
from app.lectures.queries import LectureFilter, listing
from app.org.audience import Audience
from blueprints.paging import make_cursor
from ops.stack import Stack
from tests.factories import make_place
from tests.functional.lectures.conftest import Desk, Hall, Maker, sample, without_redis

URL = "/api/lectures"


def titles(client: FlaskClient, query: str = "") -> list[str]:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.json
    return [one["title"] for one in answer.json["items"]]


def test_phases(make: Maker, client: FlaskClient, services: Services, desk: Desk) -> None:
    now, hour, day = services.clock.now(), timedelta(hours=1), timedelta(days=1)
    soon = {"starts_at": now + day, "ends_at": now + day + hour}
    make(title="open", **soon)
    make(title="upcoming", opens_at=now + hour, starts_at=now + 2 * day, ends_at=now + 2 * day + hour)
    make(
        title="closed", closes_at=now - hour, opens_at=now - day, starts_at=now + 3 * day, ends_at=now + 3 * day + hour
    )
    past = {"opens_at": now - 3 * day, "closes_at": now - 2 * day}
    make(title="past", **past, starts_at=now - day, ends_at=now - day + hour)
    make(title="older", **past, starts_at=now - 2 * day, ends_at=now - 2 * day + hour)
    make(title="running", **past, starts_at=now - hour, ends_at=now + hour)
    make(title="draft", state="draft", **soon)
    assert titles(client) == ["running", "open", "upcoming", "closed"]
    assert titles(client, "phase=open") == ["open"]
    assert titles(client, "phase=upcoming") == ["upcoming"]
    assert titles(client, "phase=closed") == ["running", "closed"]
    assert titles(client, "phase=past") == ["past", "older"]
    every = [one["title"] for one in desk.get("/api/manage/lectures").json["items"]]
    assert every[:2] == ["closed", "upcoming"]
    assert set(every) == {"open", "upcoming", "closed", "past", "older", "running", "draft"}
    assert [one["title"] for one in desk.get("/api/manage/lectures?state=draft").json["items"]] == ["draft"]
    since, until = (quote((now + days * day).isoformat()) for days in (-1.5, 1.5))
    assert titles(client, f"from={since}&to={until}") == ["past", "running", "open"]


def test_words(make: Maker, client: FlaskClient) -> None:
    make(title="量子计算 100%")
    make(title="b", speaker="量子 教授")
    make(title="c", place="量子楼_1")
    make(title="100 things")
    assert titles(client, f"q={quote('量子')}") == ["量子计算 100%", "b", "c"]
    assert titles(client, "q=100%25") == ["量子计算 100%"]
    assert titles(client, "q=_1") == ["c"]
    assert titles(client, "q=nothing") == []


def test_of_a_college(make: Maker, client: FlaskClient, services: Services) -> None:
    place, other = make_place(services), make_place(services)
    here, there = frozenset({place.college_id}), frozenset({other.college_id})
    make(title="all")
    make(title="only here", restriction=Audience("only", colleges=here))
    make(title="only there", restriction=Audience("only", colleges=there))
    make(title="not here", restriction=Audience("except", colleges=here))
    make(title="not there", restriction=Audience("except", colleges=there))
    make(title="a class here", restriction=Audience("only", classes=frozenset({place.class_id})))
    make(title="a class there", restriction=Audience("only", classes=frozenset({other.class_id})))
    make(title="a grade", restriction=Audience("only", grades=frozenset({2024})))
    found = titles(client, f"college_id={place.college_id}")
    assert found == ["all", "only here", "not there", "a class here", "a grade"]
    assert titles(client, "college_id=1") == ["all", "not here", "not there", "a grade"]


@pytest.mark.parametrize("path", [URL, "/api/manage/lectures"])
def test_pages_hold_everything_once(make: Maker, desk: Desk, services: Services, path: str) -> None:
    now = services.clock.now() + timedelta(days=2)
    # several at the very same moment: the id decides
    for number in range(7):
        starts_at = now + timedelta(hours=number // 3)
        make(title=str(number), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))
    seen: list[str] = []
    cursor = ""
    while True:
        page = desk.get(f"{path}?limit=2{cursor}").json
        seen += [one["title"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={quote(page['next_cursor'])}"
    expected = [str(number) for number in range(7)]
    assert seen == (expected if path == URL else expected[::-1])


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=x", "phase=now", "college_id=x", "college_id=9223372036854775808",
        "from=2026-01-01", "from=2026-01-01T00:00:00", "to=9999-12-31T23:59:59-12:00", "q=" + "x" * 101, "q=%00",
        "cursor=x", "cursor=" + make_cursor(1), "cursor=" + make_cursor("a", 2), "cursor=" + make_cursor(1, -1),
        "cursor=" + make_cursor(2**62, 1), "cursor=" + make_cursor(1.5, 1), "cursor=" + make_cursor(True, True),
        "cursor=%FF", "cursor=W10",
    ],
)  # fmt: skip
def test_bad_queries(client: FlaskClient, desk: Desk, query: str) -> None:
    for answer in (client.get(f"{URL}?{query}"), desk.get(f"/api/manage/lectures?{query}")):
        assert answer.status_code == 422, answer.json
        assert answer.json["code"] == "invalid_input"


def test_seats_when_redis_is_away(make: Maker, hall: Hall, client: FlaskClient, stack: Stack) -> None:
    lecture_id = make(capacity=3).lecture.id
    hall.book(lecture_id, hall.students(5))
    hall.engine.store.redis.hset(f"sr:o:lecture:{lecture_id}", "s:0", 1)  # so that it shows who is asked
    from_redis = client.get(f"{URL}/{lecture_id}").json
    with without_redis(stack):
        from_mariadb = client.get(f"{URL}/{lecture_id}").json
        assert len(titles(client)) == 1
    assert (from_redis["seats_left"], from_redis["waiting"]) == (1, 2)
    assert (from_mariadb["seats_left"], from_mariadb["waiting"]) == (0, 2)


def test_seats_are_never_below_zero(make: Maker, hall: Hall, client: FlaskClient) -> None:
    lecture_id = make().lecture.id
    hall.engine.store.redis.hset(f"sr:o:lecture:{lecture_id}", "s:0", -3)
    assert client.get(f"{URL}/{lecture_id}").json["seats_left"] == 0


def test_unknown(client: FlaskClient, make: Maker) -> None:
    make()
    for path in ("5", "9223372036854775808", "0" * 20, "1.0", "-1"):
        answer = client.get(f"{URL}/{path}")
        assert answer.status_code == 404
    assert client.get(f"{URL}/5").json["code"] == "lecture_not_found"
    assert client.get(f"{URL}/5/calendar.ics").status_code == 404


def explain(services: Services, wanted: LectureFilter, *, later: bool) -> dict[str, Any]:
    """MariaDB's plan for the list's own query."""
    now = services.clock.now()
    after = (now + timedelta(days=5), 1) if later else None
    query = listing(wanted, after, 21, now)
    sql = query.compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True})
    with services.db.transaction() as session:
        session.execute(text("ANALYZE TABLE lecture"))
        row = session.connection().exec_driver_sql(f"EXPLAIN {sql}".replace("%%", "%").replace("%", "%%")).one()
        return dict(row._mapping)


@pytest.fixture
def thousand(services: Services) -> None:
    """Lectures from three weeks ago to three weeks ahead, one an hour."""
    now = services.clock.now()
    with services.db.transaction() as session:
        for number in range(1000):
            starts_at = now + timedelta(hours=number - 500)
            times = {
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(hours=1),
                "closes_at": starts_at,
                "opens_at": starts_at - timedelta(days=2),
            }
            draft = LectureDraft(**{**sample(now, number), **times})
            insert_lecture(session, services.ids, services.ids.next_id(), draft, created_by=1)


@pytest.mark.usefixtures("thousand")
def test_the_list_reads_its_index_in_order(services: Services) -> None:
    """No sorting and no temporary table, on any page of any phase."""
    for phase in (None, "open", "upcoming", "closed", "past"):
        for later in (False, True):
            plan = explain(services, LectureFilter(phase=phase), later=later)
            assert plan["key"] == "ix_lecture_list", (phase, later, plan)
            assert "filesort" not in plan["Extra"], (phase, later, plan)
            assert "temporary" not in plan["Extra"], (phase, later, plan)
