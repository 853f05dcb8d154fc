"""GET /healthz, /readyz, /metrics, /api/time, /api/docs."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.extensions.clock import from_epoch_ms
from blueprints.context import services
from blueprints.openapi import Blueprint, answers
from blueprints.system import metrics
from blueprints.system.readiness import can_serve, dependency_states
from blueprints.system.schemas import HealthSchema, ReadinessSchema, TimeSchema

blueprint = Blueprint("system", __name__, description="The process, its dependencies, and the time")

# All of it from files that Nginx serves (web/vendor/swagger); no inline script, so that the policy can be strict.
_DOCS = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Seatrush API</title>
<link rel="stylesheet" href="/swagger/swagger-ui.css">
<div id="swagger-ui"></div>
<script src="/swagger/swagger-ui-bundle.js" defer></script>
<script src="/swagger/init.js" defer></script>
</html>
"""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'"
)


@blueprint.route("/healthz")
@answers(200, HealthSchema)
def healthz() -> dict[str, str]:
    """The process answers; says nothing about its dependencies."""
    return {"status": "ok"}


@blueprint.route("/readyz")
@answers(200, ReadinessSchema)
@answers(503, ReadinessSchema, "No degraded mode can serve anybody")
def readyz() -> tuple[dict[str, Any], int]:
    """Each dependency's state. 503 only when no degraded mode could serve anybody."""
    states = dependency_states(services())
    serving = can_serve(states)
    status = "unavailable" if not serving else "ready" if set(states.values()) == {"up"} else "degraded"
    body = {"status": status, "dependencies": states, "breakers": services().breakers.states()}
    return body, 200 if serving else 503


@blueprint.route("/metrics")
@answers(200, {"type": "string"}, content_type="text/plain")
def prometheus() -> Response:
    """Prometheus text format. Nginx serves it to the host itself only."""
    return Response(metrics.exposition(services().settings.metrics_dir), content_type=metrics.MEDIA_TYPE)


@blueprint.route("/api/time")
@answers(200, TimeSchema)
def now() -> dict[str, Any]:
    """The server's clock, which countdowns follow."""
    epoch_ms = services().clock.epoch_ms()
    return {"now": from_epoch_ms(epoch_ms).astimezone(services().settings.campus_timezone), "epoch_ms": epoch_ms}


@blueprint.route("/api/docs")
@answers(200, {"type": "string"}, content_type="text/html")
def docs() -> Response:
    """Swagger UI over /api/openapi.json."""
    return Response(_DOCS, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _POLICY})
