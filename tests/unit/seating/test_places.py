"""Which places are the same room."""

from __future__ import annotations

from app.seating.places import is_virtual, room_of


def test_online_meetings_are_no_rooms() -> None:
    assert is_virtual("线上 · 腾讯会议 123-456")
    assert is_virtual(" Online: room 5")
    assert not is_virtual("礼堂")
    assert [room_of(one) for one in ("线上", " ", "")] == ["", "", ""]


def test_blanks_around_a_room_mean_nothing() -> None:
    assert room_of(" 主楼 A101 ") == room_of("主楼 a101") == "主楼 a101"
    assert room_of("主楼 101") != room_of("主楼101")
