"""What Redis did not check, MariaDB does: claims of the direct path, in one batch, one student."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import gevent
import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from app.admission.claims import Claim, claim_id
from app.auth.models import Account
from app.catalogue.models import KIND
from app.enrolment import judging
from app.enrolment.judging import SectionJudge
from app.extensions.db import RETRYABLE, error_number
from tests.factories import make_student
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.meeting import GENEROUS_S, until_done_or_held_up


def unseen(registry: Registry, student: Account, section: int, after: int = 0) -> Claim:
    """A claim that Redis never judged."""
    made = claim_id(student.id, "book", KIND, section, "key-00000001")
    at = registry.services.clock.epoch_ms() + after
    return Claim(id=made, kind=KIND, action="book", user_id=student.id, offering_id=section, admitted_at=at)


def reasons(registry: Registry, *claims: Claim) -> list[str]:
    """State, or the reason of a rejection, in the order of the claims."""
    found = {one.id: one.reason or one.state for one in registry.hall.settle(claims)}
    return [found[claim.id] for claim in claims]


def test_each_rule_is_found_again(registry: Registry) -> None:
    student, course = registry.student("4.0"), registry.course("2.0")
    one = registry.section(course, MONDAY_1_2)
    claims = [
        unseen(registry, student, one),
        unseen(registry, student, registry.section(course, TUESDAY_1_2), 1),
        unseen(registry, student, registry.section(None, MONDAY_2_3), 2),
        unseen(registry, student, registry.section(registry.course(needs=(course,))), 3),
        unseen(registry, student, registry.section(registry.course("2.5")), 4),
        unseen(registry, student, registry.section(registry.course("2.0")), 5),
    ]
    assert reasons(registry, *claims) == [
        "confirmed", "duplicate_course", "timetable_clash", "prerequisite_missing", "credit_limit", "confirmed",
    ]  # fmt: skip
    assert registry.used(student) == Decimal("4.0")
    assert registry.account(student) == {claims[0].offering_id: "seat", claims[5].offering_id: "seat"}


def test_what_was_chosen_weighs_what_it_weighed_when_it_was_chosen(registry: Registry) -> None:
    """As `term_credit.used` counts it: another opinion of the judge would only break the table's CHECK."""
    student, course, queued = registry.student("6.0"), registry.course("4.0"), registry.course("4.0")
    line = registry.section(queued, capacity=0, line=5)
    waiting = registry.settled(student, line)
    registry.settled(student, registry.section(course))
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE course SET credits = 2.0 WHERE id IN (:a, :b)"), {"a": course, "b": queued})
        session.execute(text("UPDATE seat_pool SET capacity = 1 WHERE offering_id = :one"), {"one": line})
    wishes = [unseen(registry, student, registry.section(registry.course(worth)), 1) for worth in ("4.0", "2.0")]
    assert reasons(registry, *wishes) == ["credit_limit", "confirmed"]
    registry.hall.settle([promotion(registry, line)])
    assert registry.standing(waiting.id).reason == "credit_limit"
    assert registry.used(student) == Decimal("6.0")


def test_a_section_that_was_deleted_still_holds_its_course(registry: Registry) -> None:
    """As the unique key says; nobody has been taken off its roll."""
    student, course = registry.student(), registry.course()
    gone = registry.section(course)
    registry.settled(student, gone)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE section SET is_deleted = 1 WHERE id = :one"), {"one": gone})
    assert reasons(registry, unseen(registry, student, registry.section(course))) == ["duplicate_course"]


def test_a_claim_that_comes_to_nothing_takes_nothing_from_the_one_that_holds(registry: Registry) -> None:
    """Past Redis somebody may ask again for what he holds: what is refused there must not make room for a clash."""
    student = registry.student()
    held, clashing = registry.section(None, MONDAY_1_2), registry.section(None, MONDAY_2_3)
    registry.settled(student, held)
    another = claim_id(student.id, "book", KIND, held, "another-key")
    again, other = replace(unseen(registry, student, held), id=another), unseen(registry, student, clashing, 1)
    assert reasons(registry, again, other) == ["already_claimed", "timetable_clash"]
    assert registry.holds(student) == {held: "confirmed"}


def test_who_has_no_credit_account_gets_nothing(registry: Registry) -> None:
    student = registry.student("0.0")
    assert reasons(registry, unseen(registry, student, registry.section())) == ["credit_limit"]


def test_a_window_is_judged_by_the_time_of_admission(registry: Registry) -> None:
    section = registry.section()
    early = replace(unseen(registry, registry.student(), section), admitted_at=1000)
    late = unseen(registry, registry.student(), section, 7_200_000)
    assert reasons(registry, early, late) == ["not_open", "closed"]


def test_a_claim_of_the_last_second_of_a_round_is_judged_by_that_round(registry: Registry) -> None:
    """It is settled when the next round counts already: one that opens later, or is no first come first served."""
    section, now = registry.section(), registry.services.clock.now()
    registry.close_round(now - timedelta(seconds=1))
    registry.open_round(2, now + timedelta(hours=1), mode="lottery")
    late = unseen(registry, registry.student(), section, -2_000)
    promised = replace(unseen(registry, registry.student(), section, -2_000), hold="seat")
    between = unseen(registry, registry.student(), section)
    assert reasons(registry, late, promised, between) == ["confirmed", "confirmed", "not_open"]


def test_a_drop_of_a_rounds_last_second_is_judged_by_that_round(registry: Registry) -> None:
    student, section, now = registry.student(), registry.section(), registry.services.clock.now()
    registry.settled(student, section)
    registry.close_round(now - timedelta(seconds=1))
    registry.open_round(2, now - timedelta(seconds=2), drop_until=now - timedelta(seconds=1))
    claim = cancelling(registry, student, section)
    assert reasons(registry, claim) == ["confirmed"]


def test_without_the_judges_memory_a_batch_breaks_the_rules(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SectionJudge, "stepped", lambda *_: None)
    student = registry.student("10.0")
    pair = [registry.section(None, slot) for slot in (MONDAY_1_2, MONDAY_2_3)]
    claims = [unseen(registry, student, section, at) for at, section in enumerate(pair)]
    assert reasons(registry, *claims) == ["confirmed", "confirmed"]


def test_the_term_row_keeps_two_transactions_apart(registry: Registry) -> None:
    """Two consumers, two sections that clash, one student: the second one waits for what the first has decided."""
    student, pair = registry.student(), [registry.section(None, slot) for slot in (MONDAY_1_2, MONDAY_2_3)]
    first, second = (unseen(registry, student, section) for section in pair)
    db = registry.services.db
    with db.transaction() as one, db.transaction() as another:
        SectionJudge(one, registry.services.ids).lock([first])
        another.execute(text("SET innodb_lock_wait_timeout = 1"))
        with pytest.raises(OperationalError, match="Lock wait timeout"):
            SectionJudge(another, registry.services.ids).lock([second])


def test_without_the_term_row_two_transactions_both_say_yes(registry: Registry) -> None:
    student, pair = registry.student(), [registry.section(None, slot) for slot in (MONDAY_1_2, MONDAY_2_3)]
    first, second = (unseen(registry, student, section) for section in pair)
    db = registry.services.db
    unlocked = text(str(judging.LOCK_ACCOUNTS).replace(" FOR UPDATE", "")).columns(
        *judging.LOCK_ACCOUNTS.selected_columns
    )
    with db.transaction() as one, db.transaction() as another:
        judges = SectionJudge(one, registry.services.ids), SectionJudge(another, registry.services.ids)
        for judge, claim in zip(judges, (first, second), strict=True):
            judge._lock({(claim.offering_id, student.id)}, unlocked)
            judge.read([claim])
        assert [judge.refusal(claim) for judge, claim in zip(judges, (first, second), strict=True)] == [None, None]


def without_a_row(registry: Registry) -> tuple[Account, list[Claim]]:
    """A student who has no term row yet, and two sections that clash and cost nothing: no credit is moved by either."""
    student = make_student(registry.services)
    pair = [registry.section(registry.course("0.0"), slot) for slot in (MONDAY_1_2, MONDAY_2_3)]
    return student, [unseen(registry, student, section) for section in pair]


def both_at_once(registry: Registry, claims: Sequence[Claim]) -> list[str]:
    """Two consumers, one claim each; the first has judged, and decided nothing, when the second begins."""
    second: list[gevent.Greenlet] = []

    class Slow(SectionJudge):
        def read(self, some: Sequence[Claim]) -> None:
            super().read(some)
            if not second:
                second.append(gevent.spawn(registry.hall.settle, [claims[1]]))
                until_done_or_held_up(second[0], registry.services.db)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.enrolment.kind.SectionJudge", Slow)
        settled = [*registry.hall.settle([claims[0]]), *second[0].get(timeout=GENEROUS_S)]
    found = {one.id: one.reason or one.state for one in settled}
    return [found[claim.id] for claim in claims]


def test_two_courses_that_cost_nothing_clash_though_the_student_has_no_term_row(registry: Registry) -> None:
    student, claims = without_a_row(registry)
    assert both_at_once(registry, claims) == ["confirmed", "timetable_clash"]
    assert registry.holds(student) == {claims[0].offering_id: "confirmed"}


def test_without_opening_that_row_both_are_confirmed(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "open_accounts", lambda *_: None)
    student, claims = without_a_row(registry)
    assert both_at_once(registry, claims) == ["confirmed", "confirmed"]
    assert len(registry.holds(student)) == 2


def test_whoever_promotes_does_not_wait_for_an_account(registry: Registry) -> None:
    """It holds pools already: waiting would let two transactions wait for each other."""
    student, section = registry.student(), registry.section(capacity=0, line=1)
    waiting = registry.settled(student, section)
    db = registry.services.db
    with db.transaction() as one, db.transaction() as another:
        SectionJudge(one, registry.services.ids).lock([unseen(registry, student, section)])
        with pytest.raises(OperationalError) as raised:
            SectionJudge(another, registry.services.ids).waiter_refusals([waiting])
    assert error_number(raised.value) in RETRYABLE


def test_a_promotion_locks_nobody_behind_the_one_it_takes(registry: Registry) -> None:
    """One of the others is at another consumer's just now: that is none of the first one's business."""
    section = registry.section(capacity=0, line=5)
    first, second = registry.student(), registry.student()
    waiting = registry.settled(first, section)
    registry.settled(second, section)
    db = registry.services.db
    with db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 1 WHERE offering_id = :one"), {"one": section})
    with db.transaction() as busy:
        SectionJudge(busy, registry.services.ids).lock([unseen(registry, second, section)])
        registry.hall.settle([promotion(registry, section)])
    assert registry.standing(waiting.id).state == "confirmed"


def test_who_no_longer_fits_is_passed_over_however_many_they_are(registry: Registry) -> None:
    wanted, other = registry.section(None, MONDAY_1_2, capacity=0, line=10), registry.section(None, MONDAY_2_3)
    line = [registry.student() for _ in range(7)]
    claims = [registry.settled(student, wanted) for student in line]
    for student in line[:6]:
        registry.settled(student, other)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 1 WHERE offering_id = :one"), {"one": wanted})
    registry.hall.settle([promotion(registry, wanted)])
    assert [registry.standing(one.id).state for one in claims] == ["expired"] * 6 + ["confirmed"]


def promotion(registry: Registry, section: int) -> Claim:
    made, at = claim_id(0, "promote", KIND, section, "k"), registry.services.clock.epoch_ms()
    return Claim(id=made, kind=KIND, action="promote", user_id=0, offering_id=section, hold="seat", admitted_at=at)


def cancelling(registry: Registry, student: Account, section: int) -> Claim:
    made = claim_id(student.id, "cancel", KIND, section, "key-00000009")
    at = registry.services.clock.epoch_ms()
    return Claim(
        id=made, kind=KIND, action="cancel", user_id=student.id, offering_id=section, hold="none", admitted_at=at
    )


def test_who_drops_one_course_in_the_batch_that_promotes_him_to_another_is_promoted(registry: Registry) -> None:
    """His account is locked for the drop already, but nobody has asked yet who he is."""
    wanted, other = registry.section(capacity=1, line=5), registry.section()
    holder, waiting = registry.student(), registry.student()
    registry.settled(holder, wanted)
    claim = registry.settled(waiting, wanted)
    registry.settled(waiting, other)
    registry.hall.settle([cancelling(registry, waiting, other), cancelling(registry, holder, wanted)])
    assert registry.standing(claim.id).state == "confirmed"
    assert registry.holds(waiting) == {wanted: "confirmed"}


def test_a_waiter_whose_claim_comes_again_is_judged_by_what_he_holds(registry: Registry) -> None:
    """A duplicate locks his account, and only a promotion is new in the batch."""
    wanted, other = registry.section(None, MONDAY_1_2, capacity=0, line=5), registry.section(None, MONDAY_2_3)
    student = registry.student()
    waiting = registry.settled(student, wanted)
    registry.settled(student, other)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 1 WHERE offering_id = :one"), {"one": wanted})
    again = replace(unseen(registry, student, wanted), id=waiting.id)
    registry.hall.settle([again, promotion(registry, wanted)])
    assert registry.standing(waiting.id).reason == "timetable_clash"
