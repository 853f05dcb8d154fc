"""The dead-letter queue: poison waits there until somebody drives it through the claim queues again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pika

from app.admission.courier import envelopes, opened
from app.extensions.broker import DEAD, Publisher, claim_queue, parameters


@dataclass(frozen=True, slots=True)
class Redrive:
    """How many messages went back to the claim queues, and how many are no claims at all and stayed."""

    driven: int
    kept: int


def redrive(url: str, publisher: Publisher, *, limit: int = 1000) -> Redrive:
    """Publish dead letters again; each is removed only when its copy is confirmed. Raises AMQPError."""
    driven = 0
    kept: list[int] = []
    with pika.BlockingConnection(parameters(url)) as connection:
        channel = connection.channel()
        for _ in range(limit):
            method, _properties, body = channel.basic_get(DEAD)
            if method is None:
                break
            try:
                messages = [message for message, _ in envelopes(opened(body))]
            except ValueError:
                kept.append(method.delivery_tag)
                continue
            if publisher.publish(messages, timeout=2.0):
                kept.append(method.delivery_tag)
                continue
            channel.basic_ack(method.delivery_tag)
            driven += 1
        for tag in kept:
            channel.basic_nack(tag, requeue=True)
    return Redrive(driven, len(kept))


def queue_depths(url: str, queues: int) -> dict[str, int]:
    """Messages ready in each claim queue and in the dead-letter queue. Raises AMQPError."""
    with pika.BlockingConnection(parameters(url)) as connection:
        channel = connection.channel()
        names = [*(claim_queue(number) for number in range(queues)), DEAD]
        answers: dict[str, Any] = {name: channel.queue_declare(name, passive=True) for name in names}
    return {name: answer.method.message_count for name, answer in answers.items()}
