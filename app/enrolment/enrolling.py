"""Enrol and drop: what happens when a student chooses a section. The way is that of docs/book.md."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from sqlalchemy.exc import SQLAlchemyError

from app.admission.claiming import claim_seat, give_up
from app.admission.engine import Engine
from app.admission.errors import DuplicateGroupError, TimetableClashError
from app.admission.gate import Admission
from app.auth.actor import Actor
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND
from app.enrolment.allowing import allowance
from app.enrolment.rules import SectionSheet
from app.extensions.breakers import DependencyDownError


def enrol(engine: Engine, actor: Actor, section_id: int, key: str, *, waitlist: bool = True) -> Admission:
    """Claim a seat (or, with `waitlist`, a place in the line). `key` is the browser's Idempotency-Key.

    Raises the engine's refusals, SectionNotFoundError, NotEligibleError and WishesOnlyError; a clash says with what.
    """

    with titled(engine):
        return claim_seat(
            engine, actor.account_id, KIND, section_id, key, waitlist=waitlist,
            allowed=lambda: allowance(section_sheet(engine, section_id), actor),
        )  # fmt: skip


def drop(engine: Engine, actor: Actor, section_id: int, key: str) -> Admission:
    """Claim the end of one's own enrolment or place in the line. Raises like `enrol`, and NothingToCancelError."""
    return give_up(engine, actor.account_id, KIND, section_id, key, allowed=lambda: section_sheet(engine, section_id))


@contextmanager
def titled(engine: Engine) -> Iterator[None]:
    """A refusal that is about another section says which, by its title too."""
    try:
        yield
    except (TimetableClashError, DuplicateGroupError) as error:
        error.data["offering_title"] = _title(engine, int(error.data["offering_id"]))
        raise


def _title(engine: Engine, section_id: int) -> str:
    """Empty while MariaDB is away: a title must not cost the answer."""
    try:
        sheet = engine.sheets.get(KIND, section_id)
    except (SQLAlchemyError, DependencyDownError):
        return ""
    return getattr(sheet, "title", "")


def section_sheet(engine: Engine, section_id: int) -> SectionSheet:
    """This worker's copy of the sheet. Raises SectionNotFoundError when there is none, or it is not published."""
    sheet = engine.sheets.get(KIND, section_id)
    if sheet is None or not cast(SectionSheet, sheet).published:
        raise SectionNotFoundError
    return cast(SectionSheet, sheet)
