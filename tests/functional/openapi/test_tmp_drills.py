"""schemathesis over the whole document: no 500, no undocumented status, no body that does not fit its schema.

Good and bad input for every operation, as nobody, as a student, and as somebody who may do everything.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
import schemathesis
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
from tests.factories import bearer, make_account, make_student

EXAMPLES = 12
# Not checked: that whatever fits the schema is taken. A cursor, a password policy or a date in the past is refused by
# rules that a schema cannot say.
PATIENT = 1_000_000


@pytest.fixture
def document(services: Services) -> schemathesis.BaseSchema:
    """The API's own document, with the application behind it; the login limit is out of the way."""
    patient = replace(services, settings=replace(services.settings, login_attempts_per_minute=PATIENT))
    app = create_app(services=patient)
    _open_the_gate(app.extensions["seatrush.engine"], services)
    return schemathesis.openapi.from_wsgi("/api/openapi.json", app)


def _open_the_gate(engine: Engine, services: Services) -> None:
    """What the maintenance process does when it finds an empty Redis, without waiting for consumers that aren't here."""
    declare_topology(services.settings.amqp_url, services.settings.claim_queues)
    epoch, rate, burst = advance(services.db)
    engine.store.install()
    engine.store.begin(epoch, engine.store.run_id(), rate=rate, burst=burst)
    engine.epochs.fenced(lambda fence: engine.store.open(fence=fence))


def headers_of(services: Services, who: Role | None) -> dict[str, str]:
    """The token of somebody with that role; nothing for nobody."""
    if who is None:
        return {}
    return bearer(services, make_student(services) if who is Role.STUDENT else make_account(services, who))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
@pytest.mark.parametrize("who", [None, Role.STUDENT, Role.SUPER_ADMIN], ids=["nobody", "student", "admin"])
def test_every_operation_keeps_its_promises(
    document: schemathesis.BaseSchema, services: Services, who: Role | None, mode: GenerationMode
) -> None:
    # Told to schemathesis rather than added afterwards: it must know that the token is not missing.
    document.config.update(headers=headers_of(services, who))
    broken = {}
    for result in document.include(path_regex="^/api/ops/drills").get_all_operations():
        operation = result.ok()
        try:
            _try(operation, mode)
        except Unsatisfiable:
            pass  # it takes no input that could be bad
        except (Exception, BaseExceptionGroup) as error:
            broken[operation.label] = str(error)[:1500]
    assert not broken, "\n\n".join(f"{label}: {text}" for label, text in broken.items())


def _try(operation: APIOperation, mode: GenerationMode) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def attempt(case: Case) -> None:
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    attempt()
