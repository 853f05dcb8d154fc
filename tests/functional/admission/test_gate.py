"""Passes of the gate in which something goes wrong for some of the claims, or after all of them were admitted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import gevent
import pytest

from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import OutcomeUnknownError
from app.admission.gate import Admission
from app.admission.marks import Marks, place_of
from app.errors import UnavailableError
from app.extensions.db import Database
from app.extensions.publisher import Publisher
from app.extensions.redis import RedisTimeoutError
from app.extensions.services import Services
from app.lectures.models import KIND
from app.offerings import build_engine
from tests.functional.admission.conftest import MakeId
from tests.small_disk import fill, small_disk


def wish(user: int, lecture: int) -> Claim:
    return Claim(claim_id(user, "book", KIND, lecture, "key-00000001"), KIND, "book", user, lecture)


@pytest.fixture
def helpless(engine: Engine, services: Services, near: Marks, tmp_path: Path) -> Iterator[Engine]:
    """A worker with a ZooKeeper, whose broker is away and whose disk is full."""
    settings = replace(services.settings, spool_dir=tmp_path)
    nowhere = Publisher("amqp://guest:guest@127.0.0.1:1/")
    with small_disk(tmp_path) as disk:
        fill(disk)
        yield build_engine(replace(services, settings=settings, publisher=nowhere, zookeeper=near._client))


def marked(marks: Marks, claim: Claim, expected: set[str], within: float = 20.0) -> bool:
    place = place_of(claim)
    with suppress(gevent.Timeout), gevent.Timeout(within):
        while marks.claims_at([place]).get(place, set()) != expected:
            gevent.sleep(0.02)
    return marks.claims_at([place]).get(place, set()) == expected


def test_no_mark_says_in_progress_of_a_claim_that_nobody_took(helpless: Engine, near: Marks, make: MakeId) -> None:
    claim = wish(1, make())
    with pytest.raises(OutcomeUnknownError) as error:
        helpless.gate.submit(claim)
    assert error.value.data["claim_id"] == claim.id
    assert marked(near, claim, set())


def test_deletion_off_such_a_mark_stays(
    helpless: Engine, near: Marks, make: MakeId, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Marks, "delete", lambda *_: None)
    claim = wish(1, make())
    with pytest.raises(OutcomeUnknownError):
        helpless.gate.submit(claim)
    gevent.sleep(0.5)
    assert marked(near, claim, {claim.id})


def test_a_lecture_that_cannot_be_read_fails_nobody_elses_claim(other: Engine, make: MakeId) -> None:
    """Past Redis the sheet is needed: of one lecture this worker has a copy, of the other it has none."""
    known, never_seen = make(), make()
    other.sheets.get(KIND, known)
    other.sheets._db = Database("mysql+pymysql://root@127.0.0.1:1/none")
    claims = [wish(1, known), wish(2, never_seen), wish(3, known)]
    first, second, third = (gevent.spawn(other.gate.submit, claim) for claim in claims)  # one pass
    gevent.joinall([first, second, third])
    assert isinstance(second.exception, UnavailableError)
    assert second.exception.retry_after
    assert [first.value, third.value] == [Admission(claims[0].id, None), Admission(claims[2].id, None)]


@pytest.mark.parametrize("late", [1, 2])
def test_a_late_answer_of_redis_is_asked_for_once_more(
    engine: Engine, make: MakeId, monkeypatch: pytest.MonkeyPatch, late: int
) -> None:
    """What the first call admitted is said again by the second. Twice too late, the claim goes past Redis."""
    claim, store, real, calls = wish(1, make()), engine.store, engine.store.admit, 0

    def too_late(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        verdicts = real(*args, **options)
        if calls <= late:
            raise RedisTimeoutError("too late")
        return verdicts

    monkeypatch.setattr(store, "admit", too_late)
    admission = engine.gate.submit(claim)
    assert (admission.sequence, calls) == ((1, 2) if late == 1 else (None, 2))
