"""What a plan would come to if it were sent now as a cart: each section by the rules, after those wanted more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.admission.engine import Engine
from app.admission.errors import NotEligibleError
from app.auth.actor import Actor
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.sections import SectionView
from app.enrolment.known import sheets_of
from app.enrolment.mine import Credits, credits_of
from app.enrolment.planning import Plan
from app.enrolment.rules import Hold, Holdings, refusal
from app.enrolment.shown import views_of
from app.enrolment.standings import problems_of
from app.enrolment.standpoint import Standpoint, standpoint
from app.errors import SeatrushError
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class PlannedSection:
    """`problems`: what stands against it, whatever the time and the seats."""

    view: SectionView
    problems: Sequence[SeatrushError]


@dataclass(frozen=True, slots=True)
class CheckedPlan:
    """`planned`: tenths of a credit of what is planned and not held."""

    plan: Plan
    items: Sequence[PlannedSection]
    credits: Credits
    planned: int


def check_plan(services: Services, engine: Engine, actor: Actor, plan: Plan) -> CheckedPlan:
    """Look at every section of the plan as admission would."""
    views = {view.section.id: view for view in views_of(services, plan.sections)}
    point = standpoint(services, engine, actor, sheets_of(engine, plan.sections), [plan.term_id])
    own = point.terms[plan.term_id]
    # What is wanted more and stands nothing against counts as held for what comes after it.
    mine = Holdings(own.limit, own.passed, own.bar, dict(own.holds))
    items, planned = [], 0
    for section in plan.sections:
        problems = _problems(section, point, mine)
        if not problems:
            sheet = point.sheets[section]
            mine.holds[section] = Hold("seat", sheet.course_id, sheet.weight)
        if section in point.sheets and section not in point.claims:
            planned += point.sheets[section].weight
        if section in views:
            items.append(PlannedSection(views[section], problems))
    return CheckedPlan(plan, items, credits_of(point, plan.term_id), planned)


def _problems(section: int, point: Standpoint, mine: Holdings) -> list[SeatrushError]:
    sheet = point.sheets.get(section)
    if sheet is None or not sheet.published:
        return [SectionNotFoundError()]
    rule = refusal(sheet, point.actor.student, sheet.waived(point.actor.account_id))
    return [*([NotEligibleError(rule=rule)] if rule else []), *problems_of(sheet, point, mine)]
