"""Hand in wishes (志愿) for a lottery round while it is open, and see what became of them."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.admission.errors import ClosedError, FrozenError, NotOpenError, OnHoldError
from app.auth.actor import Actor
from app.catalogue.errors import RoundNotFoundError, SectionNotFoundError
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import Course, Section
from app.catalogue.sections import section_views
from app.catalogue.selection_models import SelectionRound
from app.enrolment.lottery.errors import NoLotteryError, PointsError
from app.enrolment.lottery.models import WishList, WishRow
from app.enrolment.rounds.current import published
from app.enrolment.rounds.locking import find_round
from app.enrolment.rounds.showing import personal
from app.errors import ConflictError, InvalidInputError
from app.extensions.services import Services

MOST = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish as it is handed in; its place in the list is its priority."""

    section_id: int
    points: int = 0


@dataclass(frozen=True, slots=True)
class WishView:
    """A wish with its section, and when that meets."""

    wish: WishRow
    section: Section
    course: Course
    meetings: tuple[Meeting, ...]


@dataclass(frozen=True, slots=True)
class Wishes:
    """A student's list. `version` 0: never handed in. `lot`: the name under which it stands in the published draw."""

    round: SelectionRound
    version: int
    lot: str
    wishes: Sequence[WishView]


def wishes_of(services: Services, actor: Actor, round_id: int) -> Wishes:
    """One's own. Raises RoundNotFoundError, NoLotteryError."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        return _view(session, _lottery(session, round_id), actor.account_id)


def hand_in(services: Services, actor: Actor, round_id: int, wishes: Sequence[Wish], version: int) -> Wishes:
    """Replace the list, first wish first. `version`: the one that was seen. The same once more, as Nginx may send it, changes
    nothing.

    Raises RoundNotFoundError, NoLotteryError, NotOpenError, ClosedError, FrozenError, OnHoldError, SectionNotFoundError,
    InvalidInputError, PointsError, and ConflictError when another tab was faster (data: the present `version`).
    """
    try:
        return _hand_in(services, actor, round_id, wishes, version)
    except ConflictError:
        present = wishes_of(services, actor, round_id)
        listed = [Wish(one.wish.section_id, one.wish.points) for one in present.wishes]
        if (present.version, listed) != (version + 1, list(wishes)):
            raise
        return present


def _hand_in(services: Services, actor: Actor, round_id: int, wishes: Sequence[Wish], version: int) -> Wishes:
    def write(session: Session) -> Wishes:
        one = _lottery(session, round_id, open_for=(services, actor))
        _check(session, one, wishes)
        listed = _next_version(session, services, one, actor.account_id, version)
        _replace(session, services, one, actor.account_id, wishes)
        return Wishes(one, listed, lot_of(one, actor.account_id), _views(session, one.id, actor.account_id))

    try:
        return services.db.retrying(write)
    except IntegrityError as error:  # the first list of two tabs in the same moment
        raise ConflictError(version=1) from error


def lot_of(one: SelectionRound, student_id: int) -> str:
    """A name that says nothing of the person to whoever lacks the round's key."""
    return hmac.digest(bytes.fromhex(one.lot_key or ""), str(student_id).encode(), hashlib.sha256).hex()[:20]


def _lottery(session: Session, round_id: int, open_for: tuple[Services, Actor] | None = None) -> SelectionRound:
    """The round; `open_for` somebody: locked against its draw, and open to that student now."""
    one = find_round(session, round_id)
    if open_for is not None:
        query = select(SelectionRound).where(SelectionRound.id == round_id).with_for_update(read=True)
        one = session.scalars(query.execution_options(populate_existing=True)).one()
    if not published(one):
        raise RoundNotFoundError
    if one.mode != "lottery":
        raise NoLotteryError(mode=one.mode)
    if open_for is not None:
        _check_open(session, one, *open_for)
    return one


def _check_open(session: Session, one: SelectionRound, services: Services, actor: Actor) -> None:
    """The lock came first: a draw that waits for it will find this list."""
    now, mine = services.clock.now(), personal(session, one, actor.account_id, actor.student)
    if one.frozen:
        raise FrozenError
    if now < mine.not_before:
        raise NotOpenError(opens_at=mine.not_before.isoformat())
    if now >= one.closes_at:
        raise ClosedError
    if mine.hold is not None:
        raise OnHoldError(hold=mine.hold)


def _check(session: Session, one: SelectionRound, wishes: Sequence[Wish]) -> None:
    ids = [wish.section_id for wish in wishes]
    if len(set(ids)) < len(ids):
        raise InvalidInputError(errors={"wishes": ["A section can be wished for once."]})
    known = select(Section.id).where(Section.id.in_(ids), Section.term_id == one.term_id)
    found = session.scalars(known.where(Section.state == "published", Section.is_deleted.is_(False))).all()
    if len(found) < len(ids):
        raise SectionNotFoundError(section_ids=[str(one) for one in ids if one not in found])
    points = sum(wish.points for wish in wishes)
    if points > one.points_limit:
        raise PointsError(points=points, limit=one.points_limit)


def _next_version(session: Session, services: Services, one: SelectionRound, student: int, seen: int) -> int:
    query = select(WishList).where(WishList.round_id == one.id, WishList.student_id == student)
    known = session.scalar(query.with_for_update())
    present = known.version if known else 0
    if seen != present:
        raise ConflictError(version=present)
    if known is None:
        session.add(WishList(id=services.ids.next_id(), round_id=one.id, student_id=student, version=1))
    else:
        known.version += 1
    session.flush()
    return present + 1


def _replace(session: Session, services: Services, one: SelectionRound, student: int, wishes: Sequence[Wish]) -> None:
    session.execute(delete(WishRow).where(WishRow.round_id == one.id, WishRow.student_id == student))
    session.add_all(
        WishRow(
            id=services.ids.next_id(),
            round_id=one.id,
            student_id=student,
            section_id=wish.section_id,
            priority=at,
            points=wish.points,
        )
        for at, wish in enumerate(wishes, 1)
    )
    session.flush()


def _view(session: Session, one: SelectionRound, student: int) -> Wishes:
    query = select(WishList.version).where(WishList.round_id == one.id, WishList.student_id == student)
    return Wishes(one, session.scalar(query) or 0, lot_of(one, student), _views(session, one.id, student))


def _views(session: Session, round_id: int, student: int) -> list[WishView]:
    query = (
        select(WishRow, Section, Course)
        .join(Section, Section.id == WishRow.section_id)
        .join(Course, Course.id == Section.course_id)
        .where(WishRow.round_id == round_id, WishRow.student_id == student)
        .order_by(WishRow.priority)
    )
    rows = [(wish, section, course) for wish, section, course in session.execute(query)]
    known = section_views(session, [(section, course) for _, section, course in rows])
    return [WishView(*row, view.meetings) for row, view in zip(rows, known, strict=True)]
