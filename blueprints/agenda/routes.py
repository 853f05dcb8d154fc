"""A person's calendar: feed.py (for calendar programs), lectures.py (for the timetable)."""

from __future__ import annotations

from blueprints.agenda import feed, lectures
from blueprints.agenda.blueprint import blueprint

__all__ = ["blueprint", "feed", "lectures"]
