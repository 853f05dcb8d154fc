"""GET /api/me/enrolments: what one has in a term."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.mine import Enrolled, enrolments_of
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import section_document
from blueprints.catalogue.terms import term_document
from blueprints.claims.presenting import moment, present, title_of
from blueprints.context import engine, services
from blueprints.enrolments.blueprint import blueprint
from blueprints.enrolments.presenting import credits_document
from blueprints.enrolments.schemas import EnrolmentsSchema, TermQuerySchema
from blueprints.openapi import answers, problems


@blueprint.route("/me/enrolments")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, EnrolmentsSchema)
@blueprint.arguments(TermQuerySchema, location="query")
def enrolments(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Sections held, waited for and asked for, by course; and the term's credits."""
    found = enrolments_of(services(), engine(), actor, query["term_id"])
    return {
        "term": term_document(found.term) if found.term else None,
        "credits": credits_document(found.credits),
        "items": [_document(one) for one in found.items],
    }


def _document(one: Enrolled) -> dict[str, Any]:
    return {
        "section": section_document(one.view),
        "claim": present(one.claim, title_of(one.claim.kind, one.claim.offering_id)),
        "state": one.claim.state,
        "position": one.claim.position,
        "can_drop": one.can_drop,
        "drop_until": moment(one.drop_until),
    }
