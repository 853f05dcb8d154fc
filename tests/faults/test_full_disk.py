"""The disk under the spool is full while the broker is away: nothing can be promised, and the answer says so."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import gevent
import pytest

from app.admission.claims import Claim, claim_id
from app.admission.spool import Spool
from ops.drills.crowd import Crowd
from ops.drills.wishes import Wish
from tests.campus import Campus
from tests.small_disk import fill, small_disk

SEATS = 30


def test_claims_are_answered_503_with_their_id_and_decided_later(campus: Campus) -> None:
    """Of both kinds: 20 students close the page after that answer, 20 repeat their request by its key."""
    bookings, carts, broker = campus.crowd(), campus.crowd(), campus.service("rabbitmq")
    wishes, orders = ask_for_a_lecture(campus, bookings), ask_for_two_sections(campus, carts)
    with small_disk(campus.settings.spool_dir) as disk:
        broker.kill(stay_down=True)
        fill(disk)
        unknown = [(wish, bookings.send(wish)) for wish in wishes[:20]]
        unknown += [(order[0], carts.send_cart(order)) for order in orders[:20]]
        running = [gevent.spawn(bookings.pursue, wish) for wish in wishes[20:]]
        running += [gevent.spawn(carts.pursue_cart, order) for order in orders[20:]]
        everybody = [*bookings.wishes, *carts.wishes]
        campus.until(lambda: all(wish.answers for wish in everybody), "an answer for everybody")
        (disk / "filler").unlink()
        broker.start()
        broker.wait_ready()
        gevent.joinall(running, raise_error=True)
        gone = [(bookings, wish) for wish in wishes[:20]] + [(carts, wish) for order in orders[:20] for wish in order]
        bookings.everyone(partial(ask_until_told, campus, crowd, wish) for crowd, wish in gone)
        assert campus.verify(bookings, carts) == []
    for wish, answer in unknown:
        assert (answer.status, answer.body["code"], answer.body["claim_id"]) == (503, "outcome_unknown", wish.claim_id)
    assert Counter(wish.state for wish in everybody) == {"confirmed": 3 * SEATS, None: 3 * (40 - SEATS)}


def ask_for_a_lecture(campus: Campus, crowd: Crowd) -> list[Wish]:
    lecture = campus.lecture(capacity=SEATS)
    return [crowd.wish(student, lecture) for student in campus.students(40)]


def ask_for_two_sections(campus: Campus, crowd: Crowd) -> list[list[Wish]]:
    term = campus.term()
    crowd.round = term.round_id
    pair = [campus.section(term, capacity=SEATS) for _ in range(2)]
    return [crowd.cart(student, pair) for student in campus.students(40)]


def ask_until_told(campus: Campus, crowd: Crowd, wish: Wish) -> None:
    """Redis knows the claim; it is swept into the queue without any further request."""
    campus.until(lambda: crowd.look(wish) == "confirmed", "the decision of a claim answered 503", within=60)


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
        replayed = {claim.id for found in spool.replayable() for claim in found.claims}
    assert {claim.id for claim in [claims[0], *claims[25:]]} <= replayed
