"""What is wrong with a field is said in the reader's language."""

from __future__ import annotations

import re

import pytest
from marshmallow import ValidationError, fields, validate

from app.controls.registry import Notice, Switch
from app.errors import InvalidInputError
from app.field_words import in_chinese
from blueprints.swaps.schemas import SwapSchema

ENGLISH = re.compile(r"[A-Za-z]{4}")


def test_as_deep_as_it_goes_and_what_is_not_known_stays() -> None:
    told = {
        "name": ["Missing data for required field."],
        "meetings": {"0": {"weeks": ["Longer than maximum length 9."]}},
    }
    assert in_chinese(told) == {"name": ["必填。"], "meetings": {"0": {"weeks": ["最多 9 个字或 9 项。"]}}}
    assert in_chinese({"x": ["Something new."], "n": 3}) == {"x": ["Something new."], "n": 3}


def test_an_error_tells_both_languages() -> None:
    error = InvalidInputError(errors={"starts_on": ["A term begins on a Monday."]})
    assert error.told("zh")["errors"] == {"starts_on": ["必须是周一。"]}
    assert error.told("en")["errors"] == {"starts_on": ["A term begins on a Monday."]}


@pytest.mark.parametrize(
    "field",
    [
        fields.Integer(required=True, validate=validate.Range(1, 30)),
        fields.Integer(validate=validate.Range(min=1)),
        fields.Integer(validate=validate.Range(max=-1)),
        fields.String(validate=validate.Length(1, 3)),
        fields.String(validate=validate.Length(max=3)),
        fields.String(validate=validate.Length(min=9)),
        fields.String(validate=validate.OneOf(["1", "2"])),
        fields.String(validate=validate.Regexp("[0-9]+$")),
        fields.Boolean(),
        fields.Email(),
        fields.Date(),
        fields.List(fields.String()),
    ],
    ids=lambda field: type(field).__name__,
)
def test_what_the_library_says_is_known(field: fields.Field[object]) -> None:
    for value in (None, "abcd", 0, ""):
        try:
            field.deserialize(value)
        except ValidationError as error:
            said = in_chinese(error.messages)
            assert not ENGLISH.search(str(said)), said


@pytest.mark.parametrize("control", [Switch("s", "switch", True, "", ""), Notice("n", "notice", {}, "", "")])
def test_what_a_control_says_is_known(control: Switch | Notice) -> None:
    with pytest.raises(ValueError, match=r"^(true or false|A text in both)") as told:
        control.check(None)
    assert in_chinese(str(told.value)) != str(told.value)


def test_what_a_swap_says_is_known() -> None:
    for body in ({"drop": "7", "take": "7"}, {"drop": "7", "take": "8", "waitlist": True}):
        with pytest.raises(ValidationError) as told:
            SwapSchema().load(body)
        assert not ENGLISH.search(str(list(in_chinese(told.value.messages).values())))
