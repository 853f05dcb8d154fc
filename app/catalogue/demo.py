"""The demo campus's catalogue: two terms, courses, sections, study plans, credits, and a round that is open now.

Repeatable: what is there is left alone, students who came later get their credits and finished courses, and a new
round is opened when none can be used any more. A small campus gets a small catalogue; it does not grow afterwards.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.catalogue.demo_catalogue import seed_courses, seed_sections
from app.catalogue.demo_courses import plan_courses
from app.catalogue.demo_people import seed_people, seed_plans
from app.catalogue.models import Term
from app.catalogue.selection_models import SelectionRound
from app.catalogue.terms import all_terms, current_term
from app.extensions.ids import Snowflakes
from app.extensions.services import Services
from app.org.models import Student

# The whole catalogue from this many students on, in proportion below.
FULL_CAMPUS = 10_000
COURSES, SECTIONS = 1200, 3000
FEWEST_COURSES, FEWEST_SECTIONS = 60, 150
WEEKS = 18
WEEKS_LEFT = 4  # of the current term, at least: this one and three more
WEEK = timedelta(weeks=1)


def seed_demo(services: Services) -> None:
    """Load what is missing of the catalogue."""
    now = services.clock.now()
    zone = services.settings.campus_timezone
    with services.db.transaction() as session:
        size = min(FULL_CAMPUS, session.scalar(select(func.count()).select_from(Student)) or 0) / FULL_CAMPUS
        courses = plan_courses(max(FEWEST_COURSES, round(COURSES * size)))
        if not session.scalar(select(func.count()).select_from(Term)):
            _, current = seed_terms(session, services.ids, now.astimezone(zone).date())
            by_code = seed_courses(session, services.ids, courses)
            count = max(FEWEST_SECTIONS, round(SECTIONS * size))
            seed_sections(session, services.ids, current, courses, by_code, count, zone)
        past, current = _known_terms(session, now.astimezone(zone).date())
        seed_plans(session, services.ids)
        seed_people(session, services.ids, past, current)
        _open_round(session, services.ids, current.id, now)


def seed_terms(session: Session, ids: Snowflakes, today: date) -> tuple[Term, Term]:
    """(past, current) terms around a day; the current one is taught on that day, and for some weeks more."""
    year, half = _half_year(today)
    before = (year, 1) if half == 2 else (year - 1, 2)
    terms = [_term(ids.next_id(), *one) for one in (before, (year, half))]
    terms[1].starts_on = within_term(terms[1].starts_on, today)
    session.add_all(terms)
    session.flush()
    return terms[0], terms[1]


def within_term(starts_on: date, today: date) -> date:
    """The Monday on which the term begins: another one in the holidays and in the last weeks, when there would be little to
    try out."""
    monday = today - timedelta(days=today.weekday())
    return min(monday, max(starts_on, monday - (WEEKS - WEEKS_LEFT) * WEEK))


def _known_terms(session: Session, today: date) -> tuple[Term, Term]:
    """The current term and the one before it: others may have been added since the demo campus was."""
    terms = all_terms(session)
    current = current_term(terms, today) or terms[-1]
    before = [one for one in terms if one.code < current.code]
    return (before or [current])[-1], current


def _half_year(today: date) -> tuple[int, int]:
    """(academic year, 1 or 2): the first term is from August to January."""
    if today.month >= 8:
        return today.year, 1
    return today.year - 1, 1 if today.month == 1 else 2


def _term(term_id: int, year: int, half: int) -> Term:
    about = date(year, 9, 1) if half == 1 else date(year + 1, 2, 22)
    free = (date(year, 10, 1), 7) if half == 1 else (date(year + 1, 5, 1), 5)
    return Term(
        id=term_id,
        code=year * 10 + half,
        name=f"{year}–{year + 1} 学年第{'一二'[half - 1]}学期",
        starts_on=about - timedelta(days=about.weekday()),
        weeks=WEEKS,
        teaching_free_days=[(free[0] + timedelta(days=day)).isoformat() for day in range(free[1])],
    )


def _open_round(session: Session, ids: Snowflakes, term_id: int, now: datetime) -> None:
    """A round for a week from now, unless one is open or to come."""
    rounds = select(func.count()).select_from(SelectionRound)
    if session.scalar(rounds.where(SelectionRound.closes_at > now, SelectionRound.is_deleted.is_(False))):
        return
    last = session.scalar(select(func.max(SelectionRound.round_no)).where(SelectionRound.term_id == term_id)) or 0
    opens_at = now.replace(second=0, microsecond=0)
    session.add(
        SelectionRound(
            id=ids.next_id(),
            term_id=term_id,
            round_no=last + 1,
            opens_at=opens_at,
            closes_at=opens_at + WEEK,
            drop_until=opens_at + 2 * WEEK,
            mode="fcfs",
            tips="先到先得。请先核对培养方案和先修课要求；退课截止时间晚于选课截止时间一周。",
            state="published",
        )
    )
