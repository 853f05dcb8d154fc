"""Tickets cannot be made, changed or borrowed from another system."""

from __future__ import annotations

import base64
import uuid

import pytest

from app.lectures.errors import TicketInvalidError
from app.lectures.tickets import TicketMill, qr_svg

MILL = TicketMill("k" * 40)
CLAIM = str(uuid.UUID(int=0x1234))
GOOD = MILL.sign(CLAIM, 7)


def test_round_trip() -> None:
    assert MILL.read(GOOD) == (CLAIM, 7)
    assert len(GOOD) == 54


@pytest.mark.parametrize("at", range(53))
def test_every_character_counts(at: int) -> None:
    other = "A" if GOOD[at] != "A" else "B"
    with pytest.raises(TicketInvalidError):
        MILL.read(GOOD[:at] + other + GOOD[at + 1 :])


@pytest.mark.parametrize("text", ["", "x", GOOD[:-1], GOOD + "=", "é" * 54, "\x00" * 54, " " * 54, "=" * 54])
def test_nonsense(text: str) -> None:
    with pytest.raises(TicketInvalidError):
        MILL.read(text)


def test_only_one_text_stands_for_a_ticket() -> None:
    """The last character has bits to spare; a copy that uses them is not the ticket."""
    data = base64.urlsafe_b64decode(GOOD + "==")
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        twin = GOOD[:-1] + last
        if twin != GOOD and base64.urlsafe_b64decode(twin + "==") == data:
            with pytest.raises(TicketInvalidError):
                MILL.read(twin)


def test_another_key() -> None:
    with pytest.raises(TicketInvalidError):
        TicketMill("l" * 40).read(GOOD)


def test_qr_is_one_inert_svg_element() -> None:
    svg = qr_svg(GOOD)
    assert svg.startswith("<svg ")
    assert "script" not in svg
