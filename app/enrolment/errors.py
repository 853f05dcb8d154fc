"""What may go wrong with choosing a section, beyond the engine's refusals."""

from __future__ import annotations

from app.errors import SeatrushError


class WishesOnlyError(SeatrushError):
    """Data: `round_id`."""

    code = "wishes_only"
    status = 403
    zh = "本轮为志愿抽签，请填报志愿，抽签后公布结果。"
    en = "This round is a lottery: hand in your wishes, and see what was drawn."


class RoundNotFoundError(SeatrushError):
    code = "round_not_found"
    status = 404
    zh = "没有这个选课轮次。"
    en = "There is no such round."
