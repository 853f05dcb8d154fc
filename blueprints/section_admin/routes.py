"""/api/manage/sections: what can be done with one section, its roster; /api/me/sections: those one teaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.sections import SectionDetail, SectionFilter
from app.enrolment.sections.cancelling import cancel_section
from app.enrolment.sections.creating import create_section
from app.enrolment.sections.deleting import delete_section
from app.enrolment.sections.editing import edit_section
from app.enrolment.sections.freezing import freeze_section
from app.enrolment.sections.reading import STATES, list_managed_sections, managed_section
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import read_numbers, section_detail
from blueprints.context import engine, services
from blueprints.crud import After, Resource, serve
from blueprints.openapi import answers, problems
from blueprints.reservations import reservation_documents
from blueprints.section_admin import rosters, schemas
from blueprints.section_admin.blueprint import blueprint

__all__ = ["blueprint", "rosters"]


def _document(detail: SectionDetail) -> dict[str, Any]:
    return {**section_detail(detail), "reservations": reservation_documents(detail.view.reservations)}


def _listed(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[SectionDetail]:
    numbers = read_numbers(after, 2)
    term_id, state = filters.pop("term_id"), filters.pop("state")
    wanted = SectionFilter(**filters, states=(state,) if state else STATES)
    place = (numbers[0], numbers[1]) if numbers else None
    return list_managed_sections(services(), actor, term_id, wanted, after=place, limit=limit)


def _created(actor: Actor, body: dict[str, Any]) -> SectionDetail:
    force = body.pop("force", False)
    body.pop("reason", None)
    return create_section(services(), engine(), actor, body, force=force)


def _edited(actor: Actor, section_id: int, body: dict[str, Any], version: int | None) -> SectionDetail:
    force = body.pop("force", False)
    body.pop("reason", None)
    return edit_section(services(), engine(), actor, section_id, body, version=version, force=force)


serve(
    blueprint,
    "/manage/sections",
    Resource(
        name="section",
        permission=Permission.COURSES_MANAGE,
        item=schemas.ManagedSectionSchema,
        page=schemas.SECTIONS,
        query=schemas.ManagedSectionQuerySchema,
        new=schemas.SectionInputSchema,
        changes=schemas.SectionChangeSchema,
        listed=_listed,
        found=lambda actor, one: managed_section(services(), actor, one),
        created=_created,
        edited=_edited,
        deleted=lambda actor, one: delete_section(services(), actor, one),
        document=_document,
        after=lambda detail: (detail.view.section.course_id, detail.view.section.section_no),
        refused="section_taken, section_cancelled, section_chosen, capacity_taken, place_taken, teacher_taken, meetings_clash",
        list_problems=(404,),
    ),
)


@blueprint.route("/manage/sections/<id:row_id>/cancel", methods=["POST"])
@requires(Permission.COURSES_MANAGE)
@problems(404, 409)
@answers(200, schemas.ManagedSectionSchema)
@blueprint.arguments(schemas.CancelSchema)
def cancel(actor: Actor, body: dict[str, Any], row_id: int) -> dict[str, Any]:
    """Call a section off: every enrolment ends, credits come back, everybody is told. For good."""
    return _document(cancel_section(services(), engine(), actor, row_id, version=body.get("version")))


@blueprint.route("/manage/sections/<id:row_id>/freeze", methods=["POST"])
@requires(Permission.COURSES_MANAGE)
@problems(404)
@answers(200, schemas.ManagedSectionSchema)
def freeze(actor: Actor, row_id: int) -> dict[str, Any]:
    """Pause choosing of one section; nothing that was accepted is touched."""
    return _document(freeze_section(services(), engine(), actor, row_id, frozen=True))


@blueprint.route("/manage/sections/<id:row_id>/resume", methods=["POST"])
@requires(Permission.COURSES_MANAGE)
@problems(404)
@answers(200, schemas.ManagedSectionSchema)
def resume(actor: Actor, row_id: int) -> dict[str, Any]:
    """Let it be chosen again."""
    return _document(freeze_section(services(), engine(), actor, row_id, frozen=False))
