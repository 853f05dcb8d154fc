"""Lectures for students and the public: booking.py (the hot path) and reading.py."""

from __future__ import annotations

from blueprints.lectures import booking, reading
from blueprints.lectures.blueprint import blueprint

__all__ = ["blueprint", "booking", "reading"]
