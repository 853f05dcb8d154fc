"""/api/manage/colleges, departments, majors, classes: the university's structure for those who manage it."""

from __future__ import annotations

from app.org.units.levels import CLASS, COLLEGE, DEPARTMENT, MAJOR
from app.references import nothing, uses_of_class, uses_of_college
from blueprints.crud import serve
from blueprints.openapi import Blueprint
from blueprints.org_admin import schemas
from blueprints.org_admin.units import unit_resource

blueprint = Blueprint("org_admin", __name__, url_prefix="/api/manage", description="The university's structure")

serve(
    blueprint,
    "/colleges",
    unit_resource(
        COLLEGE,
        uses_of_college,
        item=schemas.ManagedCollegeSchema,
        page=schemas.COLLEGES,
        query=schemas.CollegeQuerySchema,
        new=schemas.CollegeInputSchema,
        changes=schemas.CollegeChangeSchema,
    ),
)
serve(
    blueprint,
    "/departments",
    unit_resource(
        DEPARTMENT,
        nothing,
        item=schemas.ManagedDepartmentSchema,
        page=schemas.DEPARTMENTS,
        query=schemas.DepartmentQuerySchema,
        new=schemas.DepartmentInputSchema,
        changes=schemas.DepartmentChangeSchema,
    ),
)
serve(
    blueprint,
    "/majors",
    unit_resource(
        MAJOR,
        nothing,
        item=schemas.ManagedMajorSchema,
        page=schemas.MAJORS,
        query=schemas.MajorQuerySchema,
        new=schemas.MajorInputSchema,
        changes=schemas.MajorChangeSchema,
    ),
)
serve(
    blueprint,
    "/classes",
    unit_resource(
        CLASS,
        uses_of_class,
        item=schemas.ManagedClassSchema,
        page=schemas.CLASSES,
        query=schemas.ClassQuerySchema,
        new=schemas.ClassInputSchema,
        changes=schemas.ClassChangeSchema,
    ),
)
