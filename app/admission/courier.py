"""The courier takes accepted claims to the queue, or to the spool when the queue does not confirm them."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Collection, Sequence
from math import inf

import gevent
import orjson

from app.admission.claims import Claim
from app.admission.copies import Copies
from app.admission.faults import Faults
from app.admission.origins import Origin
from app.admission.spool import Spool
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.broker import CLAIMS, Message
from app.extensions.publisher import Publisher

logger = logging.getLogger(__name__)

# Claims of one flush that fall into the same partition share a message. Partitions are many more than queues, so the
# consistent-hash exchange spreads them evenly; few enough that a flush makes few messages.
PARTITIONS = 8
# A flush makes one message for so many claims, whatever they are for: partitions only keep settling transactions out of each
# other's way, nothing relies on the order of a queue, and everybody's work is by the message: with one for each 16 claims eight
# lectures got three quarters of what one got (make bench, part c).
FEW = 128
CONFIRM_WITHIN_S = 2.0
# A broker that confirms nothing of anybody's for so long is not waited for any longer: the spool's fsync is quicker.
SILENCE_S = 0.6


class NotConfirmedError(Exception):
    """The broker confirmed only some of it in time: the outcome of the rest is unknown."""


def envelopes(
    claims: Sequence[Claim], *, unmarked: bool = False, origin: Origin | None = None
) -> list[tuple[Message, list[Claim]]]:
    """Group claims by partition, of which there are the fewer the fewer claims there are; a message is named by its first."""
    most = min(PARTITIONS, max(1, len(claims) // FEW))
    groups: dict[int, list[Claim]] = {}
    for claim in claims:
        groups.setdefault(_partition_of(claim) % most, []).append(claim)
    return [
        (_message(group, unmarked=unmarked, spool=origin.written() if origin else ""), group)
        for group in groups.values()
    ]


def _message(group: Sequence[Claim], *, unmarked: bool, spool: str) -> Message:
    key, body = f"p{_partition_of(group[0])}", orjson.dumps(group)
    return Message(CLAIMS, key, group[0].id, body, unmarked=unmarked, spool=spool)


def _partition_of(claim: Claim) -> int:
    """By a checksum, as the low bits of a snowflake are nearly always 0. A cart stays together: what settle has to lock and to
    read of its student is then locked and read once."""
    return zlib.crc32(b"%d" % (claim.user_id if claim.cart else claim.offering_id)) % PARTITIONS


def opened(body: bytes) -> list[Claim]:
    """The claims of a message body. Raises ValueError when it is not an envelope."""
    data = orjson.loads(body)
    if not isinstance(data, list):
        raise ValueError("an envelope is a list of claims")
    return [Claim.from_wire(one) for one in data]


class Courier:
    """Publishes with confirms; what stays unknown goes to the spool."""

    def __init__(self, publisher: Publisher, breakers: Breakers, spool: Spool, copies: Copies, faults: Faults) -> None:
        self._publisher = publisher
        self._breakers = breakers
        self._spool = spool
        self._copies = copies
        self._faults = faults

    def deliver(self, claims: Sequence[Claim], unseen: Collection[str] = (), *, unmarked: bool = False) -> set[str]:
        """Make the claims durable somewhere. `unseen`: the ids of those that Redis may not hold; no host alone keeps these.
        `unmarked`: settle need not take their marks away.

        Returns the ids of those that are not: neither the broker nor the disk took them, or no other host a copy of the unseen.
        """
        unknown = self.publish(claims, silence=SILENCE_S, unmarked=unmarked)
        if not unknown:
            return set()
        self._faults.hit("before_spool")
        alone = self._without_copy([claim for claim in unknown if claim.id in unseen])
        kept = [claim for claim in unknown if claim.id not in alone]
        try:
            if kept:
                self._spool.append(kept)
        except OSError:
            logger.exception("neither broker nor spool took %d claims", len(kept))
            return {claim.id for claim in unknown}
        self._faults.hit("after_spool")
        return alone

    def _without_copy(self, unseen: Sequence[Claim]) -> set[str]:
        """The ids of these, of which no other host takes a copy. Asked before they are spooled: a host that reaches nobody must
        not send them on later. Their students repeat them elsewhere, and may be refused there by a Redis that was never told.
        """
        try:
            self._copies.keep(unseen)
        except OSError:
            logger.exception("no other host took a copy of %d claims", len(unseen))
            return {claim.id for claim in unseen}
        return set()

    def publish(
        self,
        claims: Sequence[Claim],
        *,
        silence: float = inf,
        unmarked: bool = False,
        origin: Origin | None = None,
    ) -> list[Claim]:
        """Publish and wait for the confirms, no longer than a broker confirms nothing for `silence` seconds. Returns the claims
        whose outcome is unknown."""
        if not claims:
            return []
        wrapped = envelopes(claims, unmarked=unmarked, origin=origin)
        unknown: set[str] = {message.message_id for message, _ in wrapped}
        try:
            with self._breakers.guard("rabbitmq"):
                unknown = self._publisher.publish(
                    [message for message, _ in wrapped], CONFIRM_WITHIN_S, silence=silence
                )
                if unknown:
                    raise NotConfirmedError
        except (DependencyDownError, NotConfirmedError) as error:
            logger.info("%d of %d messages not confirmed: %r", len(unknown), len(wrapped), error)
        return [claim for message, group in wrapped if message.message_id in unknown for claim in group]

    def replay_spool(self) -> int:
        """Publish what the spool holds; segments whose claims are all confirmed are removed. Returns claims replayed."""
        if not self._breakers.closed("rabbitmq") and self._spool.empty():
            return 0
        replayed = 0
        self._spool.rotate()
        for one in self._spool.replayable():
            for at in range(0, len(one.claims), 500):
                if self.publish(one.claims[at : at + 500], origin=one.origin):
                    return replayed
            one.removal.close()
            replayed += len(one.claims)
        return replayed

    def keep_replaying(self, every_s: float = 0.5) -> None:
        """Replay this host's spool for ever, beside the requests of a worker."""
        while True:
            gevent.sleep(every_s)
            try:
                self.replay_spool()
            except Exception:
                # If this greenlet ended, nobody could replay the segment that this process holds locked.
                logger.exception("the spool could not be replayed; trying again")
