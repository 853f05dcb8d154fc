"""The blueprint that the views of this folder hang on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint("catalogue", __name__, url_prefix="/api", description="Terms, courses, sections and rounds")
