"""/api/manage/lectures: lectures.py (create, list, edit, close, delete) and rosters.py."""

from __future__ import annotations

from blueprints.lecture_admin import lectures, rosters
from blueprints.lecture_admin.blueprint import blueprint

__all__ = ["blueprint", "lectures", "rosters"]
