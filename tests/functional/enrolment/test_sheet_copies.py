"""Sheets that a consumer keeps: never older than what the transaction would read."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from app.enrolment import sheet_copies
from app.enrolment.sheet_copies import WORTH_A_MARK, SheetCopies
from tests.functional.enrolment.conftest import Registry

FREEZE = "UPDATE section SET frozen = 1, update_time = NOW(6) WHERE id = :one"


@pytest.fixture
def sections(registry: Registry) -> list[int]:
    return [registry.section() for _ in range(WORTH_A_MARK)]


@pytest.mark.parametrize("guarded", [True, False])
def test_an_edit_is_seen_at_once(
    registry: Registry, sections: list[int], monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    if not guarded:
        monkeypatch.setattr(sheet_copies, "mark_of_sheets", lambda _: "always the same")
    copies, db = SheetCopies(), registry.services.db
    with db.transaction() as session:
        assert not any(one.braked for one in copies.read(session, sections).values())
    with db.transaction() as session:
        session.execute(text(FREEZE), {"one": sections[0]})
    with db.transaction() as session:
        found = copies.read(session, sections)
    assert [found[one].braked for one in sections] == [guarded] + [False] * (WORTH_A_MARK - 1)


def test_what_is_the_same_is_read_once(registry: Registry, sections: list[int]) -> None:
    copies, db, asked = SheetCopies(), registry.services.db, 0

    def count(*_: object) -> None:
        nonlocal asked
        asked += 1

    with db.transaction() as session:
        first = copies.read(session, [*sections, 4711])
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            assert copies.read(session, [*sections, 4711]) == first
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
    assert (sorted(first), asked) == (sorted(sections), 1)  # the mark
