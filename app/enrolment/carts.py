"""A cart: several sections asked for at once, as one request of one round, with an answer to each.

Its claims pass the gate together, for a single token. What keeps one section out refuses that one alone.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from app.admission.claiming import Allowance, booking, claim_together
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import (
    ClosedError,
    FrozenError,
    KeyReusedError,
    NotOpenError,
    OutcomeUnknownError,
    ThrottledError,
)
from app.admission.gate import Admission
from app.auth.actor import Actor
from app.catalogue.errors import RoundNotFoundError, SectionNotFoundError
from app.catalogue.models import KIND
from app.catalogue.selection_models import SelectionRound
from app.enrolment.allowing import allowance
from app.enrolment.errors import OtherTermError, WishesOnlyError
from app.enrolment.explaining import explained
from app.enrolment.known import sheets_of
from app.enrolment.rounds.current import Schedule, published, schedules_of
from app.enrolment.rules import SectionSheet
from app.errors import SeatrushError, UnavailableError
from app.extensions.clock import from_epoch_ms
from app.extensions.records import record
from app.extensions.services import Services

MOST = 20
# Refusals that are about the round or the person rather than a course: when all of a cart get one, the cart gets it.
_OF_ALL = (
    NotOpenError,
    ClosedError,
    FrozenError,
    WishesOnlyError,
    ThrottledError,
    KeyReusedError,
    UnavailableError,
    OutcomeUnknownError,
)


@record
class CartLine:
    """The answer to one section: an admission, or the problem that refuses it."""

    section_id: int
    claim_id: str
    admission: Admission | None
    problem: SeatrushError | None

    @property
    def unknown(self) -> bool:
        """True when it may have been accepted all the same, by this try or by one before: the same key must be sent again."""
        return self.problem is not None and self.problem.status >= 500


@record
class Cart:
    """`lines` in the order of the request."""

    id: str
    lines: Sequence[CartLine]


def submit_cart(
    services: Services,
    engine: Engine,
    actor: Actor,
    round_id: int,
    sections: Sequence[int],
    key: str,
    *,
    waitlist: bool,
) -> Cart:
    """Claim these sections in this order, each a seat or (with `waitlist`) a place in the line.

    Raises RoundNotFoundError; NotOpenError or ClosedError for a round that does not count now; KeyReusedError; and what
    stands against all of them alike.
    """
    sheets = sheets_of(engine, sections)
    shut = _not_current(round_id, _schedule(services, round_id, sheets), services.clock.epoch_ms())
    cart_id = claim_id(actor.account_id, "cart", "round", round_id, key)
    body = _fingerprint(round_id, sections, waitlist=waitlist)
    claims: list[Claim] = []
    barred: dict[str, SeatrushError] = {}
    for one in sections:
        allowed = shut or _allowance(sheets.get(one), actor, round_id)
        how = allowed if isinstance(allowed, Allowance) else Allowance()
        claims.append(booking(actor.account_id, KIND, one, key, how, waitlist=waitlist, cart=cart_id, fingerprint=body))
        if isinstance(allowed, SeatrushError):
            barred[claims[-1].id] = allowed
    outcomes = claim_together(engine, claims, barred)
    _raise_what_is_common(outcomes)
    lines = [_line(engine, claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
    return Cart(cart_id, lines)


def _schedule(services: Services, round_id: int, sheets: Mapping[int, SectionSheet]) -> Schedule:
    """Of this round's term: from a sheet as a rule, from MariaDB when no section is of that term."""
    for sheet in sheets.values():
        if sheet.schedule.has(round_id):
            return sheet.schedule
    with services.breakers.guard("database"), services.db.reading() as session:
        found = session.get(SelectionRound, round_id)
        if found is None or not published(found):
            raise RoundNotFoundError
        return schedules_of(session, {found.term_id})[found.term_id]


def _not_current(round_id: int, schedule: Schedule, now: int) -> SeatrushError | None:
    """Only the round that counts now takes carts; whether it is open, and by whose clock, is for the gate to say."""
    counts = schedule.at(now)
    if counts is None or counts.round_id == round_id:
        return None
    asked = next(one for one in schedule.windows if one.round_id == round_id)
    if asked.closes_at <= now:
        return ClosedError()
    return NotOpenError(opens_at=from_epoch_ms(asked.opens_at).isoformat())


def _allowance(sheet: SectionSheet | None, actor: Actor, round_id: int) -> Allowance | SeatrushError:
    """How the student may claim a seat there, or what needs no atomic step to refuse it."""
    if sheet is None or not sheet.published:
        return SectionNotFoundError()
    if not sheet.schedule.has(round_id):
        return OtherTermError()
    try:
        return allowance(sheet, actor)
    except SeatrushError as error:
        return error


def _fingerprint(round_id: int, sections: Sequence[int], *, waitlist: bool) -> str:
    asked = f"{round_id}:{int(waitlist)}:{','.join(map(str, sections))}"
    return hashlib.sha1(asked.encode(), usedforsecurity=False).hexdigest()


def _raise_what_is_common(outcomes: Sequence[Admission | Exception]) -> None:
    first = outcomes[0]
    if isinstance(first, _OF_ALL) and all(type(one) is type(first) for one in outcomes):
        raise first


def _line(engine: Engine, claim: Claim, outcome: Admission | Exception) -> CartLine:
    if isinstance(outcome, Admission):
        return CartLine(claim.offering_id, claim.id, outcome, None)
    if isinstance(outcome, SeatrushError):
        return CartLine(claim.offering_id, claim.id, None, explained(engine, claim.offering_id, outcome))
    raise outcome
