"""Door codes: what may be typed for one, and that they are spread, stable and tell nothing."""

from __future__ import annotations

import uuid

import pytest

from app.lectures.door_code import DoorCodes, shown, typed
from app.lectures.tickets import TicketMill

CODES = DoorCodes("k" * 40)
CLAIM = str(uuid.UUID(int=0x1234))
GOOD = CODES.of(CLAIM, 7)


def test_a_code_is_stable_and_eight_symbols() -> None:
    assert DoorCodes("k" * 40).of(CLAIM, 7) == GOOD
    assert typed(GOOD) == GOOD
    assert len(GOOD) == 8


def test_another_claim_lecture_or_secret_has_another_code() -> None:
    others = {CODES.of(CLAIM, 8), CODES.of(str(uuid.UUID(int=0x1235)), 7), DoorCodes("l" * 40).of(CLAIM, 7)}
    assert len(others | {GOOD}) == 4


def test_codes_do_not_meet() -> None:
    assert len({CODES.of(str(uuid.UUID(int=number)), 7) for number in range(5000)}) == 5000


@pytest.mark.parametrize(
    "text",
    [
        "01VK7Q2Z",
        "01vk7q2z",
        "01VK-7Q2Z",
        " 01vk 7q2z ",
        "O1VK7Q2Z",  # the letter O
        "oIvk7q2z",
        "olUk7q2z",
        "０１ＶＫ－７Ｑ２Ｚ",  # full width, as a Chinese keyboard types
        "01VK–7Q2Z",  # a dash that a phone makes of a hyphen
    ],
)
def test_what_may_be_typed(text: str) -> None:
    assert typed(text) == "01VK7Q2Z"


@pytest.mark.parametrize("text", ["", "01VK7Q2", "01VK7Q2ZZ", "01VK7Q2*", "讲座讲座讲座讲座", "0" * 25, "-" * 8])
def test_what_is_no_code(text: str) -> None:
    assert typed(text) is None


def test_a_ticket_is_never_taken_for_a_code() -> None:
    assert typed(TicketMill("k" * 40).sign(CLAIM, 7)) is None


def test_as_it_is_shown_it_can_be_typed() -> None:
    assert shown("01VK7Q2Z") == "01VK-7Q2Z"
    assert typed(shown(GOOD)) == GOOD
