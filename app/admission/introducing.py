"""What Redis said it does not know of a claim: what it is on, or whose it is. The claim's own request makes it known.

Beside the pass that met it: a pass serves many, and a MariaDB that hangs must stall nobody but those whom it is asked
about.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence

import gevent
from sqlalchemy.exc import SQLAlchemyError

from app.admission.accounts import Accounts
from app.admission.claims import Claim
from app.admission.errors import AccountNotLoadedError, NotLoadedError
from app.admission.loader import Loader
from app.admission.store import EpochError
from app.extensions.breakers import DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.redis import RedisError

logger = logging.getLogger(__name__)

# After each of these the same claim is asked for again, once it was introduced.
UNKNOWN = (NotLoadedError, AccountNotLoadedError)

# How long a request waits for its own account: MariaDB's read time-out is far longer, and nothing was claimed yet.
WITHIN_S = 3.0

Person = tuple[str, int]  # (kind, user)


class Introductions:
    """One worker's. Who comes while an account is being read waits for that same read; who comes together shares one."""

    def __init__(self, loader: Loader, accounts: Accounts) -> None:
        self._loader = loader
        self._accounts = accounts
        self._under_way: dict[Person, gevent.Greenlet[[Person], bool]] = {}
        self._reader: Coalescer[Person, None] = Coalescer(self._read)

    def introduce(self, unknown: Sequence[tuple[Claim, object]]) -> bool:
        """Make known what each claim's error is about. False when MariaDB did not say in time: asking again is no use."""
        self._load([claim for claim, error in unknown if isinstance(error, NotLoadedError)])
        people = {(claim.kind, claim.user_id) for claim, error in unknown if isinstance(error, AccountNotLoadedError)}
        return self._hand_over(people)

    def _load(self, claims: Sequence[Claim]) -> None:
        wanted = {(claim.kind, one) for claim in claims for one in (claim.offering_id, claim.drops) if one}
        try:
            for kind in {kind for kind, _ in wanted}:
                self._loader.load_each(kind, sorted(one for name, one in wanted if name == kind))
        except (RedisError, SQLAlchemyError, EpochError) as error:
            logger.info("%d offerings cannot be loaded: %r", len(wanted), error)

    def _hand_over(self, people: Iterable[Person]) -> bool:
        reads = [self._under_way.get(one) or self._begin(one) for one in people]
        gevent.joinall(reads, timeout=WITHIN_S)
        return all(one.value for one in reads)

    def _begin(self, person: Person) -> gevent.Greenlet[[Person], bool]:
        begun = self._under_way[person] = gevent.spawn(self._one, person)
        return begun

    def _one(self, person: Person) -> bool:
        try:
            self._reader.ask(person)
        except (RedisError, EpochError):
            return True  # who asks again goes the direct path
        except (SQLAlchemyError, DependencyDownError) as error:
            logger.info("%s account of %d cannot be read: %r", *person, error)
            return False
        finally:
            del self._under_way[person]
        return True

    def _read(self, tickets: list[Ticket[Person, None]]) -> None:
        wanted = {ticket.item for ticket in tickets}
        for kind in sorted({kind for kind, _ in wanted}):
            self._accounts.hand_over(kind, {user for name, user in wanted if name == kind})
        for ticket in tickets:
            ticket.resolve(None)
