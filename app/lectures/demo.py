"""Lectures for the demo campus, with students in them. Repeatable: nothing happens while enough of them are still to come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, Claim, claim_id
from app.admission.outbox import Effects, append
from app.admission.settle import settle
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.clock import to_epoch_ms
from app.extensions.services import Services
from app.lectures.creating import insert_lecture
from app.lectures.demo_programme import DAY, MINUTE, PROGRAMME, DemoLecture
from app.lectures.draft import LectureDraft
from app.lectures.kind import LectureKind
from app.lectures.models import KIND, Lecture, LectureBooking
from app.org.audience import Audience
from app.org.models import College
from app.org.queries import standings_of
from app.seating.reservations import ReservationDraft

LASTS = timedelta(hours=2)
ENOUGH = 10


def seed_demo(services: Services) -> None:
    """Load the programme, unless ENOUGH lectures can still be booked. Students come from the end of the list."""
    now = services.clock.now()
    with services.db.transaction() as session:
        query = select(func.count()).select_from(Lecture)
        if (session.scalar(query.where(Lecture.state == "published", Lecture.closes_at > now)) or 0) >= ENOUGH:
            return
        manager = session.scalar(select(Account.id).where(Account.username == "manager")) or 0
        colleges = {name: college_id for college_id, name in session.execute(select(College.id, College.name))}
        seeded = [_seed_one(session, services, line, manager, colleges, now) for line in PROGRAMME]
        append(session, services.ids, Effects(offerings=[(KIND, lecture_id) for lecture_id in seeded]))
    for lecture_id, line in zip(seeded, PROGRAMME, strict=True):
        _fill(services, lecture_id, line, now)


def _seed_one(
    session: Session, services: Services, line: DemoLecture, manager: int, colleges: dict[str, int], now: datetime
) -> int:
    draft = _draft(line, colleges, now.astimezone(services.settings.campus_timezone))
    draft.check()
    lecture_id = services.ids.next_id()
    insert_lecture(session, services.ids, lecture_id, draft, created_by=manager)
    return lecture_id


def _draft(line: DemoLecture, colleges: dict[str, int], now: datetime) -> LectureDraft:
    """One line of the programme, `now` being campus time."""
    starts_at = now.replace(hour=line.hour, minute=0, second=0, microsecond=0) + line.day * DAY
    opens_at = (now + line.opens + MINUTE).replace(second=0, microsecond=0)
    closes_at = min(starts_at, now + line.closes) if line.closes is not None else starts_at - 30 * MINUTE
    draft = LectureDraft(
        title=line.title,
        speaker=line.speaker,
        place=line.place,
        summary=line.summary,
        starts_at=starts_at,
        ends_at=starts_at + LASTS,
        opens_at=opens_at,
        closes_at=closes_at,
        capacity=line.capacity,
        waitlist_capacity=line.line,
    )
    if line.only:
        draft = replace(draft, restriction=Audience("only", frozenset(colleges[name] for name in line.only)))
    if line.reserved:
        name, seats = line.reserved
        kept = ReservationDraft(f"{name}预留", seats, Audience(colleges=frozenset({colleges[name]})))
        draft = replace(draft, reservations=(kept,), reserved_until=starts_at - DAY)
    return draft


def _fill(services: Services, lecture_id: int, line: DemoLecture, now: datetime) -> None:
    """Let students book: decided by settle like any other claim, at a time when the lecture was open."""
    count = line.filled + line.waiting
    if count == 0:
        return
    with services.db.transaction() as session:
        lecture = session.get_one(Lecture, lecture_id)
        students = islice(_students(session, lecture), count)
        first_at = to_epoch_ms(lecture.opens_at)
        claims = [_claim(lecture_id, account_id, first_at, number) for number, account_id in enumerate(students, 1)]
        settle(session, {KIND: LectureKind(services.ids)}, services.ids, claims, to_epoch_ms(now))
        if lecture.ends_at < now:
            came = update(LectureBooking).where(LectureBooking.lecture_id == lecture_id, LectureBooking.id % 8 != 0)
            session.execute(came.values(checked_in_at=lecture.starts_at))


def _students(session: Session, lecture: Lecture) -> Iterator[int]:
    """Accounts that may book, others for each lecture. s00001 … come last: they are for people who try the demo."""
    query = select(Account.id).where(Account.role == Role.STUDENT.value).order_by(Account.username.desc())
    accounts = list(session.scalars(query.limit(3000)))
    standings = standings_of(session, accounts)
    audience = Audience.of(lecture.audience)
    may = [one for one in accounts if one in standings and audience.admits(standings[one])]
    yield from dict.fromkeys(may[lecture.id % 11 :: lecture.id % 7 + 2] + may)


def _claim(lecture_id: int, account_id: int, first_at: int, number: int) -> Claim:
    return Claim(
        id=claim_id(account_id, "book", KIND, lecture_id, "demo-campus"),
        kind=KIND,
        action="book",
        user_id=account_id,
        offering_id=lecture_id,
        pool=GENERAL,
        hold="any",
        admitted_at=first_at + number * 250,
        sequence=number,
    )
