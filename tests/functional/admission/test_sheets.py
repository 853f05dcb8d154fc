"""Sheets: a worker's copies of the offerings, while MariaDB answers and while it hangs."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

import gevent
import gevent.event
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.admission import sheets
from app.admission.edits import EDITED, Hearing, tell_edited
from app.admission.engine import Engine
from app.admission.kinds import Kinds, OfferingSheet
from app.admission.sheets import Sheets
from app.extensions.services import Services
from app.lectures.kind import LectureKind
from app.lectures.models import KIND
from ops.stack import Stack
from tests.functional.admission.conftest import MakeId
from tests.stacks import frozen
from tests.waiting import until


class CountingKind(LectureKind):
    """Lectures, with the number of times they were read."""

    reads = 0

    def sheets(self, session: Session, offering_ids: Sequence[int] | None) -> list[OfferingSheet]:  # type: ignore[override]
        self.reads += 1
        return list(super().sheets(session, offering_ids))


@pytest.fixture
def kind(services: Services) -> CountingKind:
    return CountingKind(services.ids)


@pytest.fixture
def copies(services: Services, engine: Engine, kind: CountingKind) -> Sheets:
    """One worker's."""
    kinds: Kinds = {KIND: kind}
    return Sheets(services.db, kinds, services.breakers)


def age(copies: Sheets, lecture: int, seconds: float) -> None:
    """Let the copy be as old as that."""
    entry = copies._known[(KIND, lecture)]
    copies._known[(KIND, lecture)] = type(entry)(entry.sheet, monotonic() - seconds)


def refreshed(copies: Sheets) -> None:
    """Wait for the reads beside."""
    for one in list(copies._refreshes.values()):
        assert one.done.wait(timeout=30)


def freeze(services: Services, lecture: int) -> None:
    with services.db.transaction() as session:
        session.execute(text("UPDATE lecture SET frozen = 1 WHERE id = :id"), {"id": lecture})


def is_frozen(copies: Sheets, lecture: int) -> bool:
    sheet = copies.get(KIND, lecture)
    assert sheet is not None
    return sheet.frozen


@pytest.mark.parametrize("seconds", [sheets.FRESH_S + 1, sheets.OLD_S + 1])
def test_a_mariadb_that_hangs_stalls_nobody_who_has_a_copy(
    copies: Sheets, kind: CountingKind, make: MakeId, stack: Stack, seconds: float
) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    age(copies, lecture, seconds)
    with frozen(stack.service("mariadb")):
        began = monotonic()
        asked = [gevent.spawn(copies.get, KIND, lecture) for _ in range(50)]
        gevent.joinall(asked, timeout=12, raise_error=True)
        for _ in range(5):  # whoever comes later does not wait at all
            copies.get(KIND, lecture)
        took = monotonic() - began
    assert all(one.value is not None for one in asked)
    assert took < sheets.GRACE_S + 8  # MariaDB's read time-out is 15 s
    refreshed(copies)
    assert kind.reads <= 2  # a single refresh was on its way


def test_the_copy_answers_at_once_and_the_next_one_is_new(copies: Sheets, make: MakeId, services: Services) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    freeze(services, lecture)
    assert not is_frozen(copies, lecture)  # fresh
    age(copies, lecture, sheets.FRESH_S + 1)
    assert not is_frozen(copies, lecture)
    refreshed(copies)
    assert is_frozen(copies, lecture)


def test_a_copy_that_nobody_has_asked_for_is_not_believed(copies: Sheets, make: MakeId, services: Services) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    freeze(services, lecture)
    age(copies, lecture, sheets.OLD_S + 1)
    assert is_frozen(copies, lecture)


def test_what_was_never_seen_is_read(copies: Sheets, make: MakeId) -> None:
    assert copies.get(KIND, 1) is None
    assert copies.get(KIND, make()) is not None


def test_an_edit_that_is_heard_of_ends_the_copies_of_before(copies: Sheets, make: MakeId, services: Services) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    freeze(services, lecture)
    copies.edited(KIND, [lecture])
    assert is_frozen(copies, lecture)
    assert copies._edited == {}


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("heard", [True, False])
def test_a_read_that_began_before_the_edit_does_not_put_the_old_copy_back(
    copies: Sheets, make: MakeId, services: Services, monkeypatch: pytest.MonkeyPatch, heard: bool, known: bool
) -> None:
    lecture = make()
    if known:
        copies.get(KIND, lecture)
        age(copies, lecture, sheets.FRESH_S + 1)
    read, began, edited = LectureKind.sheets, gevent.event.Event(), gevent.event.Event()

    def late(self: LectureKind, session: Session, offering_ids: Sequence[int] | None) -> list[OfferingSheet]:
        found = list(read(self, session, offering_ids))
        began.set()
        edited.wait(timeout=10)
        return found

    monkeypatch.setattr(LectureKind, "sheets", late)
    asking = gevent.spawn(copies.get, KIND, lecture)  # has it read, beside if there is a copy
    assert began.wait(timeout=10)
    freeze(services, lecture)
    if heard:
        copies.edited(KIND, [lecture])
    edited.set()
    asking.join(timeout=10)
    refreshed(copies)
    assert is_frozen(copies, lecture) is heard


def test_a_worker_hears_of_what_another_one_edited(copies: Sheets, make: MakeId, services: Services) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    freeze(services, lecture)
    ear = gevent.spawn(Hearing(services.redis, copies).run)
    try:
        until(lambda: services.redis.pubsub_numsub(EDITED)[0][1] > 0, "a listener")
        services.redis.publish(EDITED, b"no such thing")  # harmless
        tell_edited(services.redis, [(KIND, lecture)])
        until(lambda: copies._edited, "the news")
        assert is_frozen(copies, lecture)
    finally:
        ear.kill()
