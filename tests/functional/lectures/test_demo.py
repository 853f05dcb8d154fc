"""The demo campus's lectures."""

from __future__ import annotations

from collections import Counter

from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.admission.engine import Engine
from app.admission.models import ClaimRow, SeatPool
from app.demo import seed_demo
from app.extensions.services import Services
from app.lectures.demo_programme import PROGRAMME
from app.lectures.models import Lecture
from tests.clock import TravelClock


def phases(client: FlaskClient) -> Counter[str]:
    found: Counter[str] = Counter()
    for phase in ("open", "upcoming", "closed", "past"):
        found[phase] = len(client.get(f"/api/lectures?phase={phase}").json["items"])
    return found


def test_there_is_something_of_everything(
    services: Services, engine: Engine, client: FlaskClient, clock: TravelClock
) -> None:
    seed_demo(services, students=600)
    engine.keeper.relay()
    found = phases(client)
    assert sum(found.values()) == len(PROGRAMME) == 24
    assert found == {"open": 9, "upcoming": 11, "closed": 1, "past": 3}
    items = client.get("/api/lectures?limit=100").json["items"]
    assert any(one["seats_left"] == 0 and one["waiting"] > 0 for one in items)
    assert sum(one["restriction"]["mode"] == "only" for one in items) == 2
    assert any(len(one["pools"]) == 2 for one in items)
    with services.db.transaction() as session:
        states = dict(session.execute(select(ClaimRow.state, func.count()).group_by(ClaimRow.state)).all())  # type: ignore[arg-type]
        taken = session.scalar(select(func.sum(SeatPool.taken)))
    assert set(states) == {"confirmed", "waitlisted"}
    assert states["confirmed"] == taken == sum(line.filled for line in PROGRAMME)
    clock.advance(31 * 60)
    assert phases(client)["open"] == 14


def test_again_changes_nothing_until_it_is_out_of_date(services: Services, engine: Engine, clock: TravelClock) -> None:
    def count() -> int:
        with services.db.transaction() as session:
            return session.scalar(select(func.count()).select_from(Lecture)) or 0

    seed_demo(services, students=100)
    seed_demo(services, students=100)
    assert count() == 24
    clock.advance(10 * 86400)
    seed_demo(services, students=100)
    assert count() == 48
