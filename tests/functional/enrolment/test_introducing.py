"""Strangers: persons whose account Redis does not know. Their own request has it handed over, beside the gate's pass."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import gevent
import pytest
from gevent import Greenlet
from gevent.event import Event
from sqlalchemy.orm import Session

from app.admission import introducing
from app.admission.claims import Claim, claim_id
from app.admission.errors import AccountNotLoadedError, DuplicateGroupError, TimetableClashError
from app.admission.gate import Admission, Gate
from app.admission.kinds import Account as Brought
from app.admission.verdicts import refusal
from app.auth.models import Account
from app.catalogue.models import KIND
from app.enrolment.kind import SectionKind
from app.errors import SeatrushError
from ops.stack import Stack
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, TUESDAY_1_2, Registry
from tests.meeting import GENEROUS_S
from tests.stacks import frozen


def wish(student: Account, section: int, key: str = "key-00000001") -> Claim:
    made = claim_id(student.id, "book", KIND, section, key)
    return Claim(id=made, kind=KIND, action="book", user_id=student.id, offering_id=section, fingerprint="1")


def forget(registry: Registry, student: Account) -> None:
    registry.engine.store.redis.delete(f"sr:a:{KIND}:{registry.term}:{student.id}")


def submitted(registry: Registry, *claims: Claim) -> list[Greenlet]:
    """All at once, each by a request of its own."""
    return [gevent.spawn(registry.engine.gate.submit, claim) for claim in claims]


def known(registry: Registry) -> Account:
    student = registry.student()
    registry.enrol(student, registry.section())
    return student


@dataclass
class Reads:
    """Whose accounts were read, read by read. The first one lasts until `awaited` requests have asked for one."""

    awaited: int = 0
    asked: int = 0
    seen: list[set[int]] = field(default_factory=list)
    begun: Event = field(default_factory=Event)
    all_asked: Event = field(default_factory=Event)

    def ask(self) -> None:
        self.asked += 1
        if self.asked == self.awaited:
            self.all_asked.set()

    def read(self, users: Collection[int]) -> None:
        self.seen.append(set(users))
        self.begun.set()
        assert self.all_asked.wait(GENEROUS_S)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    made, read, hand_over = Reads(), SectionKind.accounts, introducing.Introductions._hand_over

    def accounts(kind: SectionKind, session: Session, users: Collection[int] | None, *rest: Any) -> Sequence[Brought]:
        made.read(users or ())
        return read(kind, session, users, *rest)

    def asks(one: introducing.Introductions, people: Collection[introducing.Person]) -> bool:
        made.ask()  # it looks what is under way before anybody else's turn comes
        return hand_over(one, people)

    monkeypatch.setattr(SectionKind, "accounts", accounts)
    monkeypatch.setattr(introducing.Introductions, "_hand_over", asks)
    monkeypatch.setattr(introducing, "WITHIN_S", GENEROUS_S)
    return made


def test_a_mariadb_that_hangs_stalls_nobody_whom_it_is_not_asked_about(
    registry: Registry, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of one pass: before, everybody waited for the stranger's account, up to 15 s."""
    monkeypatch.setattr(introducing, "WITHIN_S", 8.0)
    friends, stranger, section = [known(registry), known(registry)], registry.student(), registry.section()
    with frozen(stack.service("mariadb")):
        asked = submitted(registry, *(wish(one, section) for one in (friends[0], stranger, friends[1])))
        gevent.joinall([asked[0], asked[2]], timeout=introducing.WITHIN_S - 1)
        through = [one.ready() for one in asked]
        gevent.joinall(asked, timeout=introducing.WITHIN_S + 5)
    assert all(isinstance(asked[at].value, Admission) for at in (0, 2))
    assert through == [True, False, True]
    assert isinstance(asked[1].exception, AccountNotLoadedError)
    assert (asked[1].exception.code, asked[1].exception.status) == ("service_unavailable", 503)
    assert registry.account(stranger) == {}


def test_who_was_asked_to_come_back_is_admitted_then(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    stranger, section = registry.student(), registry.section()
    monkeypatch.setattr(introducing, "WITHIN_S", 0.0)
    with pytest.raises(AccountNotLoadedError):
        registry.engine.gate.submit(wish(stranger, section))
    monkeypatch.undo()
    gevent.joinall(list(registry.engine.gate._introductions._under_way.values()))
    assert registry.engine.gate.submit(wish(stranger, section)).sequence == 1


def test_who_comes_together_shares_a_read_and_nobody_is_read_twice(registry: Registry, reads: Reads) -> None:
    students, sections = [registry.student() for _ in range(4)], [registry.section() for _ in range(2)]
    reads.awaited = 8
    first = submitted(registry, *(wish(one, sections[0]) for one in students))
    assert reads.begun.wait(GENEROUS_S)
    second = submitted(registry, *(wish(one, sections[1]) for one in students))  # from another device
    gevent.joinall([*first, *second], raise_error=True)
    assert reads.seen == [{one.id for one in students}]
    registry.engine.gate.submit(wish(students[0], registry.section()))
    assert len(reads.seen) == 1


def test_without_a_look_at_what_is_under_way_an_account_is_read_twice(
    registry: Registry, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Forgetful(dict[Any, Any]):
        def get(self, *_: Any) -> Any:
            return None

        def __delitem__(self, key: Any) -> None:
            self.pop(key, None)

    monkeypatch.setattr(registry.engine.gate._introductions, "_under_way", Forgetful())
    student, pair = registry.student(), [registry.section(), registry.section()]
    reads.awaited = 2
    first = submitted(registry, wish(student, pair[0]))
    assert reads.begun.wait(GENEROUS_S)
    gevent.joinall([*first, *submitted(registry, wish(student, pair[1]))], raise_error=True)
    assert reads.seen == [{student.id}] * 2


def test_a_strangers_cart_is_judged_in_its_own_order(registry: Registry) -> None:
    student, course = registry.student(), registry.course()
    wanted = [
        registry.section(course, MONDAY_1_2),
        registry.section(course, TUESDAY_1_2),
        registry.section(None, MONDAY_2_3),
        registry.section(),
    ]
    outcomes = registry.engine.gate.submit_together([wish(student, one) for one in wanted])
    assert [type(one) for one in outcomes] == [Admission, DuplicateGroupError, TimetableClashError, Admission]


def test_a_stranger_at_an_offering_that_redis_has_forgotten(registry: Registry) -> None:
    """Both must be made known, one after the other."""
    student, sections = registry.student(), [registry.section(), registry.section()]
    store = registry.engine.store
    for one in sections:
        registry.engine.epochs.fenced(lambda fence, one=one: store.unload(KIND, one, fence=fence))
    assert registry.engine.gate.submit(wish(student, sections[0])).sequence == 1
    forget(registry, student)
    assert [type(one) for one in registry.engine.gate.submit_together([wish(student, sections[1])])] == [Admission]


def test_what_a_stranger_is_told_meanwhile_says_when_to_come_back(registry: Registry) -> None:
    student, section = registry.student(), registry.section()
    (verdict,) = registry.engine.gate._ask_redis([wish(student, section)])
    error = refusal(verdict)
    assert isinstance(error, SeatrushError)
    assert (type(error), error.retry_after) == (AccountNotLoadedError, 2)


def test_accounts_that_are_read_within_the_pass_stall_it(
    registry: Registry, stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it was: whoever shares a pass with a stranger waits for the stranger's account."""
    friend, stranger, section = known(registry), registry.student(), registry.section()
    gate, accounts = registry.engine.gate, registry.engine.gate._introductions._accounts
    ask = gate._ask_redis

    def within(gate: Gate, claims: Sequence[Claim]) -> Any:
        verdicts = ask(claims)
        if any(one.name == "unknown_account" for one in verdicts):
            accounts.hand_over(KIND, {claim.user_id for claim in claims})
        return verdicts

    monkeypatch.setattr(Gate, "_ask_redis", within)
    with frozen(stack.service("mariadb")):
        asked = submitted(registry, wish(friend, section), wish(stranger, section))
        gevent.joinall(asked[:1], timeout=introducing.WITHIN_S / 2)
        assert not asked[0].ready()
    gevent.joinall(asked, timeout=20)
