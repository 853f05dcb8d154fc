"""Week expressions."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue.errors import WeeksInvalidError
from app.catalogue.weeks import ALL_WEEKS, mask_of, parse_weeks, print_weeks, weeks_of

MASKS = st.integers(1, ALL_WEEKS)


@pytest.mark.parametrize(
    ("text", "weeks"),
    [
        ("1-16周", range(1, 17)),
        ("3-15周(单)", range(3, 16, 2)),
        ("2-16周(双)", range(2, 17, 2)),
        ("2-16（双周）", range(2, 17, 2)),
        ("1-16周(双)", range(2, 17, 2)),
        ("1-8,10,12-16周", [*range(1, 9), 10, *range(12, 17)]),
        ("1—4周，6周、8周", [1, 2, 3, 4, 6, 8]),
        ("第1-3周", [1, 2, 3]),
        ("第5周", [5]),
        ("1-5(单),8", [1, 3, 5, 8]),
        ("1周-3周", [1, 2, 3]),
        ("weeks 1–16", range(1, 17)),
        ("Weeks 1-9 (odd)", range(1, 10, 2)),
        ("week 7", [7]),
        ("2-8 even, 9", [2, 4, 6, 8, 9]),
        ("1-3,2-5", [1, 2, 3, 4, 5]),
        ("1至3周", [1, 2, 3]),
        ("1~9单周", [1, 3, 5, 7, 9]),
        ("30", [30]),
    ],
)
def test_what_timetables_say(text: str, weeks: list[int]) -> None:
    assert weeks_of(parse_weeks(text)) == list(weeks)


@pytest.mark.parametrize(
    "text",
    ["", " ", "周", "0-3周", "1-31周", "5-3周", "1-16周(三)", "3周(双)", "1,,3", "1-", "-4", "1-2-3", "a", "１-３周",
     "1 2", "1-16周" * 50, "²", "100", "3-15周(单", "3-15周单)", "3-15(单)(双)", "3-15周()"],
)  # fmt: skip
def test_what_makes_no_sense(text: str) -> None:
    with pytest.raises(WeeksInvalidError) as caught:
        parse_weeks(text)
    assert "weeks" in caught.value.message("en")


def test_the_error_names_the_part() -> None:
    with pytest.raises(WeeksInvalidError) as caught:
        parse_weeks("1-8,x,12周")
    assert caught.value.data["part"] == "x"
    assert "“x”" in caught.value.message("zh")


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        ("1-16", "1-16周", "weeks 1-16"),
        ("3-15(单)", "3-15周(单)", "weeks 3-15 (odd)"),
        ("2-16(双)", "2-16周(双)", "weeks 2-16 (even)"),
        ("1-8,10,12-16", "1-8,10,12-16周", "weeks 1-8,10,12-16"),
        ("1,3", "1,3周", "weeks 1,3"),
        ("9", "9周", "week 9"),
    ],
)
def test_how_it_is_written(text: str, zh: str, en: str) -> None:
    assert print_weeks(parse_weeks(text), "zh") == zh
    assert print_weeks(parse_weeks(text), "en") == en


@given(MASKS, st.sampled_from(["zh", "en"]))
def test_written_and_read_back(mask: int, language: str) -> None:
    assert parse_weeks(print_weeks(mask, language)) == mask


@given(st.sets(st.integers(1, 30)))
def test_sets_and_masks(weeks: set[int]) -> None:
    assert weeks_of(mask_of(weeks)) == sorted(weeks)


@given(st.integers(1, 30), st.integers(1, 30))
def test_odd_and_even_are_the_whole_range(one: int, other: int) -> None:
    """By the week's own number, also when the range begins with the other kind (nusmods #3679)."""
    first, last = min(one, other), max(one, other) + 1
    if last > 30:
        return
    odd, even, whole = (parse_weeks(f"{first}-{last}周{kind}") for kind in ("(单)", "(双)", ""))
    assert odd & even == 0
    assert odd | even == whole
    assert all(week % 2 for week in weeks_of(odd))


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(WeeksInvalidError):
        assert 0 < parse_weeks(text) <= ALL_WEEKS


@pytest.mark.parametrize("week", [0, 31, -1])
def test_no_such_week(week: int) -> None:
    with pytest.raises(ValueError, match="no term"):
        mask_of([week])


def test_no_weeks_at_all() -> None:
    assert print_weeks(0) == ""
