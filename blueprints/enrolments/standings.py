"""GET /api/me/standings: why not."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.standings import SectionStanding, standings_of
from blueprints.auth.guards import requires
from blueprints.claims.presenting import moment, present, title_of
from blueprints.context import engine, services
from blueprints.enrolments.blueprint import blueprint
from blueprints.enrolments.presenting import problem_document
from blueprints.enrolments.schemas import StandingsQuerySchema, StandingsSchema
from blueprints.openapi import answers


@blueprint.route("/me/standings")
@requires(Permission.CLAIMS_OWN)
@answers(200, StandingsSchema)
@blueprint.arguments(StandingsQuerySchema, location="query")
def standings(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """May one enrol, and if not, by which rule and with what: a preview, which claims nothing and promises nothing."""
    found = standings_of(services(), engine(), actor, query["section_ids"])
    return {"items": [_document(one) for one in found]}


def _document(one: SectionStanding) -> dict[str, Any]:
    problems = [problem_document(problem) for problem in one.problems]
    return {
        "section_id": str(one.section_id),
        "can_enrol": not problems,
        "problem": problems[0] if problems else None,
        "problems": problems,
        "would_wait": one.would_wait,
        "claim": present(one.claim, title_of(one.claim.kind, one.claim.offering_id)) if one.claim else None,
        "can_drop": one.can_drop,
        "drop_until": moment(one.drop_until),
    }
