"""The address of one's feed below /api/me/calendar-feed; the feed itself, for calendar programs, below /api/calendar."""

from __future__ import annotations

import hashlib
from typing import Any

from flask import Response, jsonify, request
from marshmallow import Schema, fields

from app.agenda.calendar_file import calendar_file
from app.agenda.entries import entries_of_feed
from app.agenda.feeds import close_feed, feed_since, open_feed
from app.auth.actor import Actor
from blueprints.agenda.blueprint import blueprint
from blueprints.auth.guards import signed_in
from blueprints.context import language, over_https, services
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems

CALENDAR = "text/calendar; charset=utf-8"


class FeedSchema(Schema):
    issued_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "Null: there is no feed. The address cannot be shown"}
    )


class FeedAddressSchema(Schema):
    url = fields.String(required=True, metadata={"description": "Told this once; whoever knows it can read the feed"})


@blueprint.route("/me/calendar-feed")
@signed_in
@answers(200, FeedSchema)
def feed(actor: Actor) -> dict[str, Any]:
    """Since when there is a feed of one's own."""
    return {"issued_at": campus_time(feed_since(services(), actor))}


@blueprint.route("/me/calendar-feed", methods=["POST"])
@signed_in
@answers(201, FeedAddressSchema)
def renew(actor: Actor) -> Response:
    """A new address for one's feed; the old one stops working at once."""
    scheme = "https" if over_https() else "http"
    response = jsonify({"url": f"{scheme}://{request.host}/api/calendar/{open_feed(services(), actor)}.ics"})
    response.status_code = 201
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/me/calendar-feed", methods=["DELETE"])
@signed_in
@answers(204)
def close(actor: Actor) -> Response:
    """Close one's feed."""
    close_feed(services(), actor)
    return Response(status=204)


@blueprint.route("/calendar/<string:token>.ics")
@problems(404)
@answers(200, {"type": "string"}, content_type="text/calendar")
@answers(304)
def calendar(token: str) -> Response:
    """The feed: classes with their odd and even weeks, without the days that have none; exams; booked lectures."""
    data = calendar_file(entries_of_feed(services(), token), services().settings.campus_timezone, language())
    response = Response(data, content_type=CALENDAR)
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Accept-Language"
    response.headers["Content-Disposition"] = 'inline; filename="seatrush.ics"'
    response.make_conditional(request)
    return response
