"""GET /api/rounds/{id}."""

from __future__ import annotations

from flask import Response, jsonify

from app.enrolment.rounds.showing import Personal, public_round
from blueprints.catalogue.rounds import round_document
from blueprints.context import actor_or_none, services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.rounds.blueprint import blueprint
from blueprints.rounds.schemas import RoundDetailSchema


@blueprint.route("/<id:round_id>")
@problems(401, 404)
@answers(200, RoundDetailSchema)
def round_(round_id: int) -> Response:
    """A published round; with a student's token also when that student may begin, and a hold."""
    view, mine = public_round(services(), round_id, actor_or_none())
    response = jsonify({**round_document(view), "my": _mine(mine)})
    response.headers["Cache-Control"] = "no-store"
    return response


def _mine(mine: Personal | None) -> dict[str, object] | None:
    return None if mine is None else {"not_before": campus_time(mine.not_before), "hold": mine.hold}
