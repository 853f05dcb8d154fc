"""A defect in the rules meets one claim in a batch: the others are decided, that one is buried, and the consumer goes on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import StatementError

from app.admission.claims import Claim
from app.admission.deadletters import letters
from app.admission.engine import Engine
from app.extensions.broker import DEAD, connect
from app.extensions.services import Services
from app.lectures.judging import LectureJudge
from tests.functional.admission.conftest import MakeId
from tests.functional.admission.test_settle import claim
from tests.functional.admission.test_write_offs import consuming, standing
from tests.waiting import until

# By the person whose claim meets it: what no list of data errors had.
DEFECTS: dict[int, Exception] = {
    2: AttributeError("'NoneType' object has no attribute 'capacity'"),
    3: AssertionError("unreachable"),
    5: RuntimeError("dictionary changed size during iteration"),
    6: StatementError("(builtins.AttributeError) no such column", "SELECT", {}, AttributeError("no such column")),
}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    judged = LectureJudge.refusal

    def refusal(self: LectureJudge, one: Claim) -> str | None:
        if one.user_id in DEFECTS:
            raise DEFECTS[one.user_id]
        return judged(self, one)

    monkeypatch.setattr(LectureJudge, "refusal", refusal)


@pytest.fixture
def graves(services: Services, engine: Engine) -> Iterator[None]:
    """The queue of dead letters is empty before and afterwards."""
    _purge(services)
    yield
    _purge(services)


def _purge(services: Services) -> None:
    with connect(services.settings.amqp_url) as connection:
        connection.channel().queue_purge(DEAD)


@pytest.mark.usefixtures("broken", "graves")
def test_a_claim_that_meets_a_defect_is_buried_alone(engine: Engine, services: Services, make: MakeId) -> None:
    lecture, at = make(capacity=10), services.clock.epoch_ms()
    claims = {user: claim(lecture, user, at) for user in range(1, 8)}
    url = services.settings.amqp_url
    with consuming(services, engine):
        assert not engine.courier.publish(list(claims.values()))  # one message
        until(lambda: len(letters(url, limit=50)) == len(DEFECTS), "the burials", 15)
        for user in claims.keys() - DEFECTS.keys():
            until(lambda user=user: standing(services, claims[user].id), "a decision", 15)
        late = claim(lecture, 8, at)
        assert not engine.courier.publish([late])
        until(lambda: standing(services, late.id), "a decision of the next message", 15)
    assert [standing(services, claims[user].id).state for user in (1, 4, 7)] == ["confirmed"] * 3
    found = {one.claims[0].user_id: one.reason for one in letters(url, limit=50)}
    assert found == {user: repr(error) for user, error in DEFECTS.items()}
