"""The blueprint that routes.py and rosters.py hang their views on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint(
    "section_admin", __name__, url_prefix="/api", description="Sections for those who manage and teach them"
)
