"""Which round of course selection counts for a term now, or counted at a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.auth.actor import StudentStanding
from app.catalogue.selection_models import SelectionRound
from app.enrolment.permits.models import TimeTicket
from app.enrolment.rounds.openings import fair_until
from app.extensions.clock import to_epoch_ms
from app.org.audience import Audience

# The modes of a round in which seats are claimed one by one.
CLAIMABLE = frozenset({"fcfs", "fair"})


@dataclass(frozen=True, slots=True)
class Ticket:
    """A time ticket. Times are epoch milliseconds."""

    not_before: int
    audience: Audience
    students: frozenset[int]


@dataclass(frozen=True, slots=True)
class RoundWindow:
    """A published round as the rules need it. `fair_until` 0: not a fair opening, or one that is drawn."""

    round_id: int
    opens_at: int
    closes_at: int
    drop_until: int
    mode: str
    frozen: bool
    fair_until: int = 0
    tickets: tuple[Ticket, ...] = ()

    @property
    def claimable(self) -> bool:
        """True of a round in which seats are claimed one by one, while nobody has stopped it."""
        return self.mode in CLAIMABLE and not self.frozen

    def not_before(self, student_id: int, standing: StudentStanding | None) -> int:
        """When this student may begin, 0: with everybody. A ticket by name goes before one for a group; of several that
        are alike the earliest counts."""
        named = [one.not_before for one in self.tickets if student_id in one.students]
        grouped = [one.not_before for one in self.tickets if standing is not None and one.audience.names(standing)]
        return min(named or grouped or [0])


@dataclass(frozen=True, slots=True)
class Schedule:
    """The published rounds of a term in the order of their opening. `version` grows with every change of any of them."""

    windows: tuple[RoundWindow, ...] = ()
    version: int = 0

    def at(self, moment: int) -> RoundWindow | None:
        """The round that is open at the moment, else the next one, else the last; None when there is none."""
        ahead = [one for one in self.windows if one.closes_at > moment]
        return ahead[0] if ahead else (self.windows[-1] if self.windows else None)

    def has(self, round_id: int) -> bool:
        """True when the round is one of these."""
        return any(one.round_id == round_id for one in self.windows)

    def drop_until(self, moment: int) -> int:
        """Until when what one holds may be dropped: what an earlier round promised still holds."""
        current = self.at(moment)
        return max((one.drop_until for one in self.windows if current and one.opens_at <= current.opens_at), default=0)

    def version_at(self, moment: int) -> int:
        """Grows also when a round ends and the next one begins to count, which nobody writes down anywhere."""
        return self.version + sum(one.closes_at <= moment for one in self.windows)


def schedules_of(session: Session, term_ids: Collection[int]) -> Mapping[int, Schedule]:
    """Term → its schedule, of every one of these terms."""
    found: dict[int, list[SelectionRound]] = {term: [] for term in term_ids}
    query = select(SelectionRound).where(SelectionRound.term_id.in_(term_ids)).order_by(SelectionRound.opens_at)
    for one in session.scalars(query) if term_ids else ():
        found[one.term_id].append(one)
    public = {term: [one for one in rounds if published(one)] for term, rounds in found.items()}
    tickets = _tickets(session, [one.id for rounds in public.values() for one in rounds])
    return {
        # Drafts and deleted rounds count too: a version that loses a summand would go back.
        term: Schedule(
            tuple(_window(one, tickets.get(one.id, ())) for one in public[term]),
            sum(to_epoch_ms(one.update_time) for one in rounds),
        )
        for term, rounds in found.items()
    }


def published(one: SelectionRound) -> bool:
    """True when students see the round."""
    return one.state == "published" and not one.is_deleted


def _window(one: SelectionRound, tickets: Sequence[Ticket]) -> RoundWindow:
    opens_at = to_epoch_ms(one.opens_at)
    return RoundWindow(
        round_id=one.id,
        opens_at=opens_at,
        closes_at=to_epoch_ms(one.closes_at),
        drop_until=to_epoch_ms(one.drop_until),
        mode=one.mode,
        frozen=one.frozen,
        fair_until=fair_until(one) if one.mode == "fair" and one.drawn_at is None else 0,
        tickets=tuple(tickets),
    )


def _tickets(session: Session, rounds: Collection[int]) -> dict[int, list[Ticket]]:
    found: dict[int, list[Ticket]] = {}
    query = select(TimeTicket).where(TimeTicket.round_id.in_(rounds), TimeTicket.is_deleted.is_(False))
    for one in session.scalars(query) if rounds else ():
        ticket = Ticket(to_epoch_ms(one.not_before), Audience.of(one.audience), frozenset(one.students))
        found.setdefault(one.round_id, []).append(ticket)
    return found
