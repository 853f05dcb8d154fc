"""Accounts of lectures: what admission knows of a student in a term, and the rows that settle locks."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select, text, tuple_, update
from sqlalchemy.orm import Session

from app.admission.accounts import version_now
from app.admission.kinds import Account
from app.catalogue.terms import current_terms
from app.extensions import bulk
from app.extensions.clock import CampusClock
from app.extensions.ids import Snowflakes
from app.lectures.models import Lecture
from app.lectures.quota.counting import Place, missed_by
from app.lectures.quota.models import LectureAccount
from app.lectures.quota.rules import stored_rules

_KEY = {"student_id": "BIGINT", "term_id": "BIGINT"}
_READ = bulk.rows_by_key("lecture_account", tuple(_KEY), _KEY, "uq_lecture_account_student")
LOCK = text(_READ + " FOR UPDATE").columns(LectureAccount.student_id, LectureAccount.term_id)
# Whoever holds pools already must not wait for an account, or two of them would wait for each other.
TRY = text(_READ + " FOR UPDATE NOWAIT").columns(LectureAccount.student_id, LectureAccount.term_id)
_OPEN = bulk.insert_statement("lecture_account", {"id": "BIGINT", **_KEY}, skip_known=True)


def open_accounts(session: Session, ids: Snowflakes, places: Collection[Place]) -> None:
    """Give these (student, term) the row that they lack."""
    bulk.run(session, _OPEN, [(ids.next_id(), *place) for place in sorted(places)])


def mark_used(session: Session, places: Collection[Place]) -> None:
    """Write to these rows, which are locked: two members of a Galera cluster know of each other's transactions by what they
    wrote, never by what they locked."""
    key = tuple_(LectureAccount.student_id, LectureAccount.term_id)
    session.execute(update(LectureAccount).where(key.in_(sorted(places))).values(update_time=func.now(6)))


def scopes_in_use(session: Session) -> list[int]:
    """Terms that are not over and in which lectures count."""
    query = select(Lecture.scope_term).distinct().where(Lecture.scope_term.in_(current_terms(session)))
    return [term for term in session.scalars(query) if term is not None]


def rosters_of(session: Session) -> Mapping[int, str]:
    """Term → what everybody's account in it depends on: the rules, and the lectures that somebody may have missed."""
    scopes = scopes_in_use(session)
    if not scopes:
        return {}
    rules = stored_rules(session)
    over = select(Lecture.scope_term, func.count()).where(
        Lecture.scope_term.in_(scopes), Lecture.ends_at <= CampusClock().now(), Lecture.state == "published"
    )
    ended = {row[0]: row[1] for row in session.execute(over.group_by(Lecture.scope_term))} if rules.no_shows else {}
    return {term: f"{rules.quota}:{rules.no_shows}:{ended.get(term, 0)}" for term in scopes}


def accounts_of(session: Session, users: Collection[int] | None, scopes: Collection[int] | None) -> Sequence[Account]:
    """The accounts of these students (None: of all who have a row) in these terms, or (None) those in use."""
    version = version_now(session)  # before the reads: see Kind.accounts
    scopes = scopes_in_use(session) if scopes is None else scopes
    rules = stored_rules(session)
    places = _rows(session, scopes) if users is None else [(user, term) for user in users for term in scopes]
    missed = missed_by(session, places) if rules.no_shows else {}
    barred = {place: str(count) for place, count in missed.items() if rules.bars(count)}
    return [Account(term, user, rules.limit, (), barred.get((user, term), ""), version) for user, term in places]


def _rows(session: Session, scopes: Collection[int]) -> list[Place]:
    query = select(LectureAccount.student_id, LectureAccount.term_id).where(LectureAccount.term_id.in_(scopes))
    return [(row[0], row[1]) for row in session.execute(query)]
