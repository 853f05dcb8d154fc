"""The blueprint that lectures.py, rosters.py and no_shows.py hang their views on."""

from __future__ import annotations

from blueprints.openapi import Blueprint

blueprint = Blueprint(
    "lecture_admin", __name__, url_prefix="/api/manage/lectures", description="Lectures for those who manage them"
)
