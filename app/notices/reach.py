"""Who hears a notice: the groups that a person belongs to. Pure functions."""

from __future__ import annotations

from app.auth.actor import Actor
from app.notices.models import Scope

# (scope, target), as notice_target has it.
Group = tuple[str, int]

EVERYBODY: Group = (Scope.ALL.value, 0)


def groups_of(actor: Actor) -> list[Group]:
    """The groups whose notices are for this person. Nobody is in two of the same scope, so no notice comes twice."""
    groups = [EVERYBODY, (Scope.STUDENT.value, actor.account_id)]
    place = actor.student
    if place is not None:
        groups += [
            (Scope.COLLEGE.value, place.college_id),
            (Scope.GRADE.value, place.grade),
            (Scope.CLASS.value, place.class_id),
        ]
    return groups
