"""Marks: ephemeral ZooKeeper nodes that say "a claim is in progress". A hint for people and for de-duplication.

`/seatrush/in-progress/<kind>/<offering>/<user>` holds the ids of this person's claims there, mostly one; a cart, whose claims
travel together, has one mark for all of them, `/seatrush/in-progress/<kind>/carts/<user>`. Nothing is ever decided by a mark.
"""

from __future__ import annotations

import logging
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from time import monotonic
from typing import Any, TypeVar

import gevent
from kazoo.client import KazooClient
from kazoo.exceptions import BadVersionError, KazooException, NodeExistsError, NoNodeError

from app.admission.claims import TAKING, Claim
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.zookeeper import ROOT, nodes_below

logger = logging.getLogger(__name__)

T = TypeVar("T")

IN_PROGRESS = f"{ROOT}/in-progress"
# How long admission may wait for a mark. A claim without one is as good as one with it. Too late is `gevent.Timeout`,
# a BaseException, and not kazoo's own `handler.timeout_exception`: its results are gevent's.
CREATE_WITHIN_S = 0.25
READ_WITHIN_S = 0.25
DELETE_ATTEMPTS = 2
ADD_ATTEMPTS = 3
LOOK_WITHIN_S = 2.0
# Requests asked for one by one; kazoo takes fewer than 300 before it has sent any.
AT_ONCE = 64

# Of one person's claims in one place, the newest: a cart has a dozen.
MOST_IDS = 64

# What one pass over the old marks looks at: in a rush there are tens of thousands, and ZooKeeper has better things to do.
SHELVES_A_PASS = 300
MARKS_A_PASS = 1_000

GIVES_UP = b"~"  # after the id of a claim that gives a seat up

Place = tuple[str, str, int]  # kind, shelf (an offering's id, or CARTS), user
CARTS = "carts"


def place_of(claim: Claim) -> Place:
    """Where this claim is marked."""
    return (claim.kind, CARTS if claim.cart else str(claim.offering_id), claim.user_id)


def seat_of(claim: Claim) -> Place:
    """Where a claim on this very seat is marked, unless it came in a cart."""
    return (claim.kind, str(claim.offering_id), claim.user_id)


def places_of(kind: str, offering_id: int, user_id: int) -> tuple[Place, Place]:
    """Where a claim of this user in that offering may be marked."""
    return (kind, str(offering_id), user_id), (kind, CARTS, user_id)


def path_of(place: Place) -> str:
    """The node of a place."""
    kind, shelf, user_id = place
    return f"{IN_PROGRESS}/{kind}/{shelf}/{user_id}"


def _gathered(claims: Iterable[Claim]) -> list[tuple[Place, bytes]]:
    """Place and content of each mark that these claims need."""
    found: dict[Place, list[str]] = {}
    for claim in claims:
        found.setdefault(place_of(claim), []).append(
            claim.id if claim.action in TAKING else f"{claim.id}{GIVES_UP.decode()}"
        )
    return [(place, " ".join(ids).encode()) for place, ids in found.items()]


def _ids(content: bytes) -> frozenset[str]:
    return frozenset(content.replace(GIVES_UP, b"").decode().split())


class Marks:
    """Marks of one process: batches in one ZooKeeper multi, every call bounded, every failure harmless."""

    def __init__(self, client: KazooClient, breakers: Breakers) -> None:
        self._client = client
        self._breakers = breakers
        self._parents: set[str] = set()

    def create(self, claims: Collection[Claim]) -> bool:
        """Mark claims as in progress. False when it could not be done in time; a late creation deletes itself, and what a lost
        connection may have left is cleared by the sweeper: settle has nothing to take away."""
        deadline = monotonic() + CREATE_WITHIN_S
        marks = _gathered(claims)
        try:
            with self._breakers.guard("zookeeper"):
                if not self._client.connected:
                    raise KazooException("not connected")
                self._create_parents({(kind, shelf) for (kind, shelf, _), _ in marks}, deadline)
                self._multi_create(marks, deadline)
        except (KazooException, gevent.Timeout, DependencyDownError) as error:
            logger.info("no marks for %d claims: %r", len(claims), error)
            return False
        return True

    def _create_parents(self, shelves: Iterable[tuple[str, str]], deadline: float) -> None:
        missing = {f"{IN_PROGRESS}/{kind}/{shelf}" for kind, shelf in shelves} - self._parents
        asked = [(parent, self._client.ensure_path_async(parent)) for parent in missing]
        for parent, answer in asked:
            answer.get(timeout=_left(deadline))
            self._parents.add(parent)

    def _multi_create(self, marks: Sequence[tuple[Place, bytes]], deadline: float) -> None:
        transaction = self._client.transaction()
        for place, content in marks:
            transaction.create(path_of(place), content, ephemeral=True)
        pending = transaction.commit_async()
        try:
            results = pending.get(timeout=_left(deadline))
        except gevent.Timeout:
            pending.rawlink(lambda _late: gevent.spawn(self.delete, [place for place, _ in marks]))
            raise
        if any(isinstance(result, KazooException) for result in results):
            self._parents.clear()
            self._create_one_by_one(marks, deadline)

    def _create_one_by_one(self, marks: Sequence[tuple[Place, bytes]], deadline: float) -> None:
        """When one node of the batch is there already (a replay, an earlier claim of the same user): each by itself."""
        asked = [
            (
                place,
                content,
                self._client.create_async(path_of(place), content, ephemeral=True, makepath=True),
            )
            for place, content in marks
        ]
        gevent.wait([answer for _, _, answer in asked], timeout=_left(deadline))
        for place, content, answer in asked:
            if not answer.ready():
                answer.rawlink(lambda _late, place=place: gevent.spawn(self.delete, [place]))
            elif isinstance(answer.exception, NodeExistsError):
                gevent.spawn(self._add, place, content)
            elif answer.exception is not None:
                raise answer.exception

    def _add(self, place: Place, content: bytes) -> None:
        """Whoever looks sees the newest claims and those before them: each may be asked for, or sent again. That the write may
        fail is no matter."""
        for _ in range(ADD_ATTEMPTS):
            try:
                known, stat = self._client.get_async(path_of(place)).get(timeout=READ_WITHIN_S)
                ids = b" ".join(list(dict.fromkeys([*content.split(), *known.split()]))[:MOST_IDS])
                if ids.split() != known.split():
                    self._client.set_async(path_of(place), ids, version=stat.version).get(timeout=READ_WITHIN_S)
                return
            except BadVersionError:  # somebody else has added his
                continue
            except (KazooException, gevent.Timeout) as error:
                logger.info("a mark stays as it is: %r", error)
                return

    def delete(self, places: Sequence[Place]) -> None:
        """Take marks away; those already gone are fine. Never raises for ZooKeeper's sake."""
        if not places or not self._client.connected:
            return
        try:
            left = self._multi_delete(list(places))
            for at in range(0, len(left), AT_ONCE):
                for one in [self._client.delete_async(path_of(place)) for place in left[at : at + AT_ONCE]]:
                    _ignore_missing(one)
        except (KazooException, gevent.Timeout) as error:
            logger.info("marks not deleted (the sweeper takes those of decided claims away): %r", error)

    def _multi_delete(self, places: list[Place]) -> list[Place]:
        """Delete all in one multi. One that is gone fails all: it is left out and the rest tried again, a few times.

        Returns those that are still to be deleted one by one.
        """
        for _ in range(DELETE_ATTEMPTS):
            if not places:
                return []
            transaction = self._client.transaction()
            for place in places:
                transaction.delete(path_of(place))
            results = transaction.commit_async().get(timeout=2)
            gone = next((at for at, result in enumerate(results) if isinstance(result, NoNodeError)), None)
            if gone is None:
                return []
            del places[gone]
        return places

    def claims_at(self, places: Iterable[Place]) -> dict[Place, frozenset[str]]:
        """The ids of the claims that are marked as running; those that ZooKeeper cannot tell in time are left out."""
        return {place: _ids(content) for place, content in self._contents(places)[0].items()}

    def seats_at(self, places: Iterable[Place]) -> dict[Place, frozenset[str]] | None:
        """The same of claims on seats only: where somebody is giving one up, nothing is said. None when ZooKeeper cannot tell
        of all of them."""
        contents, complete = self._contents(places)
        return {place: _ids(one) for place, one in contents.items() if GIVES_UP not in one} if complete else None

    def _contents(self, places: Iterable[Place]) -> tuple[dict[Place, bytes], bool]:
        """What stands in the nodes of those places that have one, and whether all could be asked for."""
        found: dict[Place, bytes] = {}
        deadline, wanted = monotonic() + READ_WITHIN_S, list(places)
        try:
            with self._breakers.guard("zookeeper"):
                if not self._client.connected:
                    raise KazooException("not connected")
                for at in range(0, len(wanted), AT_ONCE):
                    asked = {place: self._client.get_async(path_of(place)) for place in wanted[at : at + AT_ONCE]}
                    gevent.wait(list(asked.values()), timeout=_left(deadline))
                    found |= {place: answer.value[0] for place, answer in asked.items() if answer.successful()}
                    if not all(answer.successful() or _is_missing(answer) for answer in asked.values()):
                        raise KazooException("no answer in time")
        except (KazooException, DependencyDownError) as error:
            logger.info("not all marks to be seen: %r", error)
            return found, False
        return found, True

    def older_than(self, age_ms: int, now_ms: int) -> list[tuple[Place, frozenset[str]]]:
        """Marks created more than `age_ms` ago, with their claims' ids: some of them, others the next time."""
        if not self._client.connected:
            return []
        found: list[tuple[Place, frozenset[str]]] = []
        try:
            self._look_for(found, now_ms - age_ms)
        except (KazooException, gevent.Timeout) as error:
            logger.info("not all marks looked at: %r", error)
        return found

    def _look_for(self, found: list[tuple[Place, frozenset[str]]], before_ms: int) -> None:
        shelves = self._shelves()
        carts = [shelf for shelf in shelves if shelf[1] == CARTS]  # most of what an opening leaves
        others = _some([shelf for shelf in shelves if shelf[1] != CARTS], SHELVES_A_PASS)
        places = [place for shelf in [*carts, *others] for place in self._on(*shelf)]
        chosen = _some(places, MARKS_A_PASS)
        for at in range(0, len(chosen), AT_ONCE):
            asked = [(place, self._client.get_async(path_of(place))) for place in chosen[at : at + AT_ONCE]]
            for place, answer in asked:
                try:
                    content, stat = answer.get(timeout=LOOK_WITHIN_S)
                except NoNodeError:
                    continue
                if stat.ctime < before_ms:
                    found.append((place, _ids(content)))

    def _shelves(self) -> list[tuple[str, str]]:
        return [
            (kind, shelf) for kind in self._children(IN_PROGRESS) for shelf in self._children(f"{IN_PROGRESS}/{kind}")
        ]

    def _on(self, kind: str, shelf: str) -> Iterator[Place]:
        for user in self._children(f"{IN_PROGRESS}/{kind}/{shelf}"):
            yield (kind, shelf, int(user))

    def _children(self, path: str) -> list[str]:
        try:
            return list(self._client.get_children(path))
        except NoNodeError:
            return []


def count_marks(client: KazooClient) -> int:
    """How many claims and carts are marked, which ZooKeeper counts itself. Raises KazooException and gevent.Timeout."""
    try:
        below = nodes_below(client, IN_PROGRESS).get(timeout=READ_WITHIN_S * 4)
        kinds = client.get_children_async(IN_PROGRESS).get(timeout=READ_WITHIN_S * 4)
        asked = [client.get_children_async(f"{IN_PROGRESS}/{kind}") for kind in kinds]
        shelves = sum(len(one.get(timeout=READ_WITHIN_S * 4)) for one in asked)
    except NoNodeError:  # nobody has claimed anything yet
        return 0
    return max(0, int(below) - len(kinds) - shelves)


def _some(among: Sequence[T], most: int) -> Sequence[T]:
    """All, or so many of them by chance: over the passes each gets its turn."""
    return among if len(among) <= most else random.sample(among, most)


def _left(deadline: float) -> float:
    """Seconds until `deadline`; not 0 when it has passed, as an answer that is there already is to be taken."""
    return max(0.001, deadline - monotonic())


def _is_missing(answer: Any) -> bool:
    return isinstance(answer.exception, NoNodeError)


def _ignore_missing(result: Any) -> None:
    try:
        result.get(timeout=2)
    except NoNodeError:
        return
