"""The dead-letter queue: poison waits there until somebody drives it through the claim queues again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.admission.claims import Claim
from app.admission.courier import envelopes, opened
from app.admission.origins import Origin, origin_from
from app.extensions.broker import DEAD, REASON, SPOOL, claim_queue, connect
from app.extensions.publisher import Publisher

MOST = 1000
# Of a message that is no claim, so much is shown.
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Redrive:
    """How many messages went back to the claim queues, and how many stayed: no claims at all, or not confirmed."""

    driven: int
    kept: int


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message with the reason it was buried for. `claims` is empty, and `text` its beginning, if it is no claim at all;
    `origin`: the spool that it came out of."""

    id: str
    reason: str
    claims: list[Claim]
    text: str
    origin: Origin | None = None


def letters(url: str, *, limit: int) -> list[DeadLetter]:
    """The oldest dead letters; they stay where they are. Raises AMQPError."""
    with connect(url) as connection:
        # What is not acknowledged goes back to its place when the connection ends.
        return [letter for letter, _ in _taken(connection.channel(), limit)]


def redrive(url: str, publisher: Publisher, *, only: str | None = None, limit: int = MOST) -> Redrive:
    """Publish dead letters again, all or the one with the id `only`; each is removed only when its copy is confirmed.
    Raises AMQPError."""
    driven = kept = 0
    with connect(url) as connection:
        channel = connection.channel()
        for letter, tag in _taken(channel, limit):
            if only is not None and letter.id != only:
                continue
            if letter.claims and not publisher.publish(_messages(letter), timeout=2.0):
                channel.basic_ack(tag)
                driven += 1
            else:
                kept += 1
            if only is not None:
                break
    return Redrive(driven, kept)


def _taken(channel: Any, limit: int) -> Iterator[tuple[DeadLetter, int]]:
    # No more than there are now: what cannot be settled is buried again while it is driven.
    there = channel.queue_declare(DEAD, passive=True).method.message_count
    for _ in range(min(limit, there)):
        method, properties, body = channel.basic_get(DEAD)
        if method is None:
            return
        yield _letter(properties.message_id or "", properties.headers or {}, body), method.delivery_tag


def _letter(message_id: str, headers: Mapping[str, Any], body: bytes) -> DeadLetter:
    reason = str(headers.get(REASON, ""))
    try:
        return DeadLetter(message_id, reason, opened(body), "", origin_from(headers.get(SPOOL)))
    except ValueError:
        return DeadLetter(message_id, reason, [], body[:SHOWN].decode(errors="replace"))


def _messages(letter: DeadLetter) -> list[Any]:
    return [message for message, _ in envelopes(letter.claims, origin=letter.origin)]


def queue_depths(url: str, queues: int) -> dict[str, int]:
    """Messages ready in each claim queue and in the dead-letter queue. Raises AMQPError."""
    with connect(url) as connection:
        channel = connection.channel()
        names = [*(claim_queue(number) for number in range(queues)), DEAD]
        answers: dict[str, Any] = {name: channel.queue_declare(name, passive=True) for name in names}
    return {name: answer.method.message_count for name, answer in answers.items()}
