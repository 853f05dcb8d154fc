"""Create, list, edit, delete; the timeline."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.rounds.draft import RoundDraft
from app.enrolment.rounds.managing import create_round, delete_round, edit_round, list_managed, managed_round
from app.enrolment.rounds.models import RoundEvent
from app.enrolment.rounds.timeline import timeline_of
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import read_numbers
from blueprints.catalogue.schemas import TermChoiceSchema
from blueprints.context import engine, services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import PageSchema, read_number_cursor
from blueprints.round_admin.blueprint import blueprint
from blueprints.round_admin.presenting import created, managed_document, page
from blueprints.round_admin.schemas import (
    MANAGED,
    TIMELINE,
    ManagedRoundSchema,
    RoundChangeSchema,
    RoundInputSchema,
)


@blueprint.route("/rounds")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, MANAGED)
@blueprint.arguments(TermChoiceSchema, location="query")
def rounds(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Every round of a term, drafts too, by number."""
    cursor, limit = read_numbers(query["cursor"], 1), query["limit"]
    after = cursor[0] if cursor else -1
    views = list_managed(services(), actor, query["term_id"], after=after, limit=limit + 1)
    return page(views, limit, managed_document, lambda view: view.round.round_no)


@blueprint.route("/rounds", methods=["POST"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(201, ManagedRoundSchema, headers={"Location": {"schema": {"type": "string"}}})
@blueprint.arguments(RoundInputSchema)
def create(actor: Actor, body: dict[str, Any]) -> Response:
    """A draft, or with `state: published` a round that students see. 409: round_number_taken, round_overlap, round_state."""
    publish = body.pop("state") == "published"
    view = create_round(services(), engine(), actor, RoundDraft(**body), publish=publish)
    return created(managed_document(view), f"/api/manage/rounds/{view.round.id}")


@blueprint.route("/rounds/<id:round_id>")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, ManagedRoundSchema)
def one_round(actor: Actor, round_id: int) -> dict[str, Any]:
    """One round."""
    return managed_document(managed_round(services(), actor, round_id))


@blueprint.route("/rounds/<id:round_id>", methods=["PATCH"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(200, ManagedRoundSchema)
@blueprint.arguments(RoundChangeSchema)
def edit(actor: Actor, body: dict[str, Any], round_id: int) -> dict[str, Any]:
    """Change any field before it opens, the tips at any time. `state` publishes it, or takes it back before it opens.

    409: conflict (another version), round_started, round_overlap, round_number_taken, round_state.
    """
    version, state = body.pop("version", None), body.pop("state", None)
    view = edit_round(services(), engine(), actor, round_id, body, version=version, state=state)
    return managed_document(view)


@blueprint.route("/rounds/<id:round_id>", methods=["DELETE"])
@requires(Permission.ROUNDS_MANAGE)
@problems(404, 409)
@answers(204)
def delete(actor: Actor, round_id: int) -> tuple[str, int]:
    """Delete a draft."""
    delete_round(services(), actor, round_id)
    return "", 204


@blueprint.route("/rounds/<id:round_id>/timeline")
@requires(Permission.ROUNDS_MANAGE)
@problems(404)
@answers(200, TIMELINE)
@blueprint.arguments(PageSchema, location="query")
def timeline(actor: Actor, query: dict[str, Any], round_id: int) -> dict[str, Any]:
    """What was done to the round, by whom and why, the latest first."""
    limit, before = query["limit"], read_number_cursor(query["cursor"])
    events = timeline_of(services(), actor, round_id, before=before, limit=limit + 1)
    return page(events, limit, _event, lambda event: event.id)


def _event(event: RoundEvent) -> dict[str, Any]:
    return {
        "id": str(event.id),
        "action": event.action,
        "reason": event.reason or None,
        "detail": event.detail,
        "account_id": str(event.account_id),
        "username": event.username,
        "at": campus_time(event.at),
    }
