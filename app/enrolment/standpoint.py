"""Where one student stands: what is held or asked for in some terms, and what the rules need to know of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.mine import pending_of
from app.auth.actor import Actor
from app.enrolment.holdings import OwnTerm, own_term
from app.enrolment.known import sheets_of
from app.enrolment.rules import SectionSheet
from app.extensions.services import Services


@dataclass(slots=True)
class Standpoint:
    """What the rules need to know of one student, for any number of sections."""

    actor: Actor
    now: int
    terms: dict[int, OwnTerm] = field(default_factory=dict)
    sheets: dict[int, SectionSheet] = field(default_factory=dict)
    claims: dict[int, Standing] = field(default_factory=dict)  # section → live or undecided claim
    cancelling: set[int] = field(default_factory=set)

    def can_drop(self, sheet: SectionSheet) -> bool:
        """True while there is something to drop, nothing drops it yet, and it is not too late."""
        claim = self.claims.get(sheet.offering_id)
        if claim is None or sheet.offering_id in self.cancelling:
            return False
        undecided_swap = claim.action == "swap" and claim.state == "pending"
        return not undecided_swap and sheet.droppable_at(self.now)


def standpoint(
    services: Services, engine: Engine, actor: Actor, sheets: Mapping[int, SectionSheet], terms: Sequence[int] = ()
) -> Standpoint:
    """The student's, for the terms of these sections and for `terms`."""
    wanted = {one.term_id for one in sheets.values()} | set(terms)
    own = {term: own_term(services, engine, actor.account_id, term) for term in wanted}
    return standing_on(services, engine, actor, own, sheets)


def standing_on(
    services: Services,
    engine: Engine,
    actor: Actor,
    terms: Mapping[int, OwnTerm],
    sheets: Mapping[int, SectionSheet],
) -> Standpoint:
    """The same of what is known already, by term."""
    point = Standpoint(actor, services.clock.epoch_ms(), dict(terms), dict(sheets))
    held = [section for own in terms.values() for section in own.claims]
    point.sheets |= sheets_of(engine, [one for one in held if one not in point.sheets])
    doubtful = []
    for own in terms.values():
        if own.told is None or own.ending is None:
            doubtful.append(own)
        else:
            point.claims |= {section: one for section, one in own.told.items() if not one.final}
            point.cancelling |= own.ending
    if doubtful:
        _ask(engine, point, doubtful)
    return point


def _ask(engine: Engine, point: Standpoint, doubtful: Sequence[OwnTerm]) -> None:
    """Claim by claim."""
    asked = [(claim, None) for own in doubtful for claim in own.claims.values()]
    for answer in engine.status.ask_all(asked):
        if answer.standing is not None and not answer.standing.final:
            point.claims[answer.standing.offering_id] = answer.standing
    # A drop names the claim that it ends, and so does a swap.
    ending = {one.target for one in pending_of(engine, point.actor.account_id) if not one.final and one.target}
    point.cancelling |= {section for section, claim in point.claims.items() if claim.id in ending}
