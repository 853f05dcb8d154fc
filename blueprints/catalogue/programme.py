"""GET /api/me/programme: the study plan of the signed-in student."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.programme import programme_of
from blueprints.auth.guards import requires
from blueprints.catalogue.blueprint import blueprint
from blueprints.catalogue.presenting import course_document
from blueprints.catalogue.schemas import PROGRAMME
from blueprints.context import services
from blueprints.openapi import answers, problems


@blueprint.route("/me/programme")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, PROGRAMME)
def programme(actor: Actor) -> dict[str, Any]:
    """The courses of one's class, by recommended term. A plan is short: always one page."""
    items = [
        {
            "course": course_document(one.view),
            "recommended_term": one.recommended_term,
            "required": one.required,
            "done": one.done,
            "recommended": one.recommended,
        }
        for one in programme_of(services(), actor)
    ]
    return {"items": items, "next_cursor": None}
