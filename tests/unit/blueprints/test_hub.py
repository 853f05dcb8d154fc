"""Every socket hears a beat in time, told by one loop that spreads them over the interval."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic

import orjson
import pytest
from gevent.queue import Queue

from app.extensions.redis import connect_redis
from blueprints.live.hub import BACKLOG, BEAT, BEAT_EVERY_S, END, Hub
from blueprints.live.tickets import Listener

USERS = 50 * BEAT_EVERY_S


@pytest.fixture
def hub() -> Hub:
    """A hub that has not listened yet: nothing is connected."""
    return Hub(connect_redis("redis://127.0.0.1:1/0"))


def heard(queue: Queue[str]) -> list[str]:
    return [queue.get_nowait() for _ in range(queue.qsize())]


def test_the_first_word_is_a_beat(hub: Hub) -> None:
    assert heard(hub.join(Listener(1))) == [BEAT]


def test_everybody_hears_a_beat_once_an_interval_and_not_all_at_once(hub: Hub) -> None:
    queues = [hub.join(Listener(user)) for user in range(0, USERS << 12, 1 << 12)]
    for queue in queues:
        heard(queue)
    start = hub._beaten + 1  # the next second of its own, whatever second it is by now
    told = []
    for second in range(start, start + BEAT_EVERY_S):
        for part in (0.1, 0.9):  # the loop comes by more than once a second
            hub.beat(second + part)
        told.append(sum(len(heard(queue)) for queue in queues))
    assert told == [50] * BEAT_EVERY_S


def test_a_loop_that_was_held_up_leaves_nobody_out(hub: Hub) -> None:
    queues = [hub.join(Listener(user)) for user in range(0, USERS << 12, 1 << 12)]
    start = monotonic()
    hub.beat(start + 1)
    for queue in queues:
        heard(queue)
    hub.beat(start + 1 + 10 * BEAT_EVERY_S)
    assert [heard(queue) for queue in queues] == [[BEAT]] * USERS


def test_whose_sign_in_is_over_hears_the_end_by_the_next_beat() -> None:
    hub = Hub(connect_redis("redis://127.0.0.1:1/0"), lambda *of: of == (1, 0, 7))
    mine, other = hub.join(Listener(1, session_id=7)), hub.join(Listener(1, session_id=8))
    for queue in (mine, other):
        assert heard(queue) == [BEAT]
    hub.beat(monotonic() + 1 + BEAT_EVERY_S)
    assert (heard(mine), heard(other)) == ([END], [BEAT])


def test_a_socket_that_does_not_read_holds_nobody_up(hub: Hub) -> None:
    deaf, other = hub.join(Listener(0)), hub.join(Listener(BEAT_EVERY_S))
    start = monotonic()
    for round_ in range(1, BACKLOG + 5):
        hub.beat(start + round_ * BEAT_EVERY_S)
        assert heard(other)[-1] == BEAT
    assert deaf.qsize() == BACKLOG


def test_a_notice_reaches_its_groups_in_the_language_of_each_page(hub: Hub) -> None:
    first, second = (
        Listener(1, frozenset({("class", 7), ("all", 0)})),
        Listener(2, frozenset({("class", 8), ("all", 0)})),
    )
    chinese, english, other = hub.join(first), hub.join(replace(first, language="en")), hub.join(second)
    for queue in (chinese, english, other):
        heard(queue)
    event = {"type": "notice", "id": "5", "titles": {"zh": "甲", "en": "A"}, "groups": [["class", 7], ["class", 9]]}
    hub._spread(orjson.dumps(event))
    assert heard(chinese) == ['{"type":"notice","notice":{"id":"5","title":"甲"}}']
    assert heard(english) == ['{"type":"notice","notice":{"id":"5","title":"A"}}']
    assert heard(other) == []
    hub._spread(orjson.dumps({**event, "groups": [["all", 0]]}))
    assert [len(heard(queue)) for queue in (chinese, english, other)] == [1, 1, 1]


def test_a_message_to_one_person_reaches_all_of_his_pages_and_nobody_else(hub: Hub) -> None:
    mine, other, somebody = hub.join(Listener(1)), hub.join(Listener(1, language="en")), hub.join(Listener(2))
    for queue in (mine, other, somebody):
        heard(queue)
    hub._spread(orjson.dumps({"type": "to", "user_id": 1, "message": {"type": "import", "import": {"id": "5"}}}))
    assert [heard(queue) for queue in (mine, other)] == [['{"type":"import","import":{"id":"5"}}']] * 2
    assert heard(somebody) == []
