"""What walks through the engine may do: to a lecture, and to sections with rules over several of them."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from sqlalchemy import update

from app.admission.resizing import Change, create_pool
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND as SECTION
from app.catalogue.models import Course, Section, Term
from app.catalogue.selection_models import SelectionRound, TermCredit
from app.catalogue.timetable import Slot
from app.enrolment.models import Enrolment
from app.extensions.redis import patiently
from app.lectures.models import KIND, Lecture, LectureBooking
from app.seating.models import SeatReservation
from ops.drills.checker import Checker
from ops.drills.wishes import SETTLED, Student, Wish
from tests.factories import make_place, make_student
from tests.races.world import World, with_outage

USERS = st.sampled_from([101, 102, 103])
PEOPLE = st.integers(0, 2)
WHICH = st.integers(0, 50)


class Walk(RuleBasedStateMachine):
    """What may happen to claims of any kind. A subclass says what can be claimed, and by whom.

    Whether a rule may come next depends on the rules of before alone: what the servers had to say may be another thing when
    hypothesis goes the same way again, and it calls that a flaky walk.
    """

    world: ClassVar[World]
    checker: ClassVar[Checker]
    found: ClassVar[list[str]] = []  # what was wrong, of all walks
    ends: ClassVar[Counter[tuple[str, str]]] = Counter()  # how the wishes of all walks ended: (action, state)

    def __init__(self) -> None:
        super().__init__()
        self.wishes: list[Wish] = []
        self.offerings: list[int] = []
        self.clock = 0
        self.stormy = False
        self.deliveries = 0  # tried whose effects were not told yet, as far as a walk knows without asking

    def submit(self, wish: Wish) -> None:
        self.wishes.append(wish)
        self.world.submit(wish)

    def key(self) -> str:
        return f"key-{next(self.world.numbers)}"

    def forget(self) -> None:
        """Take what this walk has made out of MariaDB."""
        raise NotImplementedError

    @rule(which=WHICH)
    @precondition(lambda self: self.wishes)
    def replay(self, which: int) -> None:
        """Once more by the same key; a refused key is not used again."""
        wish = self.wishes[which % len(self.wishes)]
        if not wish.refusals:
            self.world.submit(wish)

    @rule(which=WHICH)
    @precondition(lambda self: self.wishes)
    def look(self, which: int) -> None:
        self.clock += 2
        self.world.look(self.wishes[which % len(self.wishes)], self.clock)

    @rule(acknowledged=st.booleans())
    @precondition(lambda self: self.wishes)
    def deliver(self, acknowledged: bool) -> None:
        """A consumer settles one message, and perhaps dies before it can say so."""
        self.deliveries += 1
        self.world.deliver(acknowledged=acknowledged)

    @rule(which=WHICH)
    @precondition(lambda self: self.deliveries)
    def tell(self, which: int) -> None:
        """Effects happen in any order, late ones too."""
        self.deliveries -= 1
        if self.world.effects:
            self.world.tell(self.world.effects.pop(which % len(self.world.effects)))

    @rule()
    @precondition(lambda self: self.deliveries > 1)
    def tell_backwards(self) -> None:
        self.deliveries = 0
        while self.world.effects:
            self.world.tell(self.world.effects.pop())

    @rule()
    @precondition(lambda self: self.wishes)
    def settle(self) -> None:
        """The consumer catches up."""
        self.deliveries += 2
        while self.world.deliver():
            pass

    @rule()
    @precondition(lambda self: self.deliveries and self.stormy)
    def lose_effects(self) -> None:
        """The consumer dies with everything it wanted to tell; the outbox knows."""
        self.deliveries = 0
        self.world.effects.clear()

    @rule()
    @precondition(lambda self: self.wishes)
    def sweep(self) -> None:
        """Too early, on purpose."""
        with_outage(self.world.engine.keeper.sweep)

    @rule()
    @precondition(lambda self: self.offerings and self.stormy)
    def empty_redis(self) -> None:
        patiently(self.world.services.redis.flushall)

    @rule(patient=st.booleans())
    @precondition(lambda self: self.offerings and self.stormy)
    def wait_for_confirms(self, patient: bool) -> None:
        """Or else for none: then claims are in the spool too, some of them in the spool only."""
        self.world.wait_for_confirms(patient)

    @rule()
    @precondition(lambda self: self.offerings and self.stormy)
    def send_spool(self) -> None:
        self.world.send_spool()

    @rule()
    @precondition(lambda self: self.offerings and self.stormy)
    def watch(self) -> None:
        self.world.engine.watch.tick()

    @rule()
    @precondition(lambda self: self.offerings)
    def restart(self) -> None:
        self.world.restart()

    def teardown(self) -> None:
        if not self.offerings:
            return
        self.world.wait_for_confirms(True)
        self.world.rest(self.checker)
        for wish in self.wishes:
            self.clock += 2
            self.world.look(wish, self.clock)
        found = [*self.world.hopeless, *self.checker.unrest(), *self.checker.wrong(self.wishes, self.offerings)]
        self.world.effects.clear()
        self.found.extend(found)
        self.forget()
        if found:
            self.world.begin_anew()
        assert not found, found
        self.ends.update((wish.action, wish.told[-1].state) for wish in self.wishes if wish.told)
        assert all(wish.told and wish.told[-1].state in SETTLED for wish in self.wishes if wish.promised)


class Opening(Walk):
    """Three students, one lecture of one or two seats, a line for one."""

    @rule(capacity=st.integers(1, 2), line=st.integers(0, 1), stormy=st.booleans())
    @precondition(lambda self: not self.offerings)
    def open(self, capacity: int, line: int, stormy: bool) -> None:
        """On a stormy day Redis is lost, which mends much of what else could go wrong."""
        self.stormy = stormy
        self.offerings = [open_lecture(self.world, capacity, line)]

    @rule(user=USERS, waitlist=st.booleans())
    @precondition(lambda self: self.offerings)
    def book(self, user: int, waitlist: bool) -> None:
        self.submit(Wish(Student(user, ""), self.offerings[0], "book", self.key(), waitlist))

    @rule(user=USERS)
    @precondition(lambda self: self.offerings)
    def cancel(self, user: int) -> None:
        self.submit(Wish(Student(user, ""), self.offerings[0], "cancel", self.key()))

    def forget(self) -> None:
        self.world.forget(LectureBooking, Lecture)


def open_lecture(world: World, capacity: int, line: int) -> int:
    """A lecture that is open for an hour."""
    ids, now = world.services.ids, datetime.now(UTC)
    lecture_id = ids.next_id()
    with world.services.db.transaction() as session:
        session.add(
            Lecture(
                id=lecture_id, title="", speaker="", summary="", place=str(lecture_id), audience={}, created_by=0,
                opens_at=now - timedelta(minutes=1), closes_at=now + timedelta(hours=1),
                starts_at=now + timedelta(hours=2), ends_at=now + timedelta(hours=3),
                capacity=capacity, waitlist_capacity=line,
            )
        )  # fmt: skip
        create_pool(session, ids.next_id(), Change(KIND, lecture_id, "0", capacity, line))
    world.engine.loader.describe(KIND, lecture_id)
    return lecture_id


TERM = 1
HALF = (0xFFFF, 1)  # every week, on Mondays
MEETS = (Slot(*HALF, 1, 2), Slot(*HALF, 2, 3), Slot(*HALF, 5, 6), Slot(*HALF, 7, 8))
# Of the second course the first clashes with the first section; the last is the first course again; two of 2.0 and one of
# 1.0 fill the limit, the 3.0 leaves no room for two.
COURSES = ((1, "2.0"), (2, "2.0"), (3, "3.0"), (1, "2.0"))
LIMIT = Decimal("5.0")
SECTIONS = st.integers(0, len(COURSES) - 1)


class Selection(Walk):
    """Three students, four sections that clash, repeat a course or exceed the credits; swaps between them. Sometimes one more
    seat of each is reserved for the class of the first two."""

    reserved = False

    @rule(capacity=st.integers(1, 2), line=st.integers(0, 2), stormy=st.booleans(), reserved=st.booleans())
    @precondition(lambda self: not self.offerings)
    def open(self, capacity: int, line: int, stormy: bool, reserved: bool) -> None:
        self.stormy, self.reserved = stormy, reserved
        self.offerings = open_sections(self.world, capacity, line, reserved=reserved)

    def pools(self, student: int) -> tuple[str, ...]:
        return ("r1", "0") if self.reserved and student in self.world.people[:2] else ("0",)

    @rule(user=PEOPLE, which=SECTIONS, waitlist=st.booleans())
    @precondition(lambda self: self.offerings)
    def enrol(self, user: int, which: int, waitlist: bool) -> None:
        student = Student(self.world.people[user], "")
        fields = {"kind": SECTION, "pools": self.pools(student.id)}
        self.submit(Wish(student, self.offerings[which], "book", self.key(), waitlist, **fields))

    @rule(which=SECTIONS)
    @precondition(lambda self: self.offerings)
    def everybody_enrols(self, which: int) -> None:
        for user in range(len(self.world.people)):
            self.enrol(user, which, waitlist=True)

    @rule(which=WHICH)
    @precondition(lambda self: self.wishes)
    def drop(self, which: int) -> None:
        """What may be held: a claim of before, on its way or not."""
        if (old := self.taken(which)) is not None:
            self.submit(Wish(old.student, old.lecture_id, "cancel", self.key(), kind=SECTION))

    @rule(which=WHICH, new=SECTIONS)
    @precondition(lambda self: self.wishes)
    def swap(self, which: int, new: int) -> None:
        old = self.taken(which)
        if old is not None and old.lecture_id != self.offerings[new]:
            fields = {"kind": SECTION, "drops": old.lecture_id, "pools": self.pools(old.student.id)}
            self.submit(Wish(old.student, self.offerings[new], "swap", self.key(), **fields))

    @rule(which=WHICH, new=SECTIONS)
    @precondition(lambda self: self.wishes)
    def swap_and_drop(self, which: int, new: int) -> None:
        """Somebody changes seats, is told, and goes."""
        self.swap(which, new)
        self.settle()
        self.drop(0)

    def taken(self, which: int) -> Wish | None:
        """One of the seats that somebody was promised; of the last ones rather: chains of swaps are seldom enough."""
        found = [wish for wish in reversed(self.wishes) if wish.action != "cancel" and wish.promised]
        return found[which % len(found)] if found else None

    @rule()
    @precondition(lambda self: self.offerings)
    def forget_accounts(self) -> None:
        """Redis has not been told of anybody: it asks. What is held stays, it follows from the claims."""
        for user in self.world.people:
            self.world.services.redis.hdel(f"sr:a:{SECTION}:{TERM}:{user}", "limit", "version")

    def forget(self) -> None:
        self.world.forget(Enrolment, Section, Meeting, SeatReservation)
        with_outage(self.world.engine.loader.unload_past)  # or the accounts would still hold these sections
        with self.world.services.db.transaction() as session:
            session.execute(update(TermCredit).values(used=0))


def open_sections(world: World, capacity: int, line: int, *, reserved: bool = False) -> list[int]:
    """The four sections of the term, perhaps with one more seat for the class of the first two students."""
    made = [world.services.ids.next_id() for _ in COURSES]
    with world.services.db.transaction() as session:
        for number, (section, (course, _), slot) in enumerate(zip(made, COURSES, MEETS, strict=True)):
            session.add(
                Section(
                    id=section, course_id=course, term_id=TERM, section_no=number, teacher_names="张三", language="中文",
                    exam_type="考试", capacity=capacity, waitlist_capacity=line, state="published",
                )
            )  # fmt: skip
            session.add(
                Meeting(
                    id=section, section_id=section, week_mask=slot.week_mask, weekday=slot.weekday,
                    first_period=slot.first_period, last_period=slot.last_period, place="教一 101",
                )
            )  # fmt: skip
            create_pool(session, world.services.ids.next_id(), Change(SECTION, section, "0", capacity, line))
            if reserved:
                audience, row = {"classes": [str(world.first_class)]}, world.services.ids.next_id()
                names = {"kind": SECTION, "offering_id": section, "pool": "r1", "name": "本班"}
                session.add(SeatReservation(id=row, seats=1, audience=audience, **names))
                create_pool(session, world.services.ids.next_id(), Change(SECTION, section, "r1", 1, 0))
    for section in made:
        world.engine.loader.describe(SECTION, section)
    return made


def open_term(world: World) -> None:
    """The term, its round, its courses, and three students with a limit of credits."""
    now, services = datetime.now(UTC), world.services
    first, other = make_place(services), make_place(services)
    world.people = [make_student(services, place).id for place in (first, first, other)]
    world.first_class = first.class_id
    with services.db.transaction() as session:
        session.add(Term(id=TERM, code=20261, name="2026 秋", starts_on=now.date(), weeks=16, teaching_free_days=[]))
        session.add(
            SelectionRound(
                id=1, term_id=TERM, round_no=1, opens_at=now - timedelta(hours=1), closes_at=now + timedelta(hours=1),
                drop_until=now + timedelta(hours=2), state="published",
            )
        )  # fmt: skip
        for number, worth in sorted(set(COURSES)):
            session.add(
                Course(
                    id=number, code=f"C{number}", name=f"课程{number}", campus="主校区", college_id=1, category="专业必修",
                    credits=Decimal(worth),
                )
            )  # fmt: skip
        for student in world.people:
            session.add(TermCredit(id=student, student_id=student, term_id=TERM, credit_limit=LIMIT))
