"""Where a claim stands, and the list of one's own."""

from __future__ import annotations

import re
import uuid
from typing import Any, cast

from flask import Response, jsonify, request

from app.admission.claims import Action, Standing, claim_id
from app.admission.mine import claims_of
from app.admission.status import Wish
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import NotFoundError
from blueprints.auth.guards import requires
from blueprints.claims.presenting import present, title_of
from blueprints.claims.schemas import ClaimPageSchema, ClaimSchema, OptionalKeySchema, PageSchema, ProofSchema
from blueprints.context import engine, services
from blueprints.openapi import Blueprint, accepts, answers, problems

blueprint = Blueprint("claims", __name__, url_prefix="/api", description="Claims of the signed-in student")

_NUMBER = re.compile(r"\d{1,19}")


@blueprint.route("/claims/<uuid:wanted>")
@requires(Permission.CLAIMS_OWN)
@problems(404)
@answers(200, ClaimSchema)
@accepts(OptionalKeySchema, location="header", required=False)
@accepts(ProofSchema, location="query", required=False)
def claim(actor: Actor, wanted: uuid.UUID) -> Response:
    """Where one of the caller's claims stands. `unknown` means: keep asking."""
    asked = str(wanted)
    wish = _own_wish(actor, asked)
    answer = engine().status.ask(asked, wish)
    if answer.standing is not None:
        if answer.standing.user_id != actor.account_id:
            raise NotFoundError
        standing = answer.standing
        return _fresh(present(standing, title_of(standing.kind, standing.offering_id)))
    if not answer.sure or wish is not None:
        return _fresh(_unknown(asked))
    raise NotFoundError


@blueprint.route("/me/claims")
@requires(Permission.CLAIMS_OWN)
@answers(200, ClaimPageSchema)
@blueprint.arguments(PageSchema, location="query")
def my_claims(actor: Actor, page: dict[str, Any]) -> Response:
    """The caller's claims, newest first."""
    limit = page["limit"]
    before = None
    if "cursor" in page:
        moment, _, last = page["cursor"].partition("-")
        before = (min(int(moment), 253_402_300_799_000), last)
    found = claims_of(engine(), services().db, actor.account_id, limit=limit + 1, before=before)
    items = [present(one, title_of(one.kind, one.offering_id)) for one in found[:limit]]
    cursor = f"{found[limit - 1].admitted_at}-{found[limit - 1].id}" if len(found) > limit else None
    return _fresh({"items": items, "next_cursor": cursor})


def _own_wish(actor: Actor, asked: str) -> Wish | None:
    """What the id was derived from, when the request proves with its Idempotency-Key that this was the caller's own."""
    key = request.headers.get("Idempotency-Key", "")
    offering = request.args.get("offering_id", "")
    if not key or not _NUMBER.fullmatch(offering):
        return None
    kind, action = request.args.get("kind", "lecture"), request.args.get("action", "book")
    if kind not in engine().kinds:  # it becomes a part of ZooKeeper's path
        return None
    if action not in {"book", "swap", "cancel"} or asked != claim_id(
        actor.account_id, action, kind, int(offering), key
    ):
        return None
    return Wish(kind, cast(Action, action), int(offering), actor.account_id)


def _unknown(asked: str) -> dict[str, Any]:
    nobody = Standing(asked, "", 0, 0, "", "book", "unknown", 0)
    return present(nobody) | {"kind": None, "action": None, "offering_id": None}


def _fresh(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response
