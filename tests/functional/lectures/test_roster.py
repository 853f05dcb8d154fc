"""The roster, on the page and as a file."""

from __future__ import annotations

import csv
import io
from urllib.parse import quote

from app.extensions.services import Services
from app.lectures.booking import cancel
from tests.factories import actor_for, bearer, make_account
from tests.functional.lectures.conftest import Desk, Hall, Maker


def test_who_has_a_seat_and_who_waits(make: Maker, hall: Hall, desk: Desk, services: Services) -> None:
    lecture_id = make(capacity=2).lecture.id
    students = hall.students(4, display_name="王芳")
    claims = hall.book(lecture_id, students)
    url = f"/api/manage/lectures/{lecture_id}/bookings"
    rows = desk.get(url).json["items"]
    assert [(one["state"], one["position"]) for one in rows] == [
        ("confirmed", None),
        ("confirmed", None),
        ("waitlisted", 1),
        ("waitlisted", 2),
    ]
    assert [one["claim_id"] for one in rows] == [one.id for one in claims]
    first = rows[0]
    assert first["username"] == students[0].username
    assert first["student_id"] == first["student_no"] != first["username"]
    assert (first["display_name"], first["class_name"]) == ("王芳", "软工2401班")
    assert first["decided_at"].endswith("+08:00")
    assert first["checked_in_at"] is None

    cancel(hall.engine, actor_for(services, students[0]), lecture_id, "key-cancel-1")
    hall.settle()
    rows = desk.get(url).json["items"]
    assert [(one["state"], one["position"]) for one in rows] == [
        ("cancelled", None),
        ("confirmed", None),
        ("confirmed", None),
        ("waitlisted", 1),
    ]
    assert [one["claim_id"] for one in desk.get(f"{url}?state=waitlisted").json["items"]] == [claims[3].id]


def test_pages(make: Maker, hall: Hall, desk: Desk) -> None:
    lecture_id = make(capacity=3, waitlist_capacity=5).lecture.id
    claims = hall.book(lecture_id, hall.students(5))
    url, cursor, seen = f"/api/manage/lectures/{lecture_id}/bookings?limit=2", "", []
    while cursor is not None:
        page = desk.get(f"{url}&cursor={quote(cursor)}" if cursor else url).json
        seen += [one["claim_id"] for one in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [one.id for one in claims]


def test_the_file(make: Maker, hall: Hall, desk: Desk, services: Services) -> None:
    lecture_id = make().lecture.id
    students = [
        *hall.students(1, display_name='=HYPERLINK("http://evil","x")'),
        *hall.students(1, display_name="李,雷"),
    ]
    hall.book(lecture_id, students)
    answer = desk.get(f"/api/manage/lectures/{lecture_id}/bookings.csv")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="lecture-{lecture_id}.csv"'
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert [row[2] for row in rows[1:]] == ['\'=HYPERLINK("http://evil","x")', "李,雷"]


def test_somebody_without_a_students_record(make: Maker, hall: Hall, desk: Desk, services: Services) -> None:
    """The booking outlives the record; the username stands in for the number."""
    lecture_id = make().lecture.id
    [student] = hall.students(1)
    hall.book(lecture_id, [student])
    with services.db.transaction() as session:
        session.connection().exec_driver_sql("DELETE FROM student")
    [row] = desk.get(f"/api/manage/lectures/{lecture_id}/bookings").json["items"]
    assert (row["student_id"], row["student_no"], row["class_name"]) == (student.username, None, None)


def test_who_may_see_it(make: Maker, desk: Desk, services: Services) -> None:
    lecture_id = make().lecture.id
    url = f"/api/manage/lectures/{lecture_id}/bookings"
    for path in (url, f"{url}.csv"):
        assert desk.client.get(path).status_code == 401
        student = bearer(services, make_account(services))
        assert desk.client.get(path, headers=student).status_code == 403
        assert desk.get(path.replace(str(lecture_id), "5")).status_code == 404
    assert desk.get(f"{url}?state=pending").status_code == 422
    assert desk.get(f"{url}?cursor=W10=").status_code == 422
