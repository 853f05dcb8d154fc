"""What may be claimed is read before anybody asks: MariaDB may say nothing by then."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.admission import reading_ahead, sheets
from app.admission.engine import Engine
from app.admission.reading_ahead import ReadingAhead
from app.admission.sheets import Sheets
from app.extensions.breakers import DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.services import Services
from app.lectures.models import KIND
from ops.stack import Stack
from tests.functional.admission.conftest import MakeId
from tests.stacks import frozen


@pytest.fixture
def copies(services: Services, engine: Engine) -> Sheets:
    """One worker's."""
    return Sheets(services.db, engine.kinds, services.breakers)


@pytest.fixture
def ahead(services: Services, engine: Engine, copies: Sheets) -> ReadingAhead:
    """The same worker's."""
    return ReadingAhead(services.db, engine.kinds, copies, services.breakers)


def test_what_nobody_asked_for_is_there_when_mariadb_says_nothing(
    ahead: ReadingAhead, copies: Sheets, make: MakeId, stack: Stack
) -> None:
    lecture = make()
    assert ahead.look() == 1
    with frozen(stack.service("mariadb")):
        assert copies.get(KIND, lecture) is not None


def test_else_it_cannot_be_had(copies: Sheets, make: MakeId, stack: Stack) -> None:
    lecture = make()
    with frozen(stack.service("mariadb")), pytest.raises((SQLAlchemyError, DependencyDownError)):
        copies.get(KIND, lecture)


def test_what_is_known_is_not_read_again(ahead: ReadingAhead, make: MakeId) -> None:
    make()
    assert ahead.look() == 1
    assert ahead.since > 0
    assert ahead.look() == 0
    make()
    assert ahead.look() == 1


def test_many_are_read_in_turns(ahead: ReadingAhead, make: MakeId, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading_ahead, "AT_ONCE", 2)
    monkeypatch.setattr(reading_ahead, "BETWEEN_S", 0.0)
    for _ in range(5):
        make()
    assert ahead.look() == 5


def test_copies_of_what_was_asked_for_are_not_pushed_out(
    ahead: ReadingAhead, copies: Sheets, make: MakeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sheets, "MOST", 4)
    for _ in range(5):
        make()
    assert ahead.look() == 2
    assert ahead.look() == 0
    assert ahead.since == 0  # not all of it


def test_what_was_edited_is_read_again(
    ahead: ReadingAhead, copies: Sheets, make: MakeId, services: Services, stack: Stack
) -> None:
    lecture = make()
    ahead.look()
    with services.db.transaction() as session:
        session.execute(text("UPDATE lecture SET frozen = 1 WHERE id = :id"), {"id": lecture})
    copies.edited(KIND, [lecture])
    assert ahead.look() == 1
    with frozen(stack.service("mariadb")):
        found = copies.get(KIND, lecture)
    assert found is not None
    assert found.frozen


def test_one_that_cannot_be_described_keeps_no_other_waiting(
    ahead: ReadingAhead, copies: Sheets, make: MakeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading_ahead, "AT_ONCE", 1)
    broken, *others = sorted(make() for _ in range(3))
    read = copies._read

    def reading(tickets: list[Ticket[Any, Any]]) -> None:
        if any(one.item == (KIND, broken) for one in tickets):
            raise KeyError(broken)
        read(tickets)

    monkeypatch.setattr(copies, "_reader", Coalescer(reading, in_flight=1))
    assert ahead.look() == len(others)
    assert ahead.since == 0
    assert copies.unread(KIND, [broken, *others]) == [broken]
