"""Times, texts and ids on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from blueprints.ids import Id
from blueprints.moments import EARLIEST, LATEST, Moment, Text, Whole, parse_moment


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20T18:30:00+08:00", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("2026-11-20t10:30:00z", datetime(2026, 11, 20, 10, 30, tzinfo=UTC)),
        ("2026-11-20T10:30:00.5Z", datetime(2026, 11, 20, 10, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-11-20T10:30:00.123456789Z", datetime(2026, 11, 20, 10, 30, 0, 123_456, tzinfo=UTC)),
        ("2026-11-20T10:30:00-23:59", datetime(2026, 11, 21, 10, 29, tzinfo=UTC)),
    ],
)
def test_good_times(text: str, moment: datetime) -> None:
    assert parse_moment(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T18:30:00",
        "2026-11-20",
        "2026-11-20 18:30:00+08:00",
        "2026-02-30T18:30:00Z",
        "2026-11-20T24:30:00Z",
        "2026-11-20T18:30:60Z",
        "2026-11-20T18:30:00+25:00",
        "9999-12-31T23:59:59-08:00",
        "0001-01-01T00:00:00+08:00",
        "0000-01-01T00:00:00Z",
        "２０２６-11-20T18:30:00Z",
        "2026-11-20T18:30:00Z\n",
        "",
    ],
)
def test_bad_times(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_moment(text)


@given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"))
def test_any_text_is_a_time_or_a_value_error(text: str) -> None:
    try:
        moment = parse_moment(text)
    except ValueError:
        return
    assert EARLIEST <= moment <= LATEST


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Moment(), 5),
        (Moment(), None),
        (Text(5), ""),
        (Text(5), "  "),
        (Text(5), "123456"),
        (Text(5), "1234  "),  # the document says maxLength of what is sent
        (Text(5), "a\x00b"),
        (Text(5), "a\nb"),
        (Text(5), "a\u2028b"),
        (Text(5, lines=True), "a\x0bb"),
        (Text(5), 5),
        (Whole(0, 10), 11),
        (Whole(0, 10), -1),
        (Whole(0, 10), True),
        (Whole(0, 10), "5"),
        (Whole(0, 10), 5.5),
        (Whole(0, 10), 10**400),
        (Whole(0, 10), float("inf")),
        (Id(), "9223372036854775808"),
        (Id(), "１"),
        (Id(), "-1"),
        (Id(), ""),
        (Id(), 1),
    ],
)
def test_refused(field: fields.Field[Any], value: object) -> None:
    with pytest.raises(ValidationError):
        field.deserialize(value)


@pytest.mark.parametrize(
    ("field", "value", "read"),
    [
        (Text(5), " 🎓讲座 ", "🎓讲座"),
        (Text(5, empty=True), "", ""),
        (Text(9, lines=True), "a\n\tb", "a\n\tb"),
        (Whole(0, 10), 5.0, 5),
        (Id(), "9223372036854775807", 2**63 - 1),
    ],
)
def test_taken(field: fields.Field[Any], value: object, read: object) -> None:
    assert field.deserialize(value) == read
