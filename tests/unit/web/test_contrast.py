"""The colours by arithmetic (WCAG 2.2, 1.4.3 and 1.4.11): axe missed a failing button once."""

from __future__ import annotations

import pytest

from ops.webroot.build import WEB
from ops.webroot.tokens import fallback_tokens, token_pairs

STYLES = "".join(path.read_text(encoding="utf-8") for path in sorted((WEB / "styles").glob("*.css")))
TOKENS = token_pairs(STYLES)
TEXT = 4.5
SHAPE = 3.0
GROUNDS = ("--paper", "--surface", "--sunken")
READ = [
    *((ink, ground) for ink in ("--ink", "--ink-soft") for ground in GROUNDS),
    *(("--accent", ground) for ground in (*GROUNDS, "--accent-soft")),
    ("--on-accent", "--accent"),
    ("--on-accent", "--accent-strong"),
    *((tone, f"{tone}-soft") for tone in ("--good", "--warn", "--bad")),
    *((tone, ground) for tone in ("--good", "--warn", "--bad") for ground in ("--paper", "--surface")),
    ("--surface", "--bad"),
    ("--good-soft", "--good"),
    *(("--ink", f"{tone}-soft") for tone in ("--good", "--warn", "--bad", "--accent")),
]
SEEN = [
    ("--line-strong", "--surface"),
    ("--line-strong", "--paper"),
    ("--accent", "--sunken"),
    ("--ink-soft", "--sunken"),
]


def luminance(colour: str) -> float:
    """Relative luminance of "#rrggbb"."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_the_arithmetic_is_right() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), READ)
def test_text_can_be_read(ink: str, ground: str, theme: str) -> None:
    at = ("light", "dark").index(theme)
    assert contrast(TOKENS[ink][at], TOKENS[ground][at]) >= TEXT


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("shape", "ground"), SEEN)
def test_shapes_can_be_seen(shape: str, ground: str, theme: str) -> None:
    at = ("light", "dark").index(theme)
    assert contrast(TOKENS[shape][at], TOKENS[ground][at]) >= SHAPE


def test_older_browsers_get_the_same_colours() -> None:
    fallback = fallback_tokens(STYLES)
    assert all(
        f"{name}:{light};" in fallback and f"{name}:{dark};" in fallback for name, (light, dark) in TOKENS.items()
    )
