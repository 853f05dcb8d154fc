"""With every guard on, no reachable state of any scenario breaks a promise (DESIGN §1, PITFALLS "Always")."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.model.scenarios import ACCOUNT, CLICKS, LINE, PROMOTED, REDIS, SCENARIOS, STAMPED, SWAP_RACE, THREE_LINE
from tests.model.search import never_rest, search
from tests.model.state import Scenario, initial


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
def test_nothing_is_wrong(scenario: Scenario) -> None:
    """Exhaustive: every interleaving, every fault up to the budget, and rest is reachable from everywhere."""
    result = search(scenario)
    print(result)
    assert result.violation is None, str(result)
    assert result.quiescent > 0


def test_scenarios_cover_the_required_size() -> None:
    """Two or three users, one or two seats, a line of none or one, up to three faults."""
    assert {len({c.user for c in s.claims}) for s in SCENARIOS} >= {2, 3}
    assert {s.capacity for s in SCENARIOS} == {1, 2}
    assert {s.line for s in SCENARIOS} == {0, 1}
    assert max(s.budget for s in SCENARIOS) == 3


@pytest.mark.parametrize("scenario", [LINE, PROMOTED, THREE_LINE], ids=lambda s: s.name)
def test_hand_on_is_for_speed_not_for_safety(scenario: Scenario) -> None:
    """Without the hand-on in the freeing transaction, withholding alone still leaves nobody behind."""
    result = search(replace(scenario, guards=scenario.guards.without("hand_on")))
    assert result.violation is None, str(result)


@pytest.mark.parametrize("scenario", [ACCOUNT, SWAP_RACE], ids=lambda s: s.name)
def test_asking_the_account_at_the_gate_is_for_speed_not_for_safety(scenario: Scenario) -> None:
    """Redis's answer is early, settle's under the account's lock is the truth."""
    result = search(replace(scenario, budget=1, guards=scenario.guards.without("account_gate")))
    assert result.violation is None, str(result)


def test_withholding_for_unsettled_waiters_is_safe_too() -> None:
    """The first wording of docs/plan.md: safe, but a promote claim may go round and round until the waiter settles."""
    result = search(replace(THREE_LINE, withhold_for_pending=True))
    assert result.violation is None, str(result)


def test_limit_a_refusal_only_redis_knew() -> None:
    """The one known limit: a second request on its way while Redis loses the refusal may be admitted.

    Stamping requests with the epoch of their key closes it (the scenario `STAMPED` finds nothing).
    """
    result = search(replace(CLICKS, faults=CLICKS.faults | REDIS, name="refusal lost"))
    print(result)
    assert result.violation is not None
    assert "told a failure" in result.violation
    assert search(STAMPED).violation is None


def test_the_livelock_check_can_fail() -> None:
    """A state from which rest is not reachable is reported."""
    a, b = initial(LINE), initial(PROMOTED)
    assert never_rest({a: None, b: None}, {b: [a]}, [a]) == b
    assert never_rest({a: None, b: None}, {b: [a]}, [b]) is None
