"""Where a claim stands, and the list of one's own."""

from __future__ import annotations

import re
import uuid
from typing import Any, cast

from flask import Response, jsonify, request

from app.admission.claims import Action, Standing, claim_id
from app.admission.mine import claims_of
from app.admission.status import Answer, Wish
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import NotFoundError
from blueprints.auth.guards import requires
from blueprints.claims.presenting import present, title_of
from blueprints.claims.schemas import (
    BatchAnswerSchema,
    BatchSchema,
    ClaimPageSchema,
    ClaimSchema,
    OptionalKeySchema,
    PageSchema,
    ProofSchema,
)
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
    shown = _shown(actor, asked, answer, wish)
    if shown is None:
        raise NotFoundError
    return _fresh(shown)


@blueprint.route("/claims")
@requires(Permission.CLAIMS_OWN)
@answers(200, BatchAnswerSchema)
@blueprint.arguments(BatchSchema, location="query")
def claims(actor: Actor, query: dict[str, Any]) -> Response:
    """Where several of the caller's claims stand, in the order asked for: one question for a cart.

    What is not the caller's, or nobody knows, is left out; but what the header Idempotency-Key and `offering_ids` prove
    to be the caller's own is "unknown", as in the answer about one claim.
    """
    asked = list(dict.fromkeys(query["ids"]))
    offerings = query["offering_ids"] or []
    wishes = {
        one: _wish_for(actor, one, query["kind"], query["action"], offering)
        for one, offering in zip(query["ids"], offerings, strict=False)
    }
    told = engine().status.ask_all([(one, wishes.get(one)) for one in asked])
    found = [_shown(actor, one, answer, wishes.get(one)) for one, answer in zip(asked, told, strict=True)]
    return _fresh({"items": [one for one in found if one is not None]})


@blueprint.route("/me/claims")
@requires(Permission.CLAIMS_OWN)
@answers(200, ClaimPageSchema)
@blueprint.arguments(PageSchema, location="query")
def my_claims(actor: Actor, page: dict[str, Any]) -> Response:
    """The caller's claims (of one kind), newest first: the log of booking and cancelling, enrolling and dropping."""
    limit = page["limit"]
    before = None
    if "cursor" in page:
        moment, _, last = page["cursor"].partition("-")
        before = (min(int(moment), 253_402_300_799_000), last)
    found = claims_of(services(), engine(), actor.account_id, limit=limit + 1, before=before, kind=page["kind"])
    items = [present(one, title_of(one.kind, one.offering_id)) for one in found[:limit]]
    cursor = f"{found[limit - 1].admitted_at}-{found[limit - 1].id}" if len(found) > limit else None
    return _fresh({"items": items, "next_cursor": cursor})


def _own_wish(actor: Actor, asked: str) -> Wish | None:
    """What the id was derived from, when the request proves with its Idempotency-Key that this was the caller's own."""
    offering = request.args.get("offering_id", "")
    if not _NUMBER.fullmatch(offering):
        return None
    return _wish_for(actor, asked, request.args.get("kind", "lecture"), request.args.get("action", "book"), offering)


def _wish_for(actor: Actor, asked: str, kind: str, action: str, offering: str) -> Wish | None:
    key = request.headers.get("Idempotency-Key", "")
    if not key or kind not in engine().kinds:  # the kind becomes a part of ZooKeeper's path
        return None
    if action not in {"book", "swap", "cancel"} or asked != claim_id(
        actor.account_id, action, kind, int(offering), key
    ):
        return None
    return Wish(kind, cast(Action, action), int(offering), actor.account_id)


def _shown(actor: Actor, asked: str, answer: Answer, wish: Wish | None) -> dict[str, Any] | None:
    """A claim as its owner may see it; None for somebody else's, and for one of which nobody can say whose it is."""
    standing = answer.standing
    if standing is None:
        return _unknown(asked) if not answer.sure or wish is not None else None
    if standing.user_id != actor.account_id:
        return None
    if answer.early:
        return _unknown(asked)
    return present(standing, title_of(standing.kind, standing.offering_id))


def _unknown(asked: str) -> dict[str, Any]:
    nobody = Standing(asked, "", 0, 0, "", "book", "unknown", 0)
    return present(nobody) | {"kind": None, "action": None, "offering_id": None}


def _fresh(body: dict[str, Any]) -> Response:
    response = jsonify(body)
    response.headers["Cache-Control"] = "no-store"
    return response
