"""What may go wrong with a round."""

from __future__ import annotations

from app.errors import SeatrushError


class RoundNumberTakenError(SeatrushError):
    """Data: `round_no`."""

    code = "round_number_taken"
    status = 409
    zh = "本学期已有第 {round_no} 轮。"
    en = "This term has a round {round_no} already."


class RoundOverlapError(SeatrushError):
    """Data: `round_id`, `round_no` of the one that is open then."""

    code = "round_overlap"
    status = 409
    zh = "与第 {round_no} 轮的开放时间重叠。"
    en = "It would be open at the same time as round {round_no}."


class RoundStartedError(SeatrushError):
    """Data: `fields` that cannot be changed any more."""

    code = "round_started"
    status = 409
    zh = "本轮已经开始，这些内容不能再改；延长时间请用“延长”。"
    en = "The round has begun: these fields cannot be changed any more. To move its end, extend it."


class RoundStateError(SeatrushError):
    """Data: `state`, `phase`."""

    code = "round_state"
    status = 409
    zh = "本轮现在的状态不允许这样做。"
    en = "The round is not in a state in which this can be done."
