"""The fence over a real restart of Redis: its old data must not answer anybody, whatever it looks like."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import gevent
import pytest

from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.store import EpochError, Verdict
from app.lectures.models import KIND
from ops.stack import Stack
from tests.functional.admission.conftest import MakeId
from tests.yesterday import Yesterday


def admit(engine: Engine, lecture: int, user: int) -> list[Verdict]:
    made = claim_id(user, "book", KIND, lecture, "key-00000001")
    wish = Claim(id=made, kind=KIND, action="book", user_id=user, offering_id=lecture, fingerprint="1")
    return engine.epochs.fenced(
        lambda fence: engine.store.admit([wish], fence=fence, interval_ms=0, emission_ms=0, burst=1)
    )


def seats_in(engine: Engine, lecture: int) -> int:
    """As it stands there, whoever believes it."""
    return int(engine.store.redis.hget(f"sr:o:{KIND}:{lecture}", "s:0"))  # type: ignore[arg-type]


@pytest.fixture
def restart(engine: Engine, stack: Stack, tmp_path: Path) -> Callable[[], None]:
    """Restart Redis with a file that brings back everything, the old run id included."""

    def again() -> None:
        yesterday = Yesterday(stack, tmp_path / "dump.rdb")
        yesterday.keep(engine.store.redis)
        yesterday.comes_back()

    return again


def test_no_connection_of_before_a_restart_is_believed(
    engine: Engine, make: MakeId, restart: Callable[[], None]
) -> None:
    """Each connection of the pool meets the restart by itself, all at once here."""
    lecture = make(capacity=10)
    gevent.joinall([gevent.spawn(admit, engine, lecture, user) for user in range(1, 4)], raise_error=True)
    restart()
    asked = [gevent.spawn(admit, engine, lecture, user) for user in range(4, 9)]
    gevent.joinall(asked)
    assert [getattr(one.exception, "verdict", one.value) for one in asked] == ["missing"] * 5
    assert seats_in(engine, lecture) == 7


def test_the_first_call_after_a_restart_is_not_believed(
    engine: Engine, make: MakeId, restart: Callable[[], None]
) -> None:
    lecture = make(capacity=10)
    admit(engine, lecture, 1)
    restart()
    with pytest.raises(EpochError) as error:
        admit(engine, lecture, 2)
    assert error.value.verdict == "missing"
    assert seats_in(engine, lecture) == 9
