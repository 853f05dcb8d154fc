"""Slots of the week and clashes between meetings."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.timetable import MOST_PERIODS, PERIODS, Slot, cells, clash, clashes, print_slot
from app.catalogue.weeks import ALL_WEEKS, parse_weeks, weeks_of


@st.composite
def slots(draw: st.DrawFn) -> Slot:
    first = draw(st.integers(1, MOST_PERIODS))
    # few bits and few weekdays, so that both answers are common
    mask = draw(st.one_of(st.integers(1, ALL_WEEKS), st.sampled_from([0b01, 0b10, 0x15555555, 0x2AAAAAAA])))
    return Slot(mask, draw(st.integers(1, 3)), first, draw(st.integers(first, min(MOST_PERIODS, first + 2))))


@given(st.lists(slots(), max_size=4), st.lists(slots(), max_size=4))
def test_clashes_are_what_the_sets_share(mine: list[Slot], others: list[Slot]) -> None:
    expected = [(one, other, cells(one) & cells(other)) for one in mine for other in others]
    found = clashes(mine, others)
    assert [(one.mine, one.other) for one in found] == [(one, other) for one, other, shared in expected if shared]
    for one, shared in zip(found, (shared for _, _, shared in expected if shared), strict=True):
        assert cells(Slot(one.week_mask, one.weekday, one.first_period, one.last_period)) == shared


@given(slots(), slots())
def test_clashes_go_both_ways(one: Slot, other: Slot) -> None:
    there, back = clash(one, other), clash(other, one)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert (there.week_mask, there.first_period, there.last_period) == (
            back.week_mask, back.first_period, back.last_period,
        )  # fmt: skip


@given(slots(), slots())
def test_bits_say_the_same(one: Slot, other: Slot) -> None:
    same = bool(one.week_mask & other.week_mask) and bool(one.bits & other.bits)
    assert same == (clash(one, other) is not None)


@given(slots())
def test_cells(slot: Slot) -> None:
    assert len(cells(slot)) == len(weeks_of(slot.week_mask)) * slot.periods.bit_count()
    assert clash(slot, slot) is not None


def test_odd_and_even_weeks_share_a_room() -> None:
    odd = Slot(parse_weeks("1-16周(单)"), 3, 3, 4)
    even = Slot(parse_weeks("1-16周(双)"), 3, 3, 4)
    assert clash(odd, even) is None
    assert clash(odd, Slot(parse_weeks("9周"), 3, 4, 5)) is not None


@pytest.mark.parametrize(
    ("slot", "zh", "en"),
    [
        (Slot(1, 3, 3, 4), "周三 3–4 节", "Wed periods 3–4"),
        (Slot(1, 7, 13, 13), "周日 13 节", "Sun period 13"),
    ],
)
def test_how_it_is_written(slot: Slot, zh: str, en: str) -> None:
    assert print_slot(slot) == zh
    assert print_slot(slot, "en") == en


def test_the_day() -> None:
    assert [one.number for one in PERIODS] == list(range(1, 14))
    assert PERIODS[0].starts_at.isoformat("minutes") == "08:00"
    assert PERIODS[0].ends_at.isoformat("minutes") == "08:45"
    assert all(one.ends_at < following.starts_at for one, following in pairwise(PERIODS))
