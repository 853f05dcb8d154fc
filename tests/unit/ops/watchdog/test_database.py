"""Who begins the database's primary component; never two, never beside one that nobody could see."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ops.stack.watchdog.database import Member, chosen, understood

TWO = ("10.77.0.2:3306", "10.77.0.3:3306")
THREE = ("10.77.0.1:3306", *TWO)
LOST = Member(runs=True, status="non-Primary", together=THREE, history="e5c2", seqno=190)
DOWN = Member(runs=False)


def test_the_one_with_the_newest_data_begins() -> None:
    assert chosen({"h1": LOST, "h2": replace(LOST, seqno=192), "h3": LOST}) == "h2"


def test_of_equals_the_first_begins() -> None:
    assert chosen({"h1": LOST, "h2": LOST, "h3": LOST}) == "h1"


@pytest.mark.parametrize("together", [TWO, THREE])
def test_two_that_are_left_begin_without_the_third(together: tuple[str, ...]) -> None:
    """That one tries to come back, which it can't while there is no primary component: it is in the view, or not."""
    left = replace(LOST, together=together)
    assert chosen({"h1": DOWN, "h2": left, "h3": replace(left, seqno=191)}) == "h3"


@pytest.mark.parametrize("state", ["Primary", "Disconnected", ""])
def test_nobody_begins_beside_one_that_is_not_like_the_others(state: str) -> None:
    assert chosen({"h1": replace(LOST, status=state), "h2": LOST, "h3": LOST}) is None


def test_nobody_begins_while_a_host_is_not_heard() -> None:
    """It may be in a primary component with somebody else, or be about to begin one by the same rule."""
    assert chosen({"h1": None, "h2": LOST, "h3": LOST}) is None


def test_a_minority_does_not_begin() -> None:
    """The two that were stopped may have gone on without it."""
    assert chosen({"h1": DOWN, "h2": DOWN, "h3": replace(LOST, together=TWO[:1])}) is None


def test_of_five_three_that_were_left_behind_do_not_begin_beside_two_that_start() -> None:
    """All five, then three, then the two alone were the primary component: started anew, they are it again."""
    three = dict.fromkeys(("h1", "h2", "h3"), LOST)
    assert chosen({**three, "h4": DOWN, "h5": DOWN}) is None
    assert chosen({**three, "h4": LOST, "h5": DOWN}) is None  # it is not in the view
    four = replace(LOST, together=(*THREE, "10.77.0.4:3306"))
    assert chosen({**dict.fromkeys((*three, "h4"), four), "h5": DOWN}) == "h1"


def test_members_that_do_not_see_each_other_do_not_begin() -> None:
    apart = replace(LOST, together=TWO[:1])
    assert chosen({"h1": LOST, "h2": apart, "h3": LOST}) is None
    assert chosen({"h1": apart, "h2": apart, "h3": apart}) is None


def test_members_of_different_histories_do_not_begin() -> None:
    assert chosen({"h1": replace(LOST, history="0000"), "h2": LOST, "h3": LOST}) is None


def test_what_a_host_says_is_understood() -> None:
    said = {
        "runs": True,
        "wsrep_cluster_status": "non-Primary",
        "wsrep_incoming_addresses": "10.77.0.3:3306,10.77.0.1:3306,10.77.0.2:3306",
        "wsrep_cluster_state_uuid": "e5c2",
        "wsrep_last_committed": "190",
    }
    assert understood(said) == LOST
    assert understood({"runs": False}) == DOWN
    with pytest.raises(ValueError, match="can't tell"):
        understood({"runs": None})
    with pytest.raises(KeyError):
        understood({"runs": True, "wsrep_cluster_status": "Primary"})
