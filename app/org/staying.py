"""Students who shall stay while something is decided for them: whoever leaves ends all that he holds, and must see it."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.extensions import bulk
from app.org.models import Student, StudentStatus

# The index is named: a scan of a small table would hold everybody.
_HOLD = text(
    "SELECT s.account_id, s.status, s.is_deleted FROM "  # noqa: S608 - only constants
    + bulk.json_table({"account_id": "BIGINT"})
    + " AS k STRAIGHT_JOIN student AS s FORCE INDEX (uq_student_account_id) ON s.account_id = k.account_id"
    " LOCK IN SHARE MODE"
).columns(Student.account_id, Student.status, Student.is_deleted)


def hold_students(session: Session, account_ids: Collection[int]) -> set[int]:
    """Hold these students' rows, shared, until the transaction ends: before accounts and pools, as withdrawing does
    (app/org/people/withdrawing.py). Returns those who have left already.
    """
    rows = bulk.run(session, _HOLD, [(one,) for one in sorted(account_ids)]) if account_ids else ()
    return {row.account_id for row in rows if row.is_deleted or row.status == StudentStatus.WITHDRAWN}
