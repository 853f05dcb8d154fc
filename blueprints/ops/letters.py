"""Dead letters: what could not be settled, and driving it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from pika.exceptions import AMQPError

from app.admission.deadletters import letters, redrive
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import UnavailableError
from blueprints.auth.guards import requires
from blueprints.context import services
from blueprints.openapi import answers
from blueprints.ops.blueprint import blueprint
from blueprints.ops.presenting import letter_document
from blueprints.ops.schemas import DeadLettersQuerySchema, DeadLettersSchema, RedriveRequestSchema, RedriveSchema


@contextmanager
def _broker() -> Iterator[None]:
    try:
        yield
    except (AMQPError, OSError) as error:
        raise UnavailableError(retry_after=2) from error


@blueprint.route("/dead-letters")
@requires(Permission.OPS)
@answers(200, DeadLettersSchema)
@blueprint.arguments(DeadLettersQuerySchema, location="query")
def dead_letters(_: Actor, asked: dict[str, Any]) -> dict[str, Any]:
    """The oldest messages of the dead-letter queue, with why they could not be settled. They stay there."""
    with _broker():
        found = letters(services().settings.amqp_url, limit=asked["limit"])
    return {"items": [letter_document(one) for one in found]}


@blueprint.route("/dead-letters/redrive", methods=["POST"])
@requires(Permission.OPS)
@answers(200, RedriveSchema)
@blueprint.arguments(RedriveRequestSchema, required=False)
def redrive_dead_letters(_: Actor, body: dict[str, Any]) -> dict[str, int]:
    """Send poison messages, all or one, through the claim queues again, after its cause was mended. Both 0: it is gone."""
    with _broker():
        return asdict(redrive(services().settings.amqp_url, services().publisher, only=body.get("id")))
