"""Sections as this worker knows them: its copies of their sheets (app/admission/sheets.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from app.admission.engine import Engine
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND
from app.enrolment.rules import SectionSheet


def sheet_of(engine: Engine, section_id: int) -> SectionSheet | None:
    """None for a section that does not exist. Raises the database's error when nothing is known of it yet."""
    return cast("SectionSheet | None", engine.sheets.get(KIND, section_id))


def sheets_of(engine: Engine, section_ids: Sequence[int]) -> dict[int, SectionSheet]:
    """Those that exist. Raises like `sheet_of`."""
    return cast("dict[int, SectionSheet]", engine.sheets.get_all(KIND, section_ids))


def published_sheet(engine: Engine, section_id: int) -> SectionSheet:
    """Raises SectionNotFoundError for what is not there to be chosen."""
    sheet = sheet_of(engine, section_id)
    if sheet is None or not sheet.published:
        raise SectionNotFoundError
    return sheet
