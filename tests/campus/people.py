"""Students, a manager, lectures, and crowds that book them."""

from __future__ import annotations

from sqlalchemy import insert

from app.auth.actor import Actor, StudentStanding
from app.auth.models import Account
from app.auth.permissions import Role
from app.auth.tokens import AccessTokens
from app.org.models import Student as StudentRow
from ops.drills.crowd import Crowd
from ops.drills.lectures import open_lecture
from ops.drills.wishes import Student
from ops.stack import Stack
from tests.campus.ground import Ground
from tests.factories import Place, make_place


class People(Ground):
    """Who books, and what."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self._tokens: AccessTokens
        self._students: dict[str, list[Student]] = {}
        self._places: dict[str, Place] = {}

    def students(self, count: int, college: str = "计算机学院") -> list[Student]:
        """So many students of a college; the same ones again in another test, whose lecture is another."""
        known = self._students.setdefault(college, [])
        missing = count - len(known)
        if missing > 0:
            known += self._enrol(missing, self.place(college))
        return known[:count]

    def place(self, college: str) -> Place:
        """The college's one class."""
        if college not in self._places:
            self._places[college] = make_place(self.services, college=college)
        return self._places[college]

    def manager(self) -> str:
        """A manager's token."""
        return self._tokens.issue(Actor.of(self.services.ids.next_id(), "m", Role.MANAGER))

    def _enrol(self, count: int, place: Place) -> list[Student]:
        ids = [self.services.ids.next_id() for _ in range(count)]
        with self.services.db.transaction() as session:
            session.execute(
                insert(Account),
                [{"id": one, "username": f"c{one}", "display_name": f"C {one}", "role": "student"} for one in ids],
            )
            session.execute(
                insert(StudentRow),
                [{"id": one, "account_id": one, "student_no": str(one), "class_id": place.class_id} for one in ids],
            )
        standing = StudentStanding(place.class_id, place.major_id, place.department_id, place.college_id, place.grade)
        actors = [Actor.of(one, f"c{one}", Role.STUDENT, 0, standing) for one in ids]
        return [Student(actor.account_id, self._tokens.issue(actor)) for actor in actors]

    def lecture(self, capacity: int, waitlist: int = 0) -> int:
        """A lecture that is open for an hour; returns its id."""
        return open_lecture(self.services, self.engine, capacity, waitlist)

    def crowd(self, seed: int = 1) -> Crowd:
        """Clients for one test."""
        return Crowd(("127.0.0.1", self.stack.config.ports.http), seed)
