"""What the answer to one course of a cart says."""

from __future__ import annotations

import pytest

from app.admission.errors import OutcomeUnknownError, SoldOutError, ThrottledError
from app.enrolment.carts import CartLine
from app.errors import SeatrushError, UnavailableError


@pytest.mark.parametrize(
    ("problem", "unknown"),
    [(OutcomeUnknownError(), True), (UnavailableError(), True), (SoldOutError(), False), (ThrottledError(), False)],
)
def test_what_a_server_could_not_do_refuses_nothing(problem: SeatrushError, unknown: bool) -> None:
    """A try before this one, whose answer was lost, may have been accepted: "refused" would be a lie."""
    assert CartLine(1, "a claim", None, problem).unknown is unknown
