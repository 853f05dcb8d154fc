"""When two places are the same room. Pure."""

from __future__ import annotations

# Places that hold any number of meetings at once.
_VIRTUAL = ("线上", "在线", "腾讯会议", "online", "zoom")


def is_virtual(place: str) -> bool:
    """True for an online meeting, which is no room."""
    return place.strip().casefold().startswith(_VIRTUAL)


def room_of(place: str) -> str:
    """The room as it can be compared; "" for none, and for what is no room."""
    return "" if is_virtual(place) else place.strip().casefold()
