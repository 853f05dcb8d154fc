"""A swap, from the request to the row: both or neither, whatever comes in between."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from app.admission import status
from app.admission.deciding import Bench
from app.admission.errors import (
    AlreadyClaimedError,
    CancelClosedError,
    CreditLimitError,
    DuplicateGroupError,
    KeyReusedError,
    NotEligibleError,
    NothingToCancelError,
    PrerequisiteError,
    SoldOutError,
    TimetableClashError,
)
from app.auth.models import Account
from app.catalogue.errors import RoundNotFoundError, SectionNotFoundError
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry


def everything(registry: Registry, student: Account, *sections: int) -> dict[str, Any]:
    """What a swap may move, and a rejected one must leave alone."""
    return {
        "holds": registry.holds(student),
        "account": registry.account(student),
        "used": registry.used(student),
        "seats": [registry.seats(one) for one in sections],
    }


def test_a_swap_moves_seat_time_and_credits(registry: Registry) -> None:
    student = registry.student("3.0")
    old = registry.section(registry.course("2.0"), MONDAY_1_2, capacity=3)
    new = registry.section(
        registry.course("3.0"), MONDAY_2_3, capacity=3
    )  # clashes with the old one, and fills the limit
    first = registry.settled(student, old)
    made = registry.swap(student, old, new)
    assert registry.seats(new) == ((2, 0), (3, 0))  # promised, not settled
    registry.hall.settle()
    found = registry.standing(made)
    assert (found.action, found.state, found.target, found.offering_id) == ("swap", "confirmed", first.id, new)
    gone = registry.standing(first.id)
    assert (gone.state, gone.reason) == ("cancelled", "swapped")
    assert everything(registry, student, old, new) == {
        "holds": {new: "confirmed"},
        "account": {new: "seat"},
        "used": Decimal("3.0"),
        "seats": [((3, 0), (3, 0)), ((2, 0), (2, 0))],
    }
    registry.drop(student, new)
    registry.hall.settle()
    assert (registry.holds(student), registry.account(student), registry.used(student)) == ({}, {}, 0)


def test_another_section_of_the_same_course(registry: Registry) -> None:
    student, course = registry.student("2.0"), registry.course("2.0")
    old, new = registry.section(course, MONDAY_1_2), registry.section(course, MONDAY_1_2)
    registry.settled(student, old)
    registry.swap(student, old, new)
    registry.hall.settle()
    assert (registry.holds(student), registry.account(student)) == ({new: "confirmed"}, {new: "seat"})


def test_http(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    headers = {**bearer(registry.services, student), "Idempotency-Key": "key-of-the-swap"}

    def post(**body: Any) -> Any:
        return registry.client.post(f"/api/rounds/{registry.round}/swaps", headers=headers, json=body)

    same = post(drop=str(old), take=str(old))
    assert (same.status_code, same.json["code"]) == (422, "invalid_input")
    assert post(drop=str(old), take=str(new), waitlist=True).json["code"] == "invalid_input"
    response = post(drop=str(old), take=str(new))
    assert (response.status_code, response.json["state"]) == (202, "pending")
    shown = registry.client.get(response.json["status_url"], headers=headers).json
    assert (shown["action"], shown["state"], shown["offering_id"]) == ("swap", "pending", str(new))
    assert post(drop=str(old), take=str(new)).json == response.json  # a replay
    registry.hall.settle()
    assert post(drop=str(old), take=str(new)).json["claim_id"] == response.json["claim_id"]
    shown = registry.client.get(response.json["status_url"], headers=headers).json
    assert (shown["action"], shown["state"], bool(shown["target_claim_id"])) == ("swap", "confirmed", True)
    proof = {"kind": "section", "offering_id": str(new), "action": "swap"}
    registry.engine.store.redis.delete(f"sr:c:{response.json['claim_id']}")
    monkeypatch.setattr(
        status, "TELL_AFTER_S", 0.0
    )  # else kept back for a while (tests/functional/admission/test_status.py)
    asked = registry.client.get(response.json["status_url"], headers=headers, query_string=proof)
    assert asked.json["state"] == "confirmed"


def test_the_key_names_one_swap(registry: Registry) -> None:
    student = registry.student()
    old, other, new = (registry.section() for _ in range(3))
    for one in (old, other):
        registry.settled(student, one)
    registry.swap(student, old, new, "key-of-the-swap")
    with pytest.raises(KeyReusedError):
        registry.swap(student, other, new, "key-of-the-swap")


def test_every_rule_stands_against_a_swap_as_against_an_enrolment(registry: Registry) -> None:
    student = registry.student("5.0")
    old, other = registry.section(None, MONDAY_1_2), registry.section(None, TUESDAY_1_2)
    for one in (old, other):
        registry.settled(student, one)
    restricted = registry.course()
    registry.restrict(restricted, "except", grades=[2024])
    before = everything(registry, student, old)
    for error, new in (
        (TimetableClashError, registry.section(None, TUESDAY_1_2)),
        (CreditLimitError, registry.section(registry.course("3.5"))),
        (PrerequisiteError, registry.section(registry.course(needs=(registry.course(),)))),
        (NotEligibleError, registry.section(restricted)),
        (SoldOutError, registry.section(capacity=0, line=5)),  # no line: whoever gets no seat keeps what he has
        (AlreadyClaimedError, other),
        (SectionNotFoundError, 12345),
    ):
        with pytest.raises(error):
            registry.swap(student, old, new)
    assert everything(registry, student, old) == before
    registry.drop(student, old)  # nothing has spoken for it
    registry.hall.settle()
    with pytest.raises(NothingToCancelError):
        registry.swap(student, old, registry.section())


def test_what_stands_against_a_swap_is_named_with_its_claim(registry: Registry) -> None:
    student, course = registry.student(), registry.course()
    old, other = registry.section(None, MONDAY_1_2), registry.section(course, TUESDAY_1_2)
    held = [registry.settled(student, one) for one in (old, other)][1]
    for error, new in (
        (TimetableClashError, registry.section(None, TUESDAY_1_2)),
        (DuplicateGroupError, registry.section(course, MONDAY_2_3)),
    ):
        with pytest.raises(error) as raised:
            registry.swap(student, old, new)
        told = raised.value.data
        assert (told["offering_id"], told["claim_id"], told["state"]) == (str(other), held.id, "confirmed")


def test_a_round_is_that_of_both_sections(registry: Registry) -> None:
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    registry.round += 1
    with pytest.raises(RoundNotFoundError):
        registry.swap(student, old, new)


def test_a_place_in_the_line_may_be_given_up_and_a_freed_seat_is_handed_on(registry: Registry) -> None:
    full, new = registry.section(capacity=1), registry.section(capacity=5)
    holder, first, second = (registry.student() for _ in range(3))
    for one in (holder, first, second):
        registry.settled(one, full)
    registry.swap(first, full, new)
    registry.hall.settle()
    assert (registry.holds(first), registry.seats(full)) == ({new: "confirmed"}, ((0, 1), (0, 1)))
    registry.swap(holder, full, new)
    registry.hall.settle()
    assert registry.holds(second) == {full: "confirmed"}
    assert registry.seats(full) == ((0, 0), (0, 0))
    assert registry.account(second) == {full: "seat"}


def test_a_swap_of_a_claim_that_is_not_settled_yet(registry: Registry) -> None:
    """Its tombstone comes with the swap, whichever of the two is settled first."""
    for order in (1, -1):
        student, old, new = registry.student(), registry.section(), registry.section()
        first = registry.enrol(student, old)
        made = registry.swap(student, old, new)
        pending = {one.id: one for one in registry.hall.pending()}
        for one in (first, made)[::order]:
            registry.hall.settle([pending[one]])
        assert registry.standing(first).state == "cancelled"
        assert everything(registry, student, old, new)["holds"] == {new: "confirmed"}
        assert registry.account(student) == {new: "seat"}
        assert registry.seats(old) == ((10, 0), (10, 0))


def rejected_swap(registry: Registry) -> tuple[Account, int, int, str, dict[str, Any]]:
    """A swap that Redis admitted and MariaDB has no seat for, as it was before it was settled."""
    student, old, new = (
        registry.student(),
        registry.section(None, MONDAY_1_2),
        registry.section(None, MONDAY_1_2, capacity=1),
    )
    registry.settled(student, old)
    before = everything(registry, student, old)
    made = registry.swap(student, old, new)
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE seat_pool SET capacity = 0 WHERE offering_id = :new"), {"new": new})
    registry.hall.settle()
    return student, old, new, made, before


def test_a_rejected_swap_leaves_everything_as_it_was(registry: Registry) -> None:
    student, old, new, made, before = rejected_swap(registry)
    assert (registry.standing(made).state, registry.standing(made).reason) == ("rejected", "sold_out")
    assert everything(registry, student, old) == before
    assert registry.seats(new)[0] == (1, 0)  # what the swap held in Redis, which was not told of the smaller size
    registry.drop(student, old)  # it is not spoken for any more
    registry.hall.settle()
    assert registry.holds(student) == {}


def test_without_letting_go_nobody_could_drop_the_old_section(registry: Registry, spoil: Callable[[str], None]) -> None:
    spoil("leave_alone")
    student, old, *_ = rejected_swap(registry)
    with pytest.raises(AlreadyClaimedError):
        registry.drop(student, old)


def test_what_is_spoken_for_is_not_given_up_twice(registry: Registry, spoil: Callable[[str], None]) -> None:
    student, old = registry.student(), registry.section()
    one, other = registry.section(), registry.section()
    registry.settled(student, old)
    made = registry.swap(student, old, one)
    for again in (lambda: registry.swap(student, old, other), lambda: registry.drop(student, old)):
        with pytest.raises(AlreadyClaimedError) as raised:
            again()
        assert raised.value.data == {"claim_id": made, "state": "pending"}
    spoil("swap_marks")
    student = registry.student()
    registry.settled(student, old)
    both = [registry.swap(student, old, new) for new in (one, other)]
    registry.hall.settle()
    assert sorted(registry.standing(one).state for one in both) == ["confirmed", "rejected"]  # MariaDB still says no


def test_what_an_undecided_swap_takes_cannot_be_given_up(registry: Registry, spoil: Callable[[str], None]) -> None:
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    made = registry.swap(student, old, new)
    with pytest.raises(AlreadyClaimedError) as raised:
        registry.drop(student, new)
    assert raised.value.data["claim_id"] == made
    spoil("swap_undecided")
    registry.drop(student, new)
    claims = registry.hall.pending()
    for one in sorted(claims, key=lambda claim: claim.action):  # the cancellation comes first
        registry.hall.settle([one])
    assert registry.holds(student) == {old: "confirmed"}  # neither, though the student asked for both and then for less


def test_dropping_has_its_deadline_for_swaps_too(registry: Registry, spoil: Callable[[str], None]) -> None:
    now = registry.services.clock.now()
    registry.open_term(drop_until=now - timedelta(minutes=1), opens_at=now - timedelta(hours=1))
    student, old, new = registry.student(), registry.section(), registry.section()
    registry.settled(student, old)
    with pytest.raises(CancelClosedError):
        registry.swap(student, old, new)
    spoil("swap_deadline")
    late = registry.swap(student, old, new)
    registry.hall.settle()
    assert (registry.standing(late).state, registry.standing(late).reason) == ("rejected", "cancel_closed")
    assert registry.holds(student) == {old: "confirmed"}


def test_without_both_ends_in_one_step_somebody_has_two(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the CHECK on credits, or the two rooms, would show of a swap that only takes."""
    monkeypatch.setattr(Bench, "_end", lambda *_: None)
    student = registry.student()
    old, new = registry.section(None, MONDAY_1_2), registry.section(None, MONDAY_2_3)
    registry.settled(student, old)
    registry.swap(student, old, new)
    registry.hall.settle()
    assert registry.holds(student) == {old: "confirmed", new: "confirmed"}
