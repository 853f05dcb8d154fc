"""/api/manage/lectures: lectures.py (create, list, edit, close, delete), rosters.py and no_shows.py."""

from __future__ import annotations

from blueprints.lecture_admin import lectures, no_shows, rosters
from blueprints.lecture_admin.blueprint import blueprint

__all__ = ["blueprint", "lectures", "no_shows", "rosters"]
