"""HTTP, one folder per domain."""

from __future__ import annotations

# What `app.factory` registers, in this order: `blueprints/<name>/routes.py` holds `blueprint`. Append a new one here.
BLUEPRINTS = (
    "system",
    "auth",
    "org",
    "org_admin",
    "people_admin",
    "manager_admin",
    "course_admin",
    "section_admin",
    "catalogue",
    "lectures",
    "lecture_admin",
    "enrolments",
    "swaps",
    "rounds",
    "round_admin",
    "claims",
    "tickets",
    "check_ins",
    "live",
    "ops",
    "controls",
    "audit",
    "notices",
    "agenda",
    "exchange",
)

# Between the hosts of one system, and no part of the documented API.
INTERNAL = ("peers",)
