"""A fair opening: its first seconds are decided by lot, which anybody can compute again; then first come, first served."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.admission import rebuild
from app.admission.claims import Claim, claim_id
from app.admission.errors import AlreadyClaimedError
from app.admission.fair import drawing
from app.admission.fair.drawing import Draws
from app.admission.fair.exporting import exported
from app.admission.fair.setting_aside import FAIR
from app.catalogue.models import KIND
from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.describing import describe_term
from tests.factories import bearer
from tests.functional.enrolment.conftest import MONDAY_1_2, MONDAY_2_3, Registry

SEED = "5eed" * 16
SECONDS = 3000


@pytest.fixture
def fair(registry: Registry) -> Registry:
    """A fair round that has opened, and whose seconds are not over."""
    now = registry.services.clock.now()
    registry.open_term(
        opens_at=now - timedelta(minutes=5), mode="fair", fair_seconds=SECONDS, seed=SEED,
        commitment=hashlib.sha256(bytes.fromhex(SEED)).hexdigest(),
    )  # fmt: skip
    return registry


def seconds_are_over(registry: Registry) -> None:
    """As if the round had opened earlier: its last second is the one before this."""
    with registry.services.db.transaction() as session:
        query = (
            "UPDATE selection_round SET opens_at = TIMESTAMPADD(SECOND, -:seconds, UTC_TIMESTAMP(6)) WHERE id = :round"
        )
        session.execute(text(query), {"seconds": SECONDS, "round": registry.round})


def lots(claims: list[str]) -> list[str]:
    """The order, as a reader of the exported file computes it."""
    return sorted(claims, key=lambda one: hmac.new(bytes.fromhex(SEED), one.encode(), hashlib.sha256).hexdigest())


def states(registry: Registry, claims: list[str]) -> list[str]:
    return [registry.standing(one).state for one in claims]


def waiting(registry: Registry) -> int:
    with registry.services.db.transaction() as session:
        return len(session.execute(select(FAIR.c.id).where(FAIR.c.live == 1)).all())


def test_who_came_first_is_not_first(fair: Registry) -> None:
    section = fair.section(capacity=3, line=2)
    claims = [fair.enrol(fair.student(), section) for _ in range(8)]
    fair.hall.settle()
    assert states(fair, claims) == ["pending"] * 8
    assert fair.seats(section) == ((3, 0), (3, 0))  # nobody is promised anything
    assert fair.engine.draws.make() == 0  # not yet
    seconds_are_over(fair)
    assert fair.engine.draws.make() == 8
    ordered = lots(claims)
    assert states(fair, ordered) == ["confirmed"] * 3 + ["waitlisted"] * 2 + ["rejected"] * 3
    assert ordered != claims
    assert fair.seats(section) == ((0, 2), (0, 2))
    assert (waiting(fair), fair.engine.draws.make()) == (0, 0)


def test_the_exported_file_says_it_all(fair: Registry) -> None:
    sections = [fair.section(capacity=2) for _ in range(2)]
    claims = [fair.enrol(fair.student(), section) for section in sections for _ in range(4)]
    fair.hall.settle()
    seconds_are_over(fair)
    fair.engine.draws.make()
    with fair.services.db.transaction() as session:
        one = session.get_one(SelectionRound, fair.round)
        assert one.drawn_at is not None
        (opening,) = fair.engine.kinds[KIND].fair_openings(session, [fair.round])
        document = exported(session, KIND, fair.round, opening.until, opening.seed)
    assert hashlib.sha256(bytes.fromhex(document["seed"])).hexdigest() == one.commitment
    assert [each["claim_id"] for each in document["claims"]] == lots(claims)
    assert [each["position"] for each in document["claims"]] == list(range(8))
    assert all(each["by_lot"] and each["state"] in {"confirmed", "waitlisted"} for each in document["claims"])


def test_a_draw_that_was_broken_off_goes_on_where_it_stopped(fair: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    section = fair.section(capacity=3, line=0)
    claims = [fair.enrol(fair.student(), section) for _ in range(6)]
    fair.hall.settle()
    seconds_are_over(fair)
    monkeypatch.setattr(drawing, "AT_ONCE", 2)
    with monkeypatch.context() as patched:
        whole, chunks = Draws._decide, [1]
        patched.setattr(Draws, "_decide", lambda *args: (chunks.pop(), whole(*args)))
        with pytest.raises(IndexError):  # it dies before the second two
            fair.engine.draws.make()
    assert waiting(fair) == 4
    assert fair.engine.draws.make() == 4
    with fair.services.db.transaction() as session:
        order = session.execute(select(FAIR.c.claim_id, FAIR.c.position).order_by(FAIR.c.position)).all()
    assert [tuple(row) for row in order] == [(one, at) for at, one in enumerate(lots(claims))]
    assert states(fair, lots(claims)) == ["confirmed"] * 3 + ["rejected"] * 3


def test_rules_stand_in_the_order_of_the_lots(fair: Registry) -> None:
    student = fair.student()
    claims = [fair.enrol(student, fair.section(None, slot)) for slot in (MONDAY_1_2, MONDAY_2_3)]
    fair.hall.settle()
    seconds_are_over(fair)
    fair.engine.draws.make()
    first, second = lots(claims)
    assert (fair.standing(first).state, fair.standing(second).reason) == ("confirmed", "timetable_clash")


def test_one_lot_per_student_and_section(fair: Registry) -> None:
    """Or whoever knows how would come with a hundred keys."""
    student, section = fair.student(), fair.section()
    first = fair.enrol(student, section)
    with pytest.raises(AlreadyClaimedError) as raised:
        fair.enrol(student, section)
    assert raised.value.data == {"claim_id": first, "state": "pending"}
    fair.hall.settle()
    at = fair.services.clock.epoch_ms()
    unseen = Claim(
        id=claim_id(student.id, "book", KIND, section, "another-key"), kind=KIND, action="book", user_id=student.id,
        offering_id=section, admitted_at=at,
    )  # fmt: skip
    fair.hall.settle([unseen])  # by the direct path
    assert (fair.standing(unseen.id).state, fair.standing(unseen.id).reason) == ("rejected", "already_claimed")
    assert waiting(fair) == 1


def test_the_same_claim_again_and_again(fair: Registry) -> None:
    student, section = fair.student(), fair.section()
    headers = {**bearer(fair.services, student), "Idempotency-Key": "the-key-of-this"}
    path = f"/api/sections/{section}/enrolments"
    first, second = (fair.client.post(path, headers=headers) for _ in range(2))
    assert (first.status_code, first.json) == (202, second.json)
    for _ in range(2):
        fair.hall.settle()
    assert waiting(fair) == 1
    claim = first.json["claim_id"]
    fair.engine.store.redis.flushdb()  # whoever asks MariaDB is told the same
    assert fair.client.get(f"/api/claims/{claim}", headers=headers).json["state"] == "pending"


def test_a_rebuild_forgets_nobody_who_waits(fair: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rebuild, "DRAIN_WITHIN_S", 0.1)  # nothing is on its way, and no consumer answers the barriers
    student, section = fair.student(), fair.section()
    first = fair.enrol(student, section)
    fair.hall.settle()
    fair.engine.watch.rebuild()
    with pytest.raises(AlreadyClaimedError) as raised:
        fair.enrol(student, section)
    assert raised.value.data == {"claim_id": first, "state": "pending"}
    seconds_are_over(fair)
    assert fair.engine.draws.make() == 1
    assert (fair.standing(first).state, fair.holds(student)) == ("confirmed", {section: "confirmed"})


def test_a_lot_can_be_given_back(fair: Registry) -> None:
    student, section = fair.student(), fair.section()
    first = fair.enrol(student, section)
    fair.hall.settle()
    fair.drop(student, section)
    fair.hall.settle()
    assert fair.standing(first).state == "cancelled"
    fair.engine.store.redis.delete(f"sr:lim:{student.id}:{KIND}:{section}")  # ten seconds later
    again = fair.enrol(student, section)
    fair.hall.settle()
    seconds_are_over(fair)
    fair.engine.draws.make()
    assert (states(fair, [first, again]), fair.holds(student)) == (["cancelled", "confirmed"], {section: "confirmed"})


def test_afterwards_it_is_first_come_first_served(fair: Registry) -> None:
    section = fair.section(capacity=1)
    lucky = fair.enrol(fair.student(), section)
    fair.hall.settle()
    seconds_are_over(fair)
    late = fair.enrol(fair.student(), section)  # Redis has not been told yet
    fair.hall.settle()
    fair.engine.draws.make()
    assert states(fair, [lucky, late]) == ["confirmed", "waitlisted"]
    assert describe_term(fair.services, fair.engine, fair.term)
    other = fair.section(capacity=1)
    made = fair.enrol(fair.student(), other)
    assert fair.seats(other)[0] == (0, 0)  # a seat at once
    fair.hall.settle()
    assert fair.standing(made).state == "confirmed"


def test_a_round_that_nobody_came_to_opens_all_the_same(fair: Registry) -> None:
    seconds_are_over(fair)
    assert fair.engine.draws.make() == 0
    assert describe_term(fair.services, fair.engine, fair.term)
    section = fair.section(capacity=1)
    fair.enrol(fair.student(), section)
    assert fair.seats(section)[0] == (0, 0)


def test_a_stopped_round_waits(fair: Registry) -> None:
    claim = fair.enrol(fair.student(), fair.section())
    fair.hall.settle()
    seconds_are_over(fair)
    stop = text("UPDATE selection_round SET frozen = :frozen WHERE id = :round")
    for frozen, drawn in ((True, 0), (False, 1)):
        with fair.services.db.transaction() as session:
            session.execute(stop, {"frozen": frozen, "round": fair.round})
        assert fair.engine.draws.make() == drawn
    assert fair.standing(claim).state == "confirmed"


def test_the_draw_waits_for_claims_on_their_way(fair: Registry) -> None:
    """Redis has set them aside, MariaDB has not heard of them: the lots would not be complete."""
    section = fair.section(capacity=1)
    fair.enrol(fair.student(), section)
    fair.hall.settle()
    on_its_way = fair.enrol(fair.student(), section)
    seconds_are_over(fair)
    assert fair.engine.draws.make() == 0
    fair.hall.settle()
    assert fair.engine.draws.make() == 2
    assert fair.standing(on_its_way).state in {"confirmed", "waitlisted"}


def test_the_sweeper_does_not_publish_what_waits_for_its_lot(fair: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[Claim] = []
    monkeypatch.setattr(fair.engine.keeper._courier, "publish", lambda claims, **_: published.extend(claims) or [])
    monkeypatch.setattr("app.admission.maintenance.SWEEP_AGE_MS", -60_000)
    stored = fair.enrol(fair.student(), fair.section())
    fair.hall.settle()
    lost = fair.enrol(fair.student(), fair.section())
    published.clear()
    fair.engine.keeper.sweep()
    assert [one.id for one in published] == [lost]
    assert stored != lost


def test_everybody_may_have_the_file_after_the_draw_and_nobody_before(fair: Registry) -> None:
    section = fair.section(capacity=2)
    claims = [fair.enrol(fair.student(), section) for _ in range(5)]
    fair.hall.settle()
    before = fair.client.get(f"/api/rounds/{fair.round}/draw")
    assert (before.json["state"], before.json["seed"], before.json["export_url"]) == ("none", None, None)
    assert fair.client.get(f"/api/rounds/{fair.round}/draw.json").json["code"] == "draw_not_found"
    assert SEED not in before.text
    seconds_are_over(fair)
    assert fair.engine.draws.make() == 5
    told = fair.client.get(f"/api/rounds/{fair.round}/draw").json
    assert (told["state"], told["seed"], told["wishes"], told["won"]) == ("done", SEED, 5, 2)
    file = fair.client.get(told["export_url"]).json
    assert hashlib.sha256(bytes.fromhex(file["seed"])).hexdigest() == file["commitment"] == told["commitment"]
    assert [one["claim_id"] for one in file["claims"]] == lots(claims)
