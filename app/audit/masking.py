"""What an audit log may keep of a body: JSON without its secrets, cut to a size. Of anything else, its type and length.

By the name of the key, at any depth: what opens a door (a password, a token, a ticket) goes whole, what identifies a
person outside the campus (telephone, e-mail) goes in part. A `url` is a secret address (the calendar feed's).
Headers are not kept at all, but for the request's id.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

MASK = "***"
LONGEST = 2048  # bytes of what is kept
# More is neither taken apart nor carried about.
LARGEST = 16 * 1024
_DEEPEST = 16

_SECRETS = (
    "password|passwd|passphrase|pwd|secret|token|jwt|bearer|authorization|cookie|session|ticket|credential|apikey"
    "|privatekey|captcha|salt|idcard|identitycard|^url$"
)
_SECRET = re.compile(_SECRETS)
_PERSONAL = re.compile("phone|mobile|email|mail")
_NOT_LETTERS = re.compile("[^a-z0-9]")

# Field names are few; who sends made-up ones must not fill the memory.
_MOST_KNOWN = 2000
_LONGEST_KNOWN = 40
_known: dict[str, str] = {}


def kept(body: bytes, content_type: str) -> str | None:
    """What the log keeps of a body; None for an empty one. At most LONGEST bytes of UTF-8."""
    if not body:
        return None
    if len(body) > LARGEST or "json" not in content_type:
        return described(content_type, len(body))
    try:
        found = orjson.loads(body)
    except ValueError:
        return described(content_type, len(body))
    if not isinstance(found, (dict, list)):
        return described(content_type, len(body))  # without a name beside it, it may be anything
    return cut(orjson.dumps(masked(found), option=orjson.OPT_NON_STR_KEYS))


def described(content_type: str, length: int | str) -> str:
    """A body that is not kept. The type is the sender's own word: only as much of it as a type may be."""
    kind = content_type.partition(";")[0].strip()[:80]
    return f"({kind if re.fullmatch(r'[!-~]+/[!-~]+', kind) else 'unknown type'}, {length} bytes)"


def cut(text: bytes) -> str:
    """The beginning of a text, never half a character."""
    if len(text) <= LONGEST:
        return text.decode()
    return text[: LONGEST - 3].decode(errors="ignore") + "…"


def masked(value: Any, depth: int = 0) -> Any:
    """A copy of a JSON value without its secrets."""
    if isinstance(value, dict):
        if depth >= _DEEPEST:
            return "…"
        return {key: _behind(key, one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return "…" if depth >= _DEEPEST else [masked(one, depth + 1) for one in value]
    return value


def _behind(key: str, value: Any, depth: int) -> Any:
    kind = _kind(key)
    if not kind or value is None:
        return masked(value, depth)
    return MASK if kind == "secret" else _partly(value, depth)


def _kind(key: str) -> str:
    """ "secret", "personal" or "": however it is spelt (refresh_token, refreshToken, Refresh-Token)."""
    kind = _known.get(key)
    if kind is None:
        letters = _NOT_LETTERS.sub("", key.lower())
        kind = "secret" if _SECRET.search(letters) else "personal" if _PERSONAL.search(letters) else ""
        if len(key) <= _LONGEST_KNOWN and len(_known) < _MOST_KNOWN:
            _known[key] = kind
    return kind


def _partly(value: Any, depth: int) -> Any:
    """Enough to recognise whose it is, too little to use it."""
    if depth >= _DEEPEST:
        return "…"
    if isinstance(value, dict):
        return {key: MASK if _kind(key) == "secret" else _partly(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_partly(one, depth + 1) for one in value]
    if isinstance(value, bool) or value is None:
        return value
    text = str(value)
    name, at, domain = text.rpartition("@")
    if at:
        return f"{name[:1]}{MASK}@{domain}"
    return f"{text[:3]}{MASK}{text[-2:]}" if len(text) >= 8 else MASK
