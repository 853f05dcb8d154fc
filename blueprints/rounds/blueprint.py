"""The blueprint that the views of this folder hang on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("rounds", __name__, url_prefix="/api/rounds", description="Rounds of course selection")
