"""schemathesis over the whole document: no 500, no undocumented status, no body that does not fit its schema.

Good and bad input for every operation, as nobody, as a student, and as somebody who may do everything. What is asked for by
id is there, mostly (things.py).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from app.admission.engine import Engine
from app.admission.epochs import advance
from app.auth.permissions import Role
from app.extensions.broker import declare_topology
from app.extensions.services import Services
from app.factory import create_app
from tests.factories import bearer, make_account
from tests.functional.openapi.things import Things, make_things

EXAMPLES = 10
FEW = 3  # who is turned away is answered before it is looked at what he sent
STAFF = ("/api/manage/", "/api/admin/", "/api/ops/")
# Not checked: that whatever fits the schema is taken. A cursor, a password policy or a date in the past is refused by
# rules that a schema cannot say.
PATIENT = 1_000_000
GOOD, BAD = GenerationMode.POSITIVE, GenerationMode.NEGATIVE

# What a student's good requests must have met: ids that come from nowhere would meet 404 alone.
MET = {
    "GET /api/lectures/{lecture_id}": {"200", "404 lecture_not_found"},
    "GET /api/lectures/{lecture_id}/standing": {"200"},
    "GET /api/lectures/{lecture_id}/overlaps": {"200", "404 lecture_not_found"},
    "GET /api/me/lectures": {"200"},
    "POST /api/lectures/{lecture_id}/bookings": {"202", "409 already_claimed", "409 sold_out", "404 lecture_not_found"},
    "DELETE /api/lectures/{lecture_id}/bookings/mine": {"202", "404 nothing_to_cancel"},
    "GET /api/sections/{section_id}": {"200", "404 section_not_found"},
    "POST /api/sections/{section_id}/enrolments": {
        *("202", "409 already_claimed", "409 timetable_clash", "409 duplicate_course", "409 sold_out"),
        "404 section_not_found",
    },
    "DELETE /api/sections/{section_id}/enrolments/mine": {"202", "404 nothing_to_cancel"},
    "GET /api/me/standings": {"200"},
    "GET /api/me/claims": {"200"},
    "GET /api/rounds/{round_id}": {"200", "404 round_not_found"},
    "POST /api/rounds/{round_id}/carts": {"202", "404 round_not_found"},
    "POST /api/rounds/{round_id}/swaps": {"202", "409 sold_out", "409 already_claimed", "404 round_not_found"},
    "GET /api/claims": {"200"},
    "GET /api/claims/{wanted}": {"200", "404 not_found"},
    "GET /api/claims/{claim_id}/ticket": {"200", "404 ticket_not_found"},
}


@dataclass
class Desk:
    """One application, its document, and somebody who asks; `met`: label → statuses, of problems with their code."""

    services: Services
    app: Flask
    who: Role | None
    document: schemathesis.BaseSchema
    things: Things | None = None
    headers: dict[str, str] = field(default_factory=dict)
    met: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def prepare(self) -> None:
        """Whatever there is to ask for, unless it is there."""
        if self.things is None:
            engine: Engine = self.app.extensions["seatrush.engine"]
            _open_the_gate(engine, self.services)
            self.things = make_things(self.services, engine, self.app.test_client())
            # Told to schemathesis, not only sent: it must know that the token is not missing.
            self.headers = self._headers(self.things)
            self.document.config.update(headers=self.headers)

    def _headers(self, things: Things) -> dict[str, str]:
        if self.who is None:
            return {}
        return bearer(
            self.services, things.student if self.who is Role.STUDENT else make_account(self.services, self.who)
        )

    def ask(self, operation: APIOperation, case: Case) -> None:
        """One request. Raises what is wrong with its answer."""
        # Sent, too: or it takes the token for one that it drew, which should not be good for anything.
        token = {"headers": self.headers} if self.headers else {}
        answer = case.call_and_validate(excluded_checks=[positive_data_acceptance], **token)
        code = f" {answer.json()['code']}" if answer.status_code >= 400 else ""
        self.met[operation.label].add(f"{answer.status_code}{code}")

    def leave(self, operation: APIOperation) -> None:
        """After all requests of an operation: what a student has used up is made anew."""
        used = operation.method.upper() != "GET" and any(one.startswith("2") for one in self.met[operation.label])
        if used and self.who is Role.STUDENT:
            self.things = None


@pytest.fixture
def desk(services: Services, who: Role | None, mode: GenerationMode) -> Desk:
    """The login limit is out of the way."""
    declare_topology(services.settings.amqp_url, services.settings.claim_queues)
    patient = replace(services, settings=replace(services.settings, login_attempts_per_minute=PATIENT))
    app = create_app(services=patient)
    made = Desk(services, app, who, schemathesis.openapi.from_wsgi("/api/openapi.json", app))
    hooks = ["map_path_parameters"] if mode is BAD else ["map_path_parameters", "map_query", "map_body"]
    for name in hooks:
        _hook(made, name)
    return made


def _hook(desk: Desk, name: str) -> None:
    method = {"map_path_parameters": "in_address", "map_query": "in_query", "map_body": "in_body"}[name]

    @desk.document.hook(name)
    def given_things(context: schemathesis.HookContext, value: object) -> object:
        return getattr(desk.things, method)(context, value)


def _open_the_gate(engine: Engine, services: Services) -> None:
    """What the maintenance process does when it finds an empty Redis, without waiting for consumers that aren't here."""
    epoch, _, _ = advance(services.db)
    engine.store.install()
    engine.store.begin(epoch, engine.store.run_id(), rate=50_000, burst=50_000)
    engine.epochs.fenced(lambda fence: engine.store.open(fence=fence))


@pytest.mark.parametrize("mode", [GOOD, BAD], ids=["good", "bad"])
@pytest.mark.parametrize("who", [None, Role.STUDENT, Role.SUPER_ADMIN], ids=["nobody", "student", "admin"])
def test_every_operation_keeps_its_promises(desk: Desk, who: Role | None, mode: GenerationMode) -> None:
    broken = {}
    for operation in _operations(desk, who, mode):
        try:
            _try(desk, operation, mode, FEW if _turned_away(operation, who) else EXAMPLES)
        except Unsatisfiable:
            pass  # it takes no input that could be bad
        except (Exception, BaseExceptionGroup) as error:
            broken[operation.label] = str(error)[:1500]
    assert not broken, "\n\n".join(f"{label}: {text}" for label, text in broken.items())
    if who is Role.STUDENT and mode is GOOD:
        missed = {label: wanted - desk.met[label] for label, wanted in MET.items()}
        assert not any(missed.values()), missed


def _turned_away(operation: APIOperation, who: Role | None) -> bool:
    """Before anybody looks at what was sent."""
    if who is None:
        return bool(operation.definition.raw.get("security"))
    return who is Role.STUDENT and operation.path.startswith(STAFF)


def _operations(desk: Desk, who: Role | None, mode: GenerationMode) -> Iterator[APIOperation]:
    """Those by which staff end things come last; where nothing is looked at, bad input is nothing else than good."""
    found = [result.ok() for result in desk.document.get_all_operations()]
    if mode is BAD:
        found = [one for one in found if not _turned_away(one, who)]
    for operation in sorted(found, key=lambda one: one.method.upper() == "DELETE" or one.path.endswith("/cancel")):
        desk.prepare()
        yield operation
        desk.leave(operation)


def _try(desk: Desk, operation: APIOperation, mode: GenerationMode, examples: int) -> None:
    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Case) -> None:
        desk.ask(operation, case)

    attempt()
