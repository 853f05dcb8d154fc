"""Sheets: a worker's copies of the offerings, while MariaDB answers and while it hangs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic

import gevent
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.admission import sheets
from app.admission.engine import Engine
from app.admission.kinds import Kinds, OfferingSheet
from app.admission.sheets import Sheets
from app.extensions.services import Services
from app.lectures.kind import LectureKind
from app.lectures.models import KIND
from ops.stack import Stack
from tests.functional.admission.conftest import MakeId


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


@contextmanager
def hung(stack: Stack) -> Iterator[None]:
    """MariaDB holds its connections and answers nothing."""
    mariadb = stack.service("mariadb")
    mariadb.pause()
    try:
        yield
    finally:
        mariadb.resume()


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


def frozen(copies: Sheets, lecture: int) -> bool:
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
    with hung(stack):
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
    assert not frozen(copies, lecture)  # fresh
    age(copies, lecture, sheets.FRESH_S + 1)
    assert not frozen(copies, lecture)
    refreshed(copies)
    assert frozen(copies, lecture)


def test_a_copy_that_nobody_has_asked_for_is_not_believed(copies: Sheets, make: MakeId, services: Services) -> None:
    lecture = make()
    copies.get(KIND, lecture)
    freeze(services, lecture)
    age(copies, lecture, sheets.OLD_S + 1)
    assert frozen(copies, lecture)


def test_what_was_never_seen_is_read(copies: Sheets, make: MakeId) -> None:
    assert copies.get(KIND, 1) is None
    assert copies.get(KIND, make()) is not None
