"""HTTP, one folder per domain."""

from __future__ import annotations

# What `app.factory` registers, in this order: `blueprints/<name>/routes.py` holds `blueprint`. Append a new one here.
BLUEPRINTS = (
    "system",
    "auth",
    "org",
    "org_admin",
    "catalogue",
    "lectures",
    "lecture_admin",
    "enrolments",
    "rounds",
    "round_admin",
