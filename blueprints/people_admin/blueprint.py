"""The blueprint that the views of this folder hang on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("people_admin", __name__, url_prefix="/api/manage", description="Students and teachers")
