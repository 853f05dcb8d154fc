"""The blueprint of course selection; its modules register their views on it."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("enrolments", __name__, url_prefix="/api", description="Course selection")
