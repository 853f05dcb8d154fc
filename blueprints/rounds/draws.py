"""GET /api/rounds/{id}/draw and …/draw.json: public, so that anybody may compute it again."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.enrolment.lottery.requesting import DrawView, draw_file, public_draw
from app.enrolment.rounds.seeds import revealed_seed
from blueprints.context import services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems
from blueprints.rounds.blueprint import blueprint
from blueprints.rounds.schemas import DrawFileSchema, DrawSchema


@blueprint.route("/<id:round_id>/draw")
@problems(404, 409)
@answers(200, DrawSchema)
def draw(round_id: int) -> dict[str, Any]:
    """What was committed to, and once it has been drawn: the seed and where the file is."""
    return draw_document(public_draw(services(), round_id))


@blueprint.route("/<id:round_id>/draw.json")
@problems(404, 409)
@answers(200, DrawFileSchema)
def draw_as_file(round_id: int) -> Response:
    """The whole draw: seats, wishes under lots instead of names, the seed and the results. docs/lottery.md."""
    content, digest = draw_file(services(), round_id)
    response = Response(content, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="draw-{round_id}.json"'
    response.headers["ETag"] = f'"{digest}"'
    return response


def draw_document(view: DrawView) -> dict[str, Any]:
    """A draw as everybody may see it."""
    one, made = view.round, view.draw
    published = made is not None and (made.digest is not None or one.mode == "fair")
    return {
        "round_id": str(one.id),
        "mode": one.mode,
        "state": made.state if made else "none",
        "commitment": one.commitment,
        "seed": revealed_seed(one),
        "algorithm": made.algorithm if made else None,
        "drawn_at": campus_time(one.drawn_at),
        "wishes": made.wishes if made else 0,
        "won": made.won if made else 0,
        "digest": made.digest if made else None,
        "export_url": f"/api/rounds/{one.id}/draw.json" if published else None,
    }
