"""GET /api/rounds: public."""

from __future__ import annotations

from typing import Any

from app.catalogue.rounds import RoundView, list_rounds
from app.enrolment.rounds.seeds import SEEDED
from blueprints.catalogue.blueprint import blueprint
from blueprints.catalogue.presenting import read_numbers
from blueprints.catalogue.schemas import ROUNDS, TermChoiceSchema
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.paging import make_cursor


@blueprint.route("/rounds")
@problems(404)
@answers(200, ROUNDS)
@blueprint.arguments(TermChoiceSchema, location="query")
def rounds(query: dict[str, Any]) -> dict[str, Any]:
    """Published rounds of a term, by number."""
    cursor, limit = read_numbers(query["cursor"], 1), query["limit"]
    views = list_rounds(services(), query["term_id"], after=cursor[0] if cursor else -1, limit=limit + 1)
    more = make_cursor(views[limit - 1].round.round_no) if len(views) > limit else None
    return {"items": [round_document(view) for view in views[:limit]], "next_cursor": more}


def round_document(view: RoundView) -> dict[str, Any]:
    """A round as everybody may see it: never its seed."""
    found = view.round
    return {
        "id": str(found.id),
        "term_id": str(found.term_id),
        "round_no": found.round_no,
        "opens_at": campus_time(found.opens_at),
        "closes_at": campus_time(found.closes_at),
        "drop_until": campus_time(found.drop_until),
        "mode": found.mode,
        "tips": found.tips,
        "phase": view.phase,
        "frozen": found.frozen,
        "frozen_reason": found.frozen_reason or None,
        "fair_seconds": found.fair_seconds,
        "points_limit": found.points_limit,
        "commitment": found.commitment if found.mode in SEEDED else None,
        "version": found.version,
    }
