"""Marks: ephemeral ZooKeeper nodes that say "a claim is in progress". A hint for people and for de-duplication.

`/seatrush/in-progress/<kind>/<offering>/<user>` holds the claim id. Nothing is ever decided by a mark.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from time import monotonic
from typing import Any

import gevent
from kazoo.client import KazooClient
from kazoo.exceptions import KazooException, NodeExistsError, NoNodeError

from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.zookeeper import ROOT

logger = logging.getLogger(__name__)

IN_PROGRESS = f"{ROOT}/in-progress"
# How long admission may wait for a mark. A claim without one is as good as one with it. Too late is `gevent.Timeout`,
# a BaseException, and not kazoo's own `handler.timeout_exception`: its results are gevent's.
CREATE_WITHIN_S = 0.25
READ_WITHIN_S = 0.25
DELETE_ATTEMPTS = 2
# Requests asked for one by one; kazoo takes fewer than 300 before it has sent any.
AT_ONCE = 64

Place = tuple[str, int, int]  # kind, offering, user


def path_of(place: Place) -> str:
    """The node of a user's claim in an offering."""
    kind, offering_id, user_id = place
    return f"{IN_PROGRESS}/{kind}/{offering_id}/{user_id}"


class Marks:
    """Marks of one process: batches in one ZooKeeper multi, every call bounded, every failure harmless."""

    def __init__(self, client: KazooClient, breakers: Breakers) -> None:
        self._client = client
        self._breakers = breakers
        self._parents: set[str] = set()

    def create(self, marks: Sequence[tuple[Place, str]]) -> bool:
        """Mark claims as in progress. False when it could not be done in time; a late creation deletes itself."""
        deadline = monotonic() + CREATE_WITHIN_S
        try:
            with self._breakers.guard("zookeeper"):
                if not self._client.connected:
                    raise KazooException("not connected")
                self._create_parents({(kind, offering) for (kind, offering, _), _ in marks}, deadline)
                self._multi_create(marks, deadline)
        except (KazooException, gevent.Timeout, DependencyDownError) as error:
            logger.info("no marks for %d claims: %r", len(marks), error)
            return False
        return True

    def _create_parents(self, offerings: Iterable[tuple[str, int]], deadline: float) -> None:
        missing = {f"{IN_PROGRESS}/{kind}/{offering_id}" for kind, offering_id in offerings} - self._parents
        asked = [(parent, self._client.ensure_path_async(parent)) for parent in missing]
        for parent, answer in asked:
            answer.get(timeout=_left(deadline))
            self._parents.add(parent)

    def _multi_create(self, marks: Sequence[tuple[Place, str]], deadline: float) -> None:
        transaction = self._client.transaction()
        for place, claim_id in marks:
            transaction.create(path_of(place), claim_id.encode(), ephemeral=True)
        pending = transaction.commit_async()
        try:
            results = pending.get(timeout=_left(deadline))
        except gevent.Timeout:
            pending.rawlink(lambda _late: gevent.spawn(self.delete, [place for place, _ in marks]))
            raise
        if any(isinstance(result, KazooException) for result in results):
            self._parents.clear()
            self._create_one_by_one(marks, deadline)

    def _create_one_by_one(self, marks: Sequence[tuple[Place, str]], deadline: float) -> None:
        """When one node of the batch is there already (a replay, an earlier claim of the same user): each by itself."""
        asked = [
            (
                place,
                claim_id,
                self._client.create_async(path_of(place), claim_id.encode(), ephemeral=True, makepath=True),
            )
            for place, claim_id in marks
        ]
        gevent.wait([answer for _, _, answer in asked], timeout=_left(deadline))
        for place, claim_id, answer in asked:
            if not answer.ready():
                answer.rawlink(lambda _late, place=place: gevent.spawn(self.delete, [place]))
            elif isinstance(answer.exception, NodeExistsError):
                # Whoever looks sees the newest claim; that the write may fail is no matter.
                self._client.set_async(path_of(place), claim_id.encode())
            elif answer.exception is not None:
                raise answer.exception

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
            logger.info("marks not deleted, the sweeper will: %r", error)

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

    def claims_at(self, places: Iterable[Place]) -> dict[Place, str]:
        """The ids of the claims that are marked as running; those that ZooKeeper cannot tell in time are left out."""
        try:
            with self._breakers.guard("zookeeper"):
                if not self._client.connected:
                    raise KazooException("not connected")
                asked = {place: self._client.get_async(path_of(place)) for place in places}
                if not gevent.wait(list(asked.values()), timeout=READ_WITHIN_S):
                    raise KazooException("no answer in time")
        except (KazooException, DependencyDownError) as error:
            logger.info("no marks to be seen: %r", error)
            return {}
        return {place: answer.value[0].decode() for place, answer in asked.items() if answer.successful()}

    def older_than(self, age_ms: int, now_ms: int) -> list[tuple[Place, str]]:
        """Every mark created more than `age_ms` ago, with its claim id. For the sweeper."""
        found: list[tuple[Place, str]] = []
        if not self._client.connected:
            return found
        for kind in self._children(IN_PROGRESS):
            for offering in self._children(f"{IN_PROGRESS}/{kind}"):
                for user in self._children(f"{IN_PROGRESS}/{kind}/{offering}"):
                    place = (kind, int(offering), int(user))
                    try:
                        data, stat = self._client.get(path_of(place))
                    except NoNodeError:
                        continue
                    if stat.ctime < now_ms - age_ms:
                        found.append((place, data.decode()))
        return found

    def _children(self, path: str) -> list[str]:
        try:
            return list(self._client.get_children(path))
        except NoNodeError:
            return []


def _left(deadline: float) -> float:
    """Seconds until `deadline`; not 0 when it has passed, as an answer that is there already is to be taken."""
    return max(0.001, deadline - monotonic())


def _ignore_missing(result: Any) -> None:
    try:
        result.get(timeout=2)
    except NoNodeError:
        return
