"""A person's calendar: feed.py (for calendar programs), lectures.py (for the timetable), overlaps.py."""

from __future__ import annotations

from blueprints.agenda import feed, lectures, overlaps
from blueprints.agenda.blueprint import blueprint

__all__ = ["blueprint", "feed", "lectures", "overlaps"]
