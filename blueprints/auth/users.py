"""The person behind an account, as the pages show them."""

from __future__ import annotations

from typing import Any

from app.auth.errors import TokenInvalidError
from app.auth.models import Account
from app.extensions.services import Services
from app.org.queries import StudentProfile, profile_of


def describe_user(services: Services, account_id: int) -> dict[str, Any]:
    """The `user` of the API. Raises TokenInvalidError when the account is gone or disabled."""
    with services.breakers.guard("database"), services.db.reading() as session:
        account = session.get(Account, account_id)
        profile = profile_of(session, account_id)
    if account is None or not account.usable:
        raise TokenInvalidError
    return {
        "id": str(account.id),
        "username": account.username,
        "display_name": account.display_name,
        "role": account.role,
        "permissions": sorted(permission.value for permission in account.granted),
        "student": _student(profile) if profile else None,
    }


def _student(profile: StudentProfile) -> dict[str, Any]:
    place = profile.school_class
    return {
        "student_no": profile.student_no,
        "class_id": str(place.id),
        "class_name": place.name,
        "major": place.major,
        "department": place.department,
        "college_id": str(place.college_id),
        "college": place.college,
        "grade": place.grade,
    }
