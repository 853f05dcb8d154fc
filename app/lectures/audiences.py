"""What a lecture's audiences name must be there."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.errors import InvalidInputError
from app.lectures.draft import LectureDraft
from app.org.audiences import unknown_groups


def check_audiences(session: Session, draft: LectureDraft) -> None:
    """Raise InvalidInputError for a restriction or reservation that names what is not there."""
    errors = {
        field: found
        for field, audiences in (
            ("restriction", [draft.restriction]),
            ("reservations", [one.audience for one in draft.reservations]),
        )
        if (found := unknown_groups(session, audiences))
    }
    if errors:
        raise InvalidInputError(errors=errors)
