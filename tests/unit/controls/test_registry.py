"""Every setting knows what it takes."""

from __future__ import annotations

from typing import Any

import pytest

from app.controls.errors import ControlNotFoundError
from app.controls.registry import REGISTRY, control_of


@pytest.mark.parametrize("key", sorted(REGISTRY))
def test_a_default_is_valid(key: str) -> None:
    control = control_of(key)
    assert control.check(control.default) == control.default
    assert control.zh
    assert control.en


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("audit_keep_days", 6),
        ("audit_keep_days", 3651),
        ("audit_keep_days", "180"),
        ("audit_keep_days", 180.0),
        ("audit_keep_days", True),
        ("audit_keep_days", None),
        ("audit_staff_reads", 1),
        ("audit_staff_reads", "true"),
        ("maintenance_notice", "closed"),
        ("maintenance_notice", {"zh": "关"}),
        ("maintenance_notice", {"zh": "关", "en": "closed", "fr": "fermé"}),
        ("maintenance_notice", {"zh": "关", "en": 1}),
        ("maintenance_notice", {"zh": "关" * 501, "en": "closed"}),
        ("maintenance_notice", {"zh": "关\x00", "en": "closed"}),
    ],
)
def test_what_does_not_fit_is_refused(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        control_of(key).check(value)


@pytest.mark.parametrize(
    ("key", "value", "stored"),
    [
        ("audit_keep_days", 7, 7),
        ("audit_staff_reads", False, False),
        ("maintenance_notice", {"zh": " 关\n闭 ", "en": ""}, {"zh": "关\n闭", "en": ""}),
    ],
)
def test_what_fits_is_stored(key: str, value: Any, stored: Any) -> None:
    assert control_of(key).check(value) == stored


def test_nobody_sets_what_nobody_registered() -> None:
    with pytest.raises(ControlNotFoundError):
        control_of("rate")
