""" "Why not": how sections stand to one student, by every rule of admission, without claiming. A preview, no promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.admission.claiming import Allowance
from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.errors import (
    AlreadyClaimedError,
    ClosedError,
    FrozenError,
    NotOpenError,
    SoldOutError,
)
from app.admission.kinds import Opening
from app.auth.actor import Actor
from app.catalogue.errors import SectionNotFoundError
from app.enrolment.allowing import allowance
from app.enrolment.errors import WishesOnlyError
from app.enrolment.known import sheets_of
from app.enrolment.rules import Holdings, SectionSheet, refusals
from app.enrolment.seats import Seats, left_for, seats_of
from app.enrolment.standpoint import Standpoint, standpoint
from app.errors import SeatrushError
from app.extensions.clock import from_epoch_ms
from app.extensions.services import Services

MOST = 200


@dataclass(frozen=True, slots=True)
class SectionStanding:
    """`problems`: everything that stands against enrolling, in the order of admission; the first is what it would say.

    `claim`: the live or undecided enrolment. `drop_until`: epoch milliseconds, 0 when nothing can be dropped at all.
    """

    section_id: int
    problems: tuple[SeatrushError, ...]
    would_wait: bool
    claim: Standing | None
    can_drop: bool
    drop_until: int


def standings_of(services: Services, engine: Engine, actor: Actor, section_ids: Sequence[int]) -> list[SectionStanding]:
    """How each of these sections stands to the student, in their order."""
    sheets = sheets_of(engine, section_ids)
    point = standpoint(services, engine, actor, sheets)
    seats = seats_of(services, engine, list(sheets))
    return [_standing(one, sheets.get(one), point, seats) for one in section_ids]


def _standing(section_id: int, sheet: SectionSheet | None, point: Standpoint, seats: Seats) -> SectionStanding:
    if sheet is None or not sheet.published:
        return SectionStanding(section_id, (SectionNotFoundError(),), False, None, False, 0)
    problems = [*_round_problems(sheet, point), *problems_of(sheet, point)]
    free, places = left_for(seats, sheet, point.actor.student)
    if not free and not places:
        problems.append(SoldOutError())
    return SectionStanding(
        section_id=section_id,
        problems=tuple(problems),
        would_wait=not problems and not free,
        claim=point.claims.get(section_id),
        can_drop=point.can_drop(sheet),
        drop_until=sheet.schedule.drop_until(point.now),
    )


def problems_of(sheet: SectionSheet, point: Standpoint, own: Holdings | None = None) -> list[SeatrushError]:
    """Every rule about what the student has, in `own` or as it is, that stands against a section."""
    held = point.claims.get(sheet.offering_id)
    if held is not None:
        return [AlreadyClaimedError(claim_id=held.id, state=held.state)]
    waived = sheet.waived(point.actor.account_id)
    found = refusals(sheet, own or point.terms[sheet.term_id], point.sheets, waived)
    return [_with_claim(one, point) for one in found]


def _with_claim(error: SeatrushError, point: Standpoint) -> SeatrushError:
    """What is said of another section names the claim that holds it, as admission does; what is only planned has none."""
    held = point.claims.get(int(error.data.get("offering_id", 0)))
    if held is not None:
        error.data |= {"claim_id": held.id, "state": held.state}
    return error


def _round_problems(sheet: SectionSheet, point: Standpoint) -> list[SeatrushError]:
    """What keeps the student out, whatever they hold: who they are, and the time."""
    try:
        allowed, found = allowance(sheet, point.actor), []
    except WishesOnlyError as error:
        return [error]
    except SeatrushError as error:
        allowed, found = Allowance(), [error]
    return [*found, *_window_problems(sheet.opening_at(point.now), point.now, allowed.not_before)]


def _window_problems(opening: Opening, now: int, not_before: int) -> list[SeatrushError]:
    if opening.frozen:
        return [FrozenError()]
    opens_at = max(opening.opens_at, not_before)
    if now < opens_at:
        return [NotOpenError(opens_at=from_epoch_ms(opens_at).isoformat())]
    return [ClosedError()] if now >= opening.closes_at else []
