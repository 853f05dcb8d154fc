"""GET /api/me/enrolments: what one has in a term."""

from __future__ import annotations

import orjson
from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.enrolment.mine import Enrolled
from app.enrolment.shown import Seats, Shown
from blueprints.auth.guards import requires
from blueprints.catalogue.presenting import section_document
from blueprints.catalogue.terms import period_documents, term_document
from blueprints.claims.presenting import moment, present
from blueprints.context import language, timetables
from blueprints.enrolments.blueprint import blueprint
from blueprints.enrolments.presenting import credits_document
from blueprints.enrolments.schemas import EnrolmentsQuerySchema, EnrolmentsSchema
from blueprints.lean import FinishedResponse
from blueprints.openapi import accepts, answers, problems
from blueprints.queries import KnownQuery

_QUERY = KnownQuery(EnrolmentsQuerySchema)
# For whoever draws a timetable of it: the same for everybody.
_PERIODS = orjson.Fragment(orjson.dumps(period_documents()))
_JSON = [("Content-Type", "application/json")]


@blueprint.route("/me/enrolments")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, EnrolmentsSchema)
@accepts(EnrolmentsQuerySchema, location="query", required=False)
def enrolments(actor: Actor) -> Response:
    """Sections held, waited for and asked for, by course; the term's credits; the campus's periods."""
    query, spoken = _QUERY.read(), language()
    found = timetables().of(actor, query["term"] if query["term_id"] is None else query["term_id"])
    body = {
        "term": term_document(found.term) if found.term else None,
        "credits": credits_document(found.credits),
        "items": [_document(one, spoken) for one in found.items],
        "periods": _PERIODS,
    }
    return FinishedResponse(orjson.dumps(body), 200, _JSON)


def _document(one: Enrolled, spoken: str) -> dict[str, object]:
    return {
        "section": _section(one.shown, one.seats, spoken),
        "claim": present(one.claim, one.title),
        "state": one.claim.state,
        "position": one.claim.position,
        "can_drop": one.can_drop,
        "drop_until": moment(one.drop_until),
    }


def _section(shown: Shown, seats: Seats, spoken: str) -> orjson.Fragment:
    """The section document: all of it but the seats was written when this worker first showed it."""
    written = shown.rendered.get(spoken)
    if written is None:
        document = section_document(shown.view)
        del document["seats_left"], document["waiting"]
        written = shown.rendered[spoken] = orjson.dumps(document)[:-1]
    return orjson.Fragment(b'%b,"seats_left":%d,"waiting":%d}' % (written, *seats))
