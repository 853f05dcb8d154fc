"""What a worker keeps of thousands of sections: read again only when something of it has changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any

import gevent
import pytest
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from app.admission import sheets
from app.admission.sheets import Sheets
from app.catalogue.models import KIND
from app.enrolment.kind import SectionKind
from app.enrolment.rules import SectionSheet
from app.enrolment.sheet_mark import MADE_OF
from app.enrolment.sheets import section_sheets
from tests.functional.enrolment.conftest import MONDAY_1_2, Registry


class CountingKind(SectionKind):
    """Sections, with the ids that were read."""

    read: list[int]

    def sheets(self, session: Session, offering_ids: Sequence[int]) -> list[SectionSheet]:
        self.read.extend(offering_ids)
        return super().sheets(session, offering_ids)


@pytest.fixture
def kind(registry: Registry) -> CountingKind:
    made = CountingKind(registry.services.ids)
    made.read = []
    return made


@pytest.fixture
def copies(registry: Registry, kind: CountingKind) -> Sheets:
    return Sheets(registry.services.db, {KIND: kind}, registry.services.breakers)


@pytest.fixture(autouse=True)
def _waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that is too old is read again here, not told again because MariaDB took a quarter of a second."""
    monkeypatch.setattr(sheets, "GRACE_S", 60.0)


def age(copies: Sheets, seconds: float = sheets.FRESH_S + 1) -> None:
    """Let every copy, and what is known of the mark, be as old as that."""
    then = monotonic() - seconds
    for key, entry in copies._known.items():
        copies._known[key] = type(entry)(entry.sheet, then, entry.mark)
    for name, seen in copies._seen.items():
        copies._seen[name] = type(seen)(seen.mark, then)


def refreshed(copies: Sheets) -> None:
    for one in list(copies._refreshes.values()):
        assert one.done.wait(timeout=30)


def test_one_look_at_the_mark_makes_every_copy_fresh(registry: Registry, copies: Sheets, kind: CountingKind) -> None:
    sections = [registry.section() for _ in range(5)]
    copies.get_all(KIND, sections)
    assert sorted(kind.read) == sorted(sections)
    kind.read.clear()
    age(copies)
    copies.get(KIND, sections[0])
    refreshed(copies)
    copies.get_all(KIND, sections)
    assert (kind.read, copies._refreshes) == ([], {})


def test_copies_of_one_mark_share_the_look_at_it(registry: Registry, copies: Sheets, kind: CountingKind) -> None:
    """An opening asks for thousands of them in the same second."""
    sections = [registry.section() for _ in range(5)]
    copies.get_all(KIND, sections)
    age(copies)
    copies.get_all(KIND, sections)
    assert len(copies._refreshes) == 1
    refreshed(copies)


def test_whoever_shared_a_look_at_another_mark_is_read_again(
    registry: Registry, copies: Sheets, kind: CountingKind
) -> None:
    first, other = registry.section(), registry.section()
    copies.get_all(KIND, [first, other])
    with registry.services.db.transaction() as session:
        session.execute(text("UPDATE section SET frozen = 1 WHERE id = :id"), {"id": other})
    age(copies, sheets.OLD_S + 1)
    asking = [gevent.spawn(copies.get, KIND, one) for one in (first, other)]
    gevent.joinall(asking, raise_error=True)
    assert [one.value.braked for one in asking] == [False, True]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE section SET frozen = 1 WHERE id = :id",
        "UPDATE meeting SET is_deleted = 1 WHERE section_id = :id",
        "UPDATE course SET credits = 9.5 WHERE id = (SELECT course_id FROM section WHERE id = :id)",
        "UPDATE selection_round SET frozen = 1 WHERE term_id = (SELECT term_id FROM section WHERE id = :id)",
        "DELETE FROM section WHERE id = :id",
    ],
)
def test_an_edit_of_anything_is_seen(registry: Registry, copies: Sheets, kind: CountingKind, edit: str) -> None:
    section, other = registry.section(None, MONDAY_1_2), registry.section()
    before = copies.get_all(KIND, [section, other])
    with registry.services.db.transaction() as session:
        session.execute(text(edit), {"id": section})
    age(copies, sheets.OLD_S + 1)
    assert copies.get(KIND, section) != before[section]
    age(copies, sheets.OLD_S + 1)
    kind.read.clear()
    copies.get(KIND, other)
    assert kind.read == [other]


def test_without_a_mark_every_sheet_is_read_again(
    registry: Registry, copies: Sheets, kind: CountingKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kind, "mark", lambda _: None)
    section = registry.section()
    copies.get(KIND, section)
    age(copies, sheets.OLD_S + 1)
    copies.get(KIND, section)
    assert kind.read == [section, section]


def test_a_sheet_is_made_of_what_the_mark_looks_at(registry: Registry) -> None:
    """Or an edit of another table would never be seen: whoever adds one to the sheet adds it to the mark."""
    section = registry.section(registry.course(needs=(registry.course(),)), MONDAY_1_2)
    with registry.services.db.transaction() as session, tables_read(session) as tables:
        section_sheets(session, [section])
    assert tables - {"seat_pool"} == {model.__tablename__ for model in MADE_OF}


@contextmanager
def tables_read(session: Session) -> Iterator[set[str]]:
    found: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        found.update(re.findall(r"(?:FROM|JOIN) (\w+)", statement))

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)
