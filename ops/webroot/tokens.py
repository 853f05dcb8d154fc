"""Colours for browsers that do not know ``light-dark()`` yet (the web views of older phones)."""

import re

_PAIR = re.compile(r"(--[a-z-]+)\s*:\s*light-dark\(\s*([^,()]+?)\s*,\s*([^,()]+?)\s*\)")


def token_pairs(styles: str) -> dict[str, tuple[str, str]]:
    """Token name → (light, dark), from the style sheet's text."""
    return {name: (light, dark) for name, light, dark in _PAIR.findall(styles)}


def fallback_tokens(styles: str) -> str:
    """The same tokens said in the old way, used only where ``light-dark()`` is unknown."""
    pairs = token_pairs(styles)
    light = "".join(f"{name}:{pair[0]};" for name, pair in pairs.items())
    dark = "".join(f"{name}:{pair[1]};" for name, pair in pairs.items())
    return (
        "@supports not (color:light-dark(#000,#fff)){@layer tokens{:root{"
        + light
        + "}@media (prefers-color-scheme:dark){:root{"
        + dark
        + "}}}}"
    )
