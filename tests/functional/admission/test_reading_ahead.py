"""What may be claimed is read before anybody asks: MariaDB may say nothing by then."""

from __future__ import annotations

from time import monotonic

import pytest
from sqlalchemy.exc import SQLAlchemyError

from app.admission import reading_ahead, sheets
from app.admission.engine import Engine
from app.admission.reading_ahead import ReadingAhead
from app.admission.sheets import Sheets
from app.extensions.breakers import DependencyDownError
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
        began = monotonic()
        assert copies.get(KIND, lecture) is not None
        assert monotonic() - began < 1


def test_else_it_cannot_be_had(copies: Sheets, make: MakeId, stack: Stack) -> None:
    lecture = make()
    with frozen(stack.service("mariadb")), pytest.raises((SQLAlchemyError, DependencyDownError)):
        copies.get(KIND, lecture)


def test_what_is_known_is_not_read_again(ahead: ReadingAhead, make: MakeId) -> None:
    make()
    assert ahead.look() == 1
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
