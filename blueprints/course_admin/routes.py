"""/api/manage/terms, courses, programme-courses, credit-accounts."""

from __future__ import annotations

from blueprints.course_admin.resources import COURSES, CREDITS, PLANS, TERMS
from blueprints.crud import serve
from blueprints.openapi import Blueprint

blueprint = Blueprint("course_admin", __name__, url_prefix="/api/manage", description="What is taught")

serve(blueprint, "/terms", TERMS)
serve(blueprint, "/courses", COURSES)
serve(blueprint, "/programme-courses", PLANS)
serve(blueprint, "/credit-accounts", CREDITS)
