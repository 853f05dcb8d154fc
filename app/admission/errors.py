"""What the engine may tell a claimant instead of 202."""

from __future__ import annotations

from app.errors import SeatrushError, UnavailableError


class AlreadyClaimedError(SeatrushError):
    """Data: `claim_id`, `state` of the claim that is running or holds the seat."""

    code = "already_claimed"
    status = 409
    zh = "你已经提交过申请，请查看它的状态。"
    en = "You already have a claim here. See its state."


class SoldOutError(SeatrushError):
    code = "sold_out"
    status = 409
    zh = "名额已满。"
    en = "All seats are taken."


class NotOpenError(SeatrushError):
    """Data: `opens_at` (RFC 3339)."""

    code = "not_open"
    status = 403
    zh = "还没有开放，请在开放时间后再试。"
    en = "It has not opened yet."


class ClosedError(SeatrushError):
    code = "closed"
    status = 403
    zh = "已经截止。"
    en = "It has closed."


class FrozenError(SeatrushError):
    code = "frozen"
    status = 403
    zh = "管理员暂停了提交，请稍后再试。"
    en = "Claims are paused by the staff. Please try again later."


class NotLoadedError(UnavailableError):
    """Redis does not know the offering yet: it is to be loaded, and asked again. Nothing was claimed."""


class AccountNotLoadedError(UnavailableError):
    """Redis does not know the person's account yet: it is to be handed over, and asked again. Nothing was claimed."""


class NotEligibleError(SeatrushError):
    """Data: `rule`, the rule that says no."""

    code = "not_eligible"
    status = 403
    zh = "你不在可预约的范围内。"
    en = "This is not open to you."


class OnHoldError(SeatrushError):
    """Data: `hold`, the reason."""

    code = "on_hold"
    status = 403
    zh = "你的账户被限制，暂时不能选：{hold}。"
    en = "There is a hold on your account: {hold}."


class PrerequisiteError(SeatrushError):
    """Data: `needs`, the course that must have been passed."""

    code = "prerequisite_missing"
    status = 403
    zh = "你还没有修过先修课程。"
    en = "You have not passed a prerequisite of this course."


class DuplicateGroupError(SeatrushError):
    """Data: `offering_id` of the one that is held already; `claim_id`, `state` of the claim that holds it."""

    code = "duplicate_course"
    status = 409
    zh = "你已经选了这门课的另一个班。"
    en = "You already have another section of this course."


class TimetableClashError(SeatrushError):
    """Data: `offering_id` of the one that it clashes with; `claim_id`, `state` of the claim that holds that one."""

    code = "timetable_clash"
    status = 409
    zh = "与你已选的课程上课时间冲突。"
    en = "It meets at the same time as another section of yours."


class CreditLimitError(SeatrushError):
    """Data: `used`, `weight`, `limit` in credits, as decimal strings."""

    code = "credit_limit"
    status = 409
    zh = "超过本学期学分上限：已选 {used}，本课程 {weight}，上限 {limit}。"
    en = "Over this term's credit limit: {used} taken, {weight} for this one, limit {limit}."


class NothingToCancelError(SeatrushError):
    code = "nothing_to_cancel"
    status = 404
    zh = "你在这里没有可以取消的申请。"
    en = "You have nothing to cancel here."


class CancelClosedError(SeatrushError):
    code = "cancel_closed"
    status = 403
    zh = "已过取消时间，不能再取消。"
    en = "It is too late to cancel."


class KeyReusedError(SeatrushError):
    code = "idempotency_key_reused"
    status = 422
    zh = "同一个操作编号被用于不同的内容。"
    en = "This Idempotency-Key was used before with a different request."


class KeyMissingError(SeatrushError):
    code = "idempotency_key_missing"
    status = 400
    zh = "缺少 Idempotency-Key 请求头，或格式不对（1–128 个可见 ASCII 字符）。"
    en = "The Idempotency-Key header is missing or malformed (1 to 128 visible ASCII characters)."


class ThrottledError(SeatrushError):
    """Data: `scope` ("offering": the 10 s limit, "user" or "global": a token bucket); always with Retry-After."""

    code = "too_many_requests"
    status = 429
    zh = "操作太频繁，请稍等片刻再试。"
    en = "Too many requests. Please wait a moment."


class OutcomeUnknownError(SeatrushError):
    """Neither the queue nor the disk (nor, where it must, another host) took the claim for certain. Data: `claim_id`.
    Ask again with the same key."""

    code = "outcome_unknown"
    status = 503
    zh = "结果暂时未知，系统会继续核对。请用同一个操作编号重试或查询状态。"
    en = "The outcome is not known yet. Retry with the same Idempotency-Key or ask for the status."


class NotOurPeerError(SeatrushError):
    """What came was not signed by a host of this system."""

    code = "not_our_peer"
    status = 403
    zh = "请求不是由本系统的主机发出的。"
    en = "The request was not made by a host of this system."


class CapacityTakenError(SeatrushError):
    """Data: `taken`, `waiting` when known."""

    code = "capacity_taken"
    status = 409
    zh = "名额已被占用，不能减到这个数。"
    en = "So many seats are taken already; the capacity cannot go below that."
