"""The process that imports is killed in the middle: another goes on, through the real Nginx, web worker and consumer."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from sqlalchemy import text

from tests.campus import Campus

ROWS = 1200


@pytest.mark.parametrize("point", ["import_before_commit", "import_after_commit"])
def test_the_importing_process_is_killed(campus: Campus, point: str) -> None:
    place = campus.place(f"导入学院 {point}")
    with campus.services.db.transaction() as session:
        session.execute(
            text("UPDATE school_class SET name = :name WHERE id = :id"), {"name": point, "id": place.class_id}
        )
    prefix = point.replace("_", "-")[7:]
    rows = "".join(f"{prefix}-{n},某某{'，很长的名字' * 5}{n},{point}\r\n" for n in range(ROWS))
    job = _upload(campus, f"学号,姓名,班级\r\n{rows}".encode("gb18030"))
    campus.until(lambda: _get(campus, job)["state"] == "checked", "the check")
    assert _get(campus, job)["encoding"] == "GBK"
    assert _students(campus, place.class_id) == 0
    campus.fault(point, "kill")
    assert _ask(campus, "POST", f"/{job}/confirm", json={}).status_code == 202
    campus.fault_met(point)
    _let_the_lease_of_whoever_died_run_out(campus, job)
    campus.until(lambda: _get(campus, job)["state"] == "done", "the end of the import")
    done = _get(campus, job)
    assert (done["done"], done["errors"], done["changes"]) == (ROWS, 0, {"new": ROWS, "changed": 0, "same": 0})
    assert _students(campus, place.class_id) == ROWS


def _let_the_lease_of_whoever_died_run_out(campus: Campus, job: str) -> None:
    with campus.services.db.transaction() as session:
        session.execute(text("UPDATE import_job SET leased_until = UTC_TIMESTAMP(6) WHERE id = :id"), {"id": job})


def _ask(campus: Campus, method: str, path: str = "", **options: Any) -> requests.Response:
    url = f"http://127.0.0.1:{campus.stack.config.ports.http}/api/manage/imports{path}"
    return requests.request(method, url, headers={"Authorization": f"Bearer {campus.manager()}"}, timeout=15, **options)


def _upload(campus: Campus, data: bytes) -> str:
    answer = _ask(campus, "POST", data={"kind": "students"}, files={"file": ("students.csv", data)})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def _get(campus: Campus, job: str) -> Any:
    return _ask(campus, "GET", f"/{job}").json()


def _students(campus: Campus, class_id: int) -> int:
    with campus.services.db.transaction() as session:
        return int(session.scalar(text("SELECT COUNT(*) FROM student WHERE class_id = :id"), {"id": class_id}))
