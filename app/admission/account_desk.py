"""What a person brings to a scope and holds there, with where each claim stands: one Redis call for all who ask within
a few milliseconds. Redis knows more than MariaDB here: what was promised and is not settled yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.admission.account_store import OwnAccount
from app.admission.epochs import EpochFollower
from app.admission.status import StatusDesk, enough
from app.admission.store import EpochError, SeatStore
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.redis import RedisError, patiently

Asked = tuple[str, int, int]  # (kind, scope, person)


class AccountDesk:
    """Answers of one worker."""

    def __init__(self, *, store: SeatStore, epochs: EpochFollower, breakers: Breakers, status: StatusDesk) -> None:
        self._store = store
        self._epochs = epochs
        self._breakers = breakers
        self._status = status
        self._coalescer: Coalescer[Asked, OwnAccount | None] = Coalescer(self._read, linger_s=0.001)

    def ask(self, kind: str, scope: int, user_id: int) -> OwnAccount | None:
        """None when Redis cannot be asked, was never told of this person, or does not know all that is held yet."""
        return self._coalescer.ask((kind, scope, user_id))

    def sure(self, own: OwnAccount) -> bool:
        """True when the standings may be told as they are, else each claim is to be asked for (`StatusDesk.ask_all`)."""
        return all(enough(held.standing, current=own.current) for held in own.holds.values())

    def _read(self, tickets: list[Ticket[Asked, OwnAccount | None]]) -> None:
        for kind in {ticket.item[0] for ticket in tickets}:
            mine = [ticket for ticket in tickets if ticket.item[0] == kind]
            answers = self._from_redis(kind, [ticket.item[1:] for ticket in mine])
            for ticket, answer in zip(mine, answers, strict=True):
                ticket.resolve(answer)

    def _from_redis(self, kind: str, asked: Sequence[tuple[int, int]]) -> Sequence[OwnAccount | None]:
        current = self._status.asking()
        try:
            with self._breakers.guard("redis"):
                known = patiently(lambda: self._epochs.fenced(lambda fence: self._store.mine(kind, asked, fence=fence)))
            return [one and replace(one, current=current()) for one in known]
        except (RedisError, DependencyDownError, EpochError):
            self._status.note_outage()
            return [None] * len(asked)
