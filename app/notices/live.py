"""A notice to the open pages: an event over Redis that blueprints/live hands to whom it is for. A hint, as all events."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

import orjson

from app.admission.effects import EVENTS
from app.extensions.redis import RedisError
from app.extensions.services import Services
from app.notices.models import Notice
from app.notices.texts import words_of

logger = logging.getLogger(__name__)


def tell(services: Services, notice: Notice, targets: Sequence[int]) -> None:
    """Tell the sockets. Never raises for Redis's sake: whoever is not told finds it with the next question."""
    try:
        services.redis.publish(EVENTS, orjson.dumps(event_of(notice, targets)))
    except RedisError as error:
        logger.info("notice %d is not told live: %r", notice.id, error)


def event_of(notice: Notice, targets: Sequence[int]) -> dict[str, Any]:
    """{"type": "notice", "id", "titles": {language: title}, "groups": [[scope, target]]}."""
    titles = {language: words_of(notice, language)[0] for language in ("zh", "en")}
    groups = [[notice.scope, target] for target in targets]
    return {"type": "notice", "id": str(notice.id), "titles": titles, "groups": groups}
