"""Whose sheets a permit changes, told to every worker after the commit (app/admission/edits.py)."""

from __future__ import annotations

import logging
from typing import Any

from sqlalchemy import Select, false, select
from sqlalchemy.exc import SQLAlchemyError

from app.admission.edits import tell_edited
from app.catalogue.models import KIND, Section
from app.catalogue.selection_models import SelectionRound
from app.extensions.breakers import DependencyDownError
from app.extensions.redis import RedisError
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def tell_of_course(services: Services, course_id: int, section_id: int | None) -> None:
    """All sections of a course, or one of them."""
    query = select(Section.id).where(Section.course_id == course_id, Section.is_deleted == false())
    _tell(services, query if section_id is None else query.where(Section.id == section_id))


def tell_of_round(services: Services, round_id: int) -> None:
    """All sections that one may choose in a round: those of its term."""
    term = select(SelectionRound.term_id).where(SelectionRound.id == round_id).scalar_subquery()
    _tell(services, select(Section.id).where(Section.term_id == term, Section.is_deleted == false()))


def _tell(services: Services, sections: Select[Any]) -> None:
    """A hint: the change is committed already, and who does not hear of it finds it in seconds."""
    try:
        with services.breakers.guard("database"), services.db.transaction() as session:
            found = list(session.scalars(sections))
        with services.breakers.guard("redis"):
            tell_edited(services.redis, [(KIND, section) for section in found])
    except (RedisError, SQLAlchemyError, DependencyDownError) as error:
        logger.info("nobody was told of a permit: %r", error)
