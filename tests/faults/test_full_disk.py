"""The disk under the spool is full while the broker is away: nothing can be promised, and the answer says so."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import gevent
import pytest

from app.admission.claims import Claim, claim_id
from app.admission.spool import Spool
from tests.campus import Campus
from tests.crowd import Crowd, Wish
from tests.small_disk import fill, small_disk


def test_claims_are_answered_503_with_their_id_and_decided_later(campus: Campus) -> None:
    lecture, crowd, broker = campus.lecture(capacity=60), campus.crowd(), campus.service("rabbitmq")
    students = campus.students(80)
    patient = [crowd.wish(student, lecture) for student in students[:40]]
    gone = [crowd.wish(student, lecture) for student in students[40:]]
    with small_disk(campus.settings.spool_dir) as disk:
        broker.kill(stay_down=True)
        fill(disk)
        unknown = [crowd.send(wish) for wish in gone]
        running = [gevent.spawn(crowd.pursue, wish) for wish in patient]  # these repeat their request by its key
        campus.until(lambda: all(wish.answers for wish in patient), "an answer for everybody")
        (disk / "filler").unlink()
        broker.start()
        broker.wait_ready()
        gevent.joinall(running, raise_error=True)
        crowd.everyone(partial(ask_until_told, campus, crowd, wish) for wish in gone)
        assert campus.verify(crowd) == []
    assert {answer.status for answer in unknown} == {503}
    assert [answer.body["claim_id"] for answer in unknown] == [wish.claim_id for wish in gone]
    assert {answer.body["code"] for answer in unknown} == {"outcome_unknown"}
    assert {wish.state for wish in crowd.wishes} <= {"confirmed", None}
    assert sum(wish.state == "confirmed" for wish in crowd.wishes) == 60


def ask_until_told(campus: Campus, crowd: Crowd, wish: Wish) -> None:
    """Redis knows the claim; it is swept into the queue without any further request."""
    campus.until(lambda: crowd.look(wish) == "confirmed", "the decision of a claim answered 503")


def test_a_spool_on_a_full_disk_keeps_what_it_promises_afterwards(tmp_path: Path) -> None:
    """A write that the disk took in part must not spoil the next one."""
    claims = [Claim(claim_id(user, "book", "lecture", 7, "key"), "lecture", "book", user, 7) for user in range(30)]
    folder = tmp_path / "spool"
    with small_disk(folder) as disk:
        spool = Spool(disk)
        spool.append(claims[:1])
        fill(disk)
        with pytest.raises(OSError, match="No space"):
            spool.append(claims[1:20])
        (disk / "filler").unlink()
        spool.append(claims[25:])
        spool.rotate()
        replayed = {claim.id for found, _ in spool.replayable() for claim in found}
    assert {claim.id for claim in [claims[0], *claims[25:]]} <= replayed
