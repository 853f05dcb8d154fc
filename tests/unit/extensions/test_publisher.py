"""What a broker that is away costs its publisher: no descriptors."""

from __future__ import annotations

import gc
import uuid
from pathlib import Path

import pytest

from app.extensions import publisher as module
from app.extensions.broker import DEAD, Message
from app.extensions.publisher import Publisher

AWAY = "amqp://a:b@127.0.0.1:1/v"


def descriptors() -> int:
    gc.collect()  # what earlier tests left behind is not to be counted half
    return len(list(Path("/proc/self/fd").iterdir()))


def opened_by(publisher: Publisher, attempts: int) -> int:
    """Descriptors that are left after so many attempts to connect, beside what the first one took for good."""
    letter = Message(DEAD, "", str(uuid.uuid4()), b"[]")
    assert publisher.publish([letter], 5)
    before = descriptors()
    for _ in range(attempts):
        assert publisher.publish([letter], 5) == {letter.message_id}
    return descriptors() - before


def test_attempts_to_connect_leave_no_descriptors() -> None:
    assert opened_by(Publisher(AWAY), 10) <= 0


def test_with_a_loop_for_each_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    link = module.Link
    monkeypatch.setattr(module, "Link", lambda params, _: link(params, None))
    assert opened_by(Publisher(AWAY), 10) >= 20
