"""GET and PUT /api/rounds/{id}/wishes."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.lottery.wishes import Wish, Wishes, WishView, hand_in, wishes_of
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import meeting_document
from blueprints.context import services
from blueprints.openapi import answers, problems
from blueprints.rounds.blueprint import blueprint
from blueprints.rounds.schemas import WishesInputSchema, WishesSchema


@blueprint.route("/<id:round_id>/wishes")
@requires(Permission.CLAIMS_OWN)
@problems(404, 409)
@answers(200, WishesSchema)
def wishes(actor: Actor, round_id: int) -> Response:
    """One's own wishes in a lottery round, the first wish first, and what became of each."""
    return _answer(wishes_of(services(), actor, round_id))


@blueprint.route("/<id:round_id>/wishes", methods=["PUT"])
@requires(Permission.CLAIMS_OWN)
@problems(404, 409)
@answers(200, WishesSchema)
@blueprint.arguments(WishesInputSchema)
def hand_in_wishes(actor: Actor, body: dict[str, Any], round_id: int) -> Response:
    """Replace the list while the round is open. 409: conflict (another version), not_a_lottery.

    403: not_open, closed, frozen, on_hold; 404: section_not_found; 422: points_over_limit.
    """
    wished = [Wish(**one) for one in body["wishes"]]
    return _answer(hand_in(services(), actor, round_id, wished, body["version"]))


def _answer(found: Wishes) -> Response:
    body = {
        "round_id": str(found.round.id),
        "version": found.version,
        "points_limit": found.round.points_limit,
        "lot": found.lot,
        "wishes": [_wish(one) for one in found.wishes],
    }
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response


def _wish(one: WishView) -> dict[str, Any]:
    return {
        "section": {
            "id": str(one.section.id),
            "section_no": one.section.section_no,
            "course_id": str(one.course.id),
            "course_code": one.course.code,
            "course_name": one.course.name,
            "credits": float(one.course.credits),
            "teacher_names": one.section.teacher_names,
            "capacity": one.section.capacity,
            "meetings": [meeting_document(meeting) for meeting in one.meetings],
        },
        "points": one.wish.points,
        # "drawn" is on its way to be enrolled, and not told before it is
        "state": "open" if one.wish.state == "drawn" else one.wish.state,
        "reason": one.wish.reason or None,
    }
