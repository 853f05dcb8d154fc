"""Reserved seats of sections are opened to all at their time (app/seating/opening.py)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND, Section, Term
from app.catalogue.terms import LONGEST_TERM
from app.seating.opening import Reserving


def _of_a_term_of_now(now: datetime) -> Sequence[ColumnElement[bool]]:
    return [Section.term_id.in_(select(Term.id).where(Term.starts_on > (now - LONGEST_TERM).date()))]


SECTIONS = Reserving(KIND, Section, SectionNotFoundError, _of_a_term_of_now)
