"""A round as a student sees it, for the manager who is asked why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission, Role
from app.catalogue.models import Section
from app.catalogue.rounds import RoundView, phase_at
from app.enrolment.permits.people import Person, student_named
from app.enrolment.rounds.locking import find_round
from app.enrolment.rounds.showing import Personal, personal
from app.enrolment.standings import SectionStanding, standings_of
from app.extensions.services import Services
from app.org.queries import standing_of

AT_ONCE = 500
# About the time, not about the section: what would stand against it while the round is open is asked for.
_OF_THE_TIME = frozenset({"not_open", "closed", "frozen", "wishes_only"})


@dataclass(frozen=True, slots=True)
class AsStudent:
    """`free` sections have a seat, `queued` only a place in the line, `held` are the student's own (or on their way);
    `refused`: code → how many have that as the first problem."""

    round: RoundView
    person: Person
    mine: Personal
    sections: int
    held: int
    free: int
    queued: int
    refused: Mapping[str, int]


def as_student(services: Services, engine: Engine, actor: Actor, round_id: int, username: str) -> AsStudent:
    """By every rule of admission but the time. Raises RoundNotFoundError, StudentUnknownError."""
    actor.require(Permission.ROUNDS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        one = find_round(session, round_id)
        person = student_named(session, username)
        place = standing_of(session, person.id)
        mine = personal(session, one, person.id, place)
        published = select(Section.id).where(Section.term_id == one.term_id, Section.state == "published")
        sections = sorted(session.scalars(published.where(Section.is_deleted.is_(False))))
    student = Actor.of(person.id, person.username, Role.STUDENT, 0, place)
    found: Counter[str] = Counter()
    for at in range(0, len(sections), AT_ONCE):
        some = standings_of(services, engine, student, sections[at : at + AT_ONCE])
        found.update(_verdict(standing) for standing in some)
    counts = {name: found.pop(name, 0) for name in ("held", "free", "queued")}
    view = RoundView(one, phase_at(one, services.clock.now()))
    return AsStudent(view, person, mine, len(sections), **counts, refused=dict(found))


def _verdict(standing: SectionStanding) -> str:
    if standing.claim is not None:
        return "held"
    problems = [problem.code for problem in standing.problems if problem.code not in _OF_THE_TIME]
    if problems:
        return problems[0]
    return "queued" if standing.would_wait else "free"
