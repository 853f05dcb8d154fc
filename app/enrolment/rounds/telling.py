"""After a change of a round: Redis first, so that what pages hear is already true, then the pages."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from app.admission.effects import EVENTS
from app.admission.engine import Engine
from app.catalogue.rounds import RoundView, phase_at
from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.current import published
from app.enrolment.rounds.describing import describe_term
from app.extensions.redis import RedisError
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def tell_round(
    services: Services, engine: Engine, one: SelectionRound, action: str, *, public: bool = True
) -> RoundView:
    """Tell Redis and, of a round that students see (`public`: or saw until now), the open pages. Never raises for a
    server's sake. Returns the round as it is now."""
    view = RoundView(one, phase_at(one, services.clock.now()))
    if not (public or published(one)):
        return view
    describe_term(services, engine, one.term_id)
    try:
        services.redis.publish(EVENTS, orjson.dumps(_event(services, view, action)))
    except RedisError as error:
        logger.info("nobody was told of round %d: %r", one.id, error)
    return view


def _event(services: Services, view: RoundView, action: str) -> dict[str, Any]:
    one, zone = view.round, services.settings.campus_timezone
    return {
        "type": "round",
        "action": action,
        "round": {
            "id": str(one.id),
            "term_id": str(one.term_id),
            "round_no": one.round_no,
            "mode": one.mode,
            "state": one.state,
            "phase": view.phase,
            **{name: getattr(one, name).astimezone(zone) for name in ("opens_at", "closes_at", "drop_until")},
            "frozen": one.frozen,
            "frozen_reason": one.frozen_reason or None,
            "version": one.version,
        },
    }
