"""GET and PUT /api/me/plan: what one means to ask for, before the opening."""

from __future__ import annotations

from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.plan_check import CheckedPlan, check_plan
from app.enrolment.planning import Plan, change_plan, plan_of
from app.errors import InvalidInputError
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import section_document
from blueprints.catalogue.schemas import TermQuerySchema
from blueprints.context import engine, services
from blueprints.enrolments.blueprint import blueprint
from blueprints.enrolments.presenting import problem_document
from blueprints.enrolments.schemas import PlanBodySchema, PlanSchema
from blueprints.openapi import answers, problems


@blueprint.route("/me/plan")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, PlanSchema)
@blueprint.arguments(TermQuerySchema, location="query")
def plan(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """The plan, checked anew: against what one holds, and each section after those wanted more."""
    return _checked(actor, plan_of(services(), actor, query["term_id"]))


@blueprint.route("/me/plan", methods=["PUT"])
@requires(Permission.CLAIMS_OWN)
@problems(404, 409)
@answers(200, PlanSchema)
@blueprint.arguments(TermQuerySchema, location="query")
@blueprint.arguments(PlanBodySchema)
def change(actor: Actor, query: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Plan these sections instead, in the order of preference. 409 conflict: changed elsewhere (see `version`)."""
    sections = body["sections"]
    if len(set(sections)) != len(sections):
        raise InvalidInputError(errors={"sections": ["Each section once."]})
    return _checked(actor, change_plan(services(), actor, query["term_id"], sections, body["version"]))


def _checked(actor: Actor, found: Plan) -> dict[str, Any]:
    checked: CheckedPlan = check_plan(services(), engine(), actor, found)
    return {
        "term_id": str(found.term_id),
        "version": found.version,
        "items": [
            {
                "section": section_document(one.view),
                "problems": [problem_document(problem) for problem in one.problems],
            }
            for one in checked.items
        ],
        "credits": {
            "limit": checked.credits.limit / 10,
            "used": checked.credits.used / 10,
            "planned": checked.planned / 10,
        },
    }
