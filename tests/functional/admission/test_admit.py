"""sr_admit: every verdict, and what each leaves behind."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
from app.admission.errors import SoldOutError
from app.admission.gate import Admission
from app.admission.store import EpochError, Verdict
from app.lectures.freezing import set_frozen
from app.lectures.models import KIND
from tests.functional.admission.conftest import Hall, MakeId


def wish(user: int, lecture: int, key: str = "key-00000001", **fields: Any) -> Claim:
    action = fields.pop("action", "book")
    fields.setdefault("fingerprint", "1")
    made = claim_id(user, action, KIND, lecture, key)
    return Claim(id=made, kind=KIND, action=action, user_id=user, offering_id=lecture, **fields)


def admit(
    engine: Engine, *claims: Claim, interval_ms: int = 10_000, emission_ms: float = 0, burst: int = 1
) -> list[Verdict]:
    return engine.epochs.fenced(
        lambda fence: engine.store.admit(
            claims, fence=fence, interval_ms=interval_ms, emission_ms=emission_ms, burst=burst
        )
    )


def names(verdicts: list[Verdict]) -> list[str]:
    return [verdict.name for verdict in verdicts]


def test_seats_then_places_then_sold_out(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=2, waitlist_capacity=1)
    verdicts = admit(engine, *(wish(user, lecture) for user in range(1, 5)))
    assert names(verdicts) == ["new", "new", "new", "sold_out"]
    assert [verdict.fields[3] for verdict in verdicts[:3]] == [b"seat", b"seat", b"line"]
    assert [int(verdict.fields[0]) for verdict in verdicts[:3]] == [1, 2, 3]
    assert hall.live_seats(lecture) == {"0": (0, 1)}


def test_who_does_not_want_to_wait_is_told_sold_out(engine: Engine, make: MakeId) -> None:
    lecture = make(capacity=0, waitlist_capacity=5)
    assert names(admit(engine, wish(1, lecture, line_ok=False))) == ["sold_out"]


def test_a_replay_is_the_same_claim_and_takes_nothing(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make(capacity=5)
    first, again = admit(engine, wish(1, lecture), wish(1, lecture))
    assert (first.name, again.name) == ("new", "again")
    assert [str(one) for one in first.fields[:2]] == [one.decode() for one in again.fields[:2]]
    assert first.fields[2:] == again.fields[2:]
    assert hall.live_seats(lecture)["0"][0] == 4


def test_a_refusal_is_repeated_for_the_same_key_and_limits_another(engine: Engine, make: MakeId) -> None:
    lecture = make(capacity=0, waitlist_capacity=0)
    verdicts = admit(engine, wish(1, lecture), wish(1, lecture), wish(1, lecture, "key-00000002"))
    assert names(verdicts) == ["sold_out", "refused", "throttled"]
    assert verdicts[2].fields[0] == b"offering"
    assert 0 < verdicts[2].fields[1] <= 10_000


def test_a_second_wish_is_answered_with_the_first_claim(engine: Engine, make: MakeId) -> None:
    lecture = make()
    first = wish(1, lecture)
    verdicts = admit(engine, first, wish(1, lecture, "key-00000002"), wish(1, lecture, "key-00000002"))
    assert names(verdicts) == ["new", "claimed", "claimed"]
    assert verdicts[1].fields == (first.id.encode(), b"pending")


def test_the_same_key_with_another_body_is_refused(engine: Engine, make: MakeId) -> None:
    lecture = make()
    assert names(admit(engine, wish(1, lecture), wish(1, lecture, fingerprint="0"))) == ["new", "reused"]


def test_windows_are_judged_by_redis_time(engine: Engine, make: MakeId, hall: Hall) -> None:
    now = hall.services.clock.now()
    early = make(opens_at=now + timedelta(hours=1), closes_at=now + timedelta(hours=2))
    late = make(opens_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1))
    assert names(admit(engine, wish(1, early), wish(1, late))) == ["not_open", "closed"]


def test_an_offering_that_is_not_loaded_refuses_nobody(engine: Engine, make: MakeId) -> None:
    lecture = make(capacity=0, waitlist_capacity=0)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    engine.store.redis.set("sr:draining", 1)
    verdicts = admit(engine, wish(1, lecture), wish(1, lecture))
    assert names(verdicts) == ["recorded", "again"]
    assert verdicts[1].fields[3] == b"any"


def test_whoever_comes_first_loads_it_and_nobody_waits_for_that(engine: Engine, make: MakeId) -> None:
    lecture = make(capacity=1, waitlist_capacity=0)
    engine.store.redis.delete(f"sr:o:{KIND}:{lecture}")
    assert names(admit(engine, wish(1, lecture), wish(2, lecture), wish(1, lecture))) == [
        "unloaded",
        "recorded",
        "recorded",
    ]
    assert engine.loader.load(KIND, lecture)
    assert names(admit(engine, wish(3, lecture), wish(4, lecture))) == ["new", "sold_out"]


def test_the_users_bucket_throttles_without_using_up_the_interval(engine: Engine, make: MakeId) -> None:
    lectures = [make(), make(), make()]
    claims = [wish(1, lecture) for lecture in lectures]
    verdicts = admit(engine, *claims, emission_ms=200, burst=2)
    assert names(verdicts) == ["new", "new", "throttled"]
    assert verdicts[2].fields[0] == b"user"
    assert names(admit(engine, claims[2], emission_ms=0)) == ["new"]


def test_the_global_bucket_can_be_changed_live(engine: Engine, make: MakeId) -> None:
    lecture = make()
    engine.bucket.change(0, 0)
    verdicts = admit(engine, wish(1, lecture))
    assert names(verdicts) == ["throttled"]
    assert verdicts[0].fields[0] == b"global"
    engine.bucket.change(100, 100)
    assert names(admit(engine, wish(1, lecture))) == ["new"]


def test_cancel_needs_something_to_cancel_and_runs_once(engine: Engine, make: MakeId) -> None:
    lecture = make()
    assert names(admit(engine, wish(1, lecture, action="cancel", fingerprint="-"))) == ["nothing"]
    booking = wish(1, lecture)
    first = wish(1, lecture, action="cancel", fingerprint="-")
    other = wish(1, lecture, "key-00000002", action="cancel", fingerprint="-")
    verdicts = admit(engine, booking, first, other)
    assert names(verdicts) == ["new", "new", "claimed"]
    assert verdicts[1].fields[4] == booking.id.encode()
    assert verdicts[2].fields[0] == first.id.encode()


def test_frozen_lectures_take_nobody(engine: Engine, make: MakeId, hall: Hall) -> None:
    lecture = make()
    set_frozen(hall.services, engine, lecture, frozen=True)
    assert names(admit(engine, wish(1, lecture))) == ["frozen"]
    set_frozen(hall.services, engine, lecture, frozen=False)
    assert names(admit(engine, wish(1, lecture))) == ["new"]


@pytest.mark.parametrize(
    ("fence", "run", "verdict"), [("0", "", "behind"), ("2", "", "stale"), ("1", "another", "missing")]
)
def test_another_epoch_or_another_run_is_refused(
    engine: Engine, make: MakeId, fence: str, run: str, verdict: str
) -> None:
    lecture = make()
    engine.store.redis.set("sr:run", run or engine.store.run_id())
    with pytest.raises(EpochError) as error:
        engine.store.admit([wish(1, lecture)], fence=fence, interval_ms=0, emission_ms=0, burst=1)
    assert error.value.verdict == verdict


def test_an_emptied_redis_asks_to_be_rebuilt(engine: Engine, make: MakeId) -> None:
    lecture = make()
    engine.store.redis.flushdb()
    with pytest.raises(EpochError) as error:
        admit(engine, wish(1, lecture))
    assert error.value.verdict == "missing"


def test_a_cart_costs_one_token(engine: Engine, make: MakeId) -> None:
    lectures = [make() for _ in range(3)]
    cart = [wish(1, lecture, cart="c1") for lecture in lectures]
    assert names(admit(engine, *cart, emission_ms=60_000, burst=1)) == ["new", "new", "new"]
    more = [wish(1, make(), cart="c2") for _ in range(2)]
    assert names(admit(engine, *more, emission_ms=60_000, burst=1)) == ["throttled", "throttled"]
    apart = [wish(2, lecture) for lecture in lectures]
    assert names(admit(engine, *apart, emission_ms=60_000, burst=1)) == ["new", "throttled", "throttled"]


def test_a_throttled_cart_may_come_again_at_once(engine: Engine, make: MakeId) -> None:
    cart = [wish(1, make(), cart="c1") for _ in range(2)]
    admit(engine, wish(1, make()), emission_ms=60_000, burst=1)
    assert names(admit(engine, *cart, emission_ms=60_000, burst=1)) == ["throttled", "throttled"]
    assert names(admit(engine, *cart)) == ["new", "new"]


def test_a_time_ticket_opens_later_than_the_offering(engine: Engine, make: MakeId) -> None:
    lecture = make()
    now = engine.store.redis.time()[0] * 1000
    early, late = wish(1, lecture, not_before=now - 60_000), wish(2, lecture, not_before=now + 60_000)
    verdicts = admit(engine, early, late)
    assert names(verdicts) == ["new", "not_open"]
    assert int(verdicts[1].fields[0]) == now + 60_000


def test_the_claims_of_a_cart_are_answered_one_by_one(engine: Engine, make: MakeId) -> None:
    first, second = make(), make(capacity=0, waitlist_capacity=0)
    taken, refused = engine.gate.submit_together([wish(1, one, cart="c1") for one in (first, second)])
    assert isinstance(taken, Admission)
    assert isinstance(refused, SoldOutError)
