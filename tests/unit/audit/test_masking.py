"""No secret survives, however it is wrapped; what is kept has a size."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.audit.masking import LARGEST, LONGEST, MASK, kept, masked

NEEDLE = "hunter2-correct-horse"
SECRET_KEYS = [
    "password",
    "old_password",
    "newPassword",
    "PASSWD",
    "access_token",
    "refreshToken",
    "Authorization",
    "seatrush_refresh_cookie",
    "Set-Cookie",
    "ticket",
    "client_secret",
    "api-key",
    "session_id",
    "id_card",
    "url",
]
PERSONAL_KEYS = ["phone", "mobile_phone", "email", "contact_mail", "E-Mail"]

plain_keys = st.text(max_size=6)
values = st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(max_size=8))
anything = st.recursive(
    values,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(plain_keys, inner, max_size=3),
    max_leaves=12,
)


@st.composite
def hiding(draw: st.DrawFn) -> Any:
    """JSON with a secret somewhere: behind a telling key, and below it wrapped in anything."""
    below: Any = NEEDLE
    for _ in range(draw(st.integers(0, 6))):
        below = draw(
            st.sampled_from([lambda one: [one], lambda one: {"x": one}, lambda one: [1, {"phone": one}, None]])
        )(below)
    tree: Any = {draw(st.sampled_from(SECRET_KEYS)): below, **draw(st.dictionaries(plain_keys, anything, max_size=2))}
    for _ in range(draw(st.integers(0, 25))):
        wrap = draw(st.sampled_from(["list", "dict", "personal"]))
        if wrap == "list":
            tree = [draw(anything), tree]
        else:
            tree = {draw(st.sampled_from(PERSONAL_KEYS)) if wrap == "personal" else "inner": tree}
    return tree


@given(hiding())
def test_no_secret_survives_in_any_nesting(tree: Any) -> None:
    found = kept(orjson.dumps(tree), "application/json")
    assert found is not None
    assert NEEDLE not in found
    assert NEEDLE[:6] not in found


@given(st.binary(max_size=5000), st.sampled_from(["application/json", "text/plain", "", "image/png", "a\nb/c"]))
def test_whatever_comes_is_kept_within_bounds(body: bytes, content_type: str) -> None:
    found = kept(body, content_type)
    assert (found is None) == (not body)
    assert len((found or "").encode()) <= LONGEST


@given(anything)
def test_what_is_no_secret_stays(tree: Any) -> None:
    assert masked({"seats": [{"reason": "x", "n": 1}], "tree": None}) == {
        "seats": [{"reason": "x", "n": 1}],
        "tree": None,
    }
    assert orjson.dumps(masked(tree))


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("phone", "13812345678", "138***78"),
        ("mobile", 13812345678, "138***78"),
        ("phone", "12345", MASK),
        ("email", "ada@example.edu", "a***@example.edu"),
        ("emails", ["ada@example.edu", None], ["a***@example.edu", None]),
        ("email", {"address": "ada@example.edu", "password": "x"}, {"address": "a***@example.edu", "password": MASK}),
        ("phone", None, None),
        ("password", ["Too short."], MASK),
        ("password", None, None),
    ],
)
def test_people_are_recognisable_but_not_reachable(key: str, value: Any, shown: Any) -> None:
    assert masked({key: value}) == {key: shown}


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b"", "application/json", None),
        (b'{"a":1}', "application/json; charset=utf-8", '{"a":1}'),
        (b'{"a":1}', "application/problem+json", '{"a":1}'),
        (b"password=hunter2", "application/x-www-form-urlencoded", "(application/x-www-form-urlencoded, 16 bytes)"),
        (b'{"password":"hunter2"', "application/json", "(application/json, 21 bytes)"),
        (b'{"password":"hunter2"}', "text/plain", "(text/plain, 22 bytes)"),
        (b'"hunter2"', "application/json", "(application/json, 9 bytes)"),
        (b"x", "evil type\r\n", "(unknown type, 1 bytes)"),
        (b" " * (LARGEST + 1), "application/json", f"(application/json, {LARGEST + 1} bytes)"),
    ],
)
def test_what_is_not_json_leaves_its_type_and_length(body: bytes, content_type: str, shown: str | None) -> None:
    assert kept(body, content_type) == shown


def test_a_long_body_is_cut_between_characters() -> None:
    found = kept(orjson.dumps({"text": "讲座" * 2000}), "application/json")
    assert found is not None
    assert len(found.encode()) <= LONGEST
    assert found.endswith(("座…", "讲…"))
