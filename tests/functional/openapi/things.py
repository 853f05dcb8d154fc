"""Something to ask for by id: lectures and sections with seats and without, a round, claims, and the student who has them."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from schemathesis.hooks import HookContext

from app.admission.engine import Engine
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.lectures.creating import create_lecture
from app.lectures.draft import LectureDraft
from tests.factories import actor_for, make_account
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.functional.lectures.conftest import Hall, sample

_DIGITS = re.compile(r"[0-9]{1,19}")
_UUID = re.compile(r"[0-9a-f-]{36}")
# A parameter of several ids, and what each is of.
_LISTS = {"section_ids": "section_id", "ids": "claim_id"}


@dataclass
class Things:
    """`ids`: parameter → ids that there are; each is asked for in its turn. The first of each is the student's."""

    student: Account
    ids: dict[str, list[str]]
    _turns: defaultdict[str, Iterator[int]] = field(default_factory=lambda: defaultdict(itertools.count))

    def in_address(self, context: HookContext, parameters: dict[str, Any]) -> dict[str, Any]:
        """In the place of drawn ids."""
        path = context.operation.path if context.operation else ""
        return {name: self._known(_subject(path, name), value) for name, value in (parameters or {}).items()}

    def in_query(self, _: HookContext, query: dict[str, Any]) -> dict[str, Any]:
        """Lists of ids; all that there are."""
        return {
            name: ",".join(self.ids[_LISTS[name]]) if name in _LISTS else one for name, one in (query or {}).items()
        }

    def in_body(self, _: HookContext, body: Any) -> Any:
        """What a cart, a plan or a swap is of."""
        if not isinstance(body, dict):
            return body
        mine, *others = self.ids["section_id"]
        if isinstance(body.get("sections"), list):
            return {**body, "sections": others[: 1 + len(body["sections"]) % len(others)]}
        if body.keys() >= {"drop", "take"}:
            return {**body, "drop": mine, "take": self._next("take", others[::-1])}
        return body

    def _known(self, subject: str, value: Any) -> Any:
        """One that there is, or (every so often) the value itself. What is no id at all was drawn to be bad, and stays."""
        known = self.ids.get(subject)
        form = _UUID if subject == "claim_id" else _DIGITS
        if not known or not isinstance(value, str) or not form.fullmatch(value):
            return value
        return self._next(subject, [*known, value])

    def _next(self, subject: str, choices: list[str]) -> str:
        return choices[next(self._turns[subject]) % len(choices)]


def _subject(path: str, name: str) -> str:
    """What an id in an address is of: managed things all call theirs row_id."""
    if name == "row_id" and "/sections/{row_id}" in path:
        return "section_id"
    return "claim_id" if path.startswith("/api/claims/") else name


def make_things(services: Services, engine: Engine, client: FlaskClient) -> Things:
    """All of it anew, the student too: whoever asks next finds nothing of it used."""
    hall = Hall(services, engine)
    registry = Registry(services, engine, hall, client)
    registry.open_term()
    course = registry.course()
    sections = [
        registry.section(course, MONDAY_1_2),
        registry.section(None, TUESDAY_1_2),
        registry.section(None, MONDAY_2_3),
        registry.section(course),
        registry.section(capacity=0, line=0),
    ]
    manager = actor_for(services, make_account(services, Role.MANAGER))
    sizes = [{}, {}, {"capacity": 0, "waitlist_capacity": 0}]
    drafts = [LectureDraft(**{**sample(services.clock.now(), number), **size}) for number, size in enumerate(sizes)]
    lectures = [create_lecture(services, engine, manager, draft, guard_room=False).lecture.id for draft in drafts]
    student = registry.student()
    claims = [hall.book(lectures[0], [student])[0].id, registry.settled(student, sections[0]).id]
    numbers = {"lecture_id": lectures, "section_id": sections, "round_id": [registry.round]}
    return Things(student, {name: [str(one) for one in ids] for name, ids in numbers.items()} | {"claim_id": claims})
