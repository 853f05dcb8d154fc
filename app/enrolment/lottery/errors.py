"""What may go wrong with wishes and draws."""

from __future__ import annotations

from app.errors import SeatrushError


class NoLotteryError(SeatrushError):
    """Data: `mode`."""

    code = "not_a_lottery"
    status = 409
    zh = "本轮不是志愿抽签轮次。"
    en = "This round is not a lottery."


class PointsError(SeatrushError):
    """Data: `points`, `limit`."""

    code = "points_over_limit"
    status = 422
    zh = "志愿点数合计 {points}，超过上限 {limit}。"
    en = "These wishes spend {points} points, {limit} are allowed."


class NotClosedError(SeatrushError):
    """Data: `closes_at`."""

    code = "round_not_closed"
    status = 409
    zh = "本轮还没有截止，截止后才能抽签。"
    en = "The round has not closed yet; it can be drawn afterwards."


class DrawNotFoundError(SeatrushError):
    code = "draw_not_found"
    status = 404
    zh = "本轮还没有抽签结果。"
    en = "This round has not been drawn yet."
