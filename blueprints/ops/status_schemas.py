"""The shape of GET /api/ops/status. Whatever nobody could tell in time is null."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

RECONCILED = "False: something was in flight, so that a difference would have meant nothing."


class FlowSchema(Schema):
    """Per second, over the last ten seconds."""

    accepted_per_s = fields.Float(required=True, metadata={"description": "202"})
    answered_per_s = fields.Float(required=True)
    refused_per_s = fields.Float(required=True, metadata={"description": "4xx"})
    failed_per_s = fields.Float(required=True, metadata={"description": "5xx"})
    decided_per_s = fields.Float(required=True)
    p95_ms = fields.Float(required=True, allow_none=True, metadata={"description": "Of the 202, inside the worker."})


class WorkerSchema(FlowSchema):
    program = fields.String(required=True)
    pid = fields.Integer(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["up", "silent"]))
    age_s = fields.Float(required=True, metadata={"description": "Since it told of itself."})
    up_s = fields.Integer(required=True)
    epoch = fields.Integer(required=True)
    breakers = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ProgramSchema(Schema):
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["up", "silent", "down"]))
    workers = fields.List(fields.Nested(WorkerSchema), required=True)


class ServerSchema(Schema):
    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["up", "slow", "down"]))
    role = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Among several: Redis primary or replica, MariaDB writer or member, RabbitMQ member, ZooKeeper "
            "leader or follower (or standalone)."
        },
    )
    note = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "In the server's words: Galera's state, such as Synced; a replica without a primary."},
    )
    behind = fields.Integer(
        required=True,
        allow_none=True,
        metadata={
            "description": "Redis: bytes of the primary's that a replica lacks. MariaDB: write sets to be applied."
        },
    )
    lag_ms = fields.Integer(
        required=True,
        allow_none=True,
        metadata={"description": "Of a replica of Redis: since it last heard of its primary, in whole seconds."},
    )


class ReachedSchema(Schema):
    """A server, whoever of its members answers, as the programs of the host that was asked reach it."""

    name = fields.String(required=True)
    state = fields.String(required=True, validate=validate.OneOf(["up", "slow", "down"]))


class SpoolSchema(Schema):
    segments = fields.Integer(required=True)
    bytes = fields.Integer(required=True)
    unreadable = fields.Integer(
        required=True, metadata={"description": "Segments that were put aside, as nobody could read all of them."}
    )


class HostSchema(Schema):
    """One host. Of one that is not up nothing else is known; the first is the one that answers."""

    name = fields.String(required=True)
    state = fields.String(
        required=True,
        validate=validate.OneOf(["up", "silent", "slow", "down"]),
        metadata={"description": "silent: its maintenance program tells nothing new. slow, down: it does not answer."},
    )
    age_s = fields.Float(required=True, allow_none=True, metadata={"description": "Since it told of itself."})
    holds_vip = fields.Boolean(
        required=True, allow_none=True, metadata={"description": "It has the virtual address. null: unknown, or none."}
    )
    written_off_at = fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "When its spool was last written off."}
    )
    programs = fields.List(fields.Nested(ProgramSchema), required=True)
    servers = fields.List(fields.Nested(ServerSchema), required=True)
    spool = fields.Nested(SpoolSchema, required=True, allow_none=True)


class ClaimsSchema(Schema):
    pending = fields.Integer(required=True)
    oldest_pending_ms = fields.Integer(required=True, allow_none=True)


class EpochSchema(Schema):
    mariadb = fields.Integer(required=True, allow_none=True)
    redis = fields.Integer(required=True, allow_none=True)


class AdmissionSchema(Schema):
    rate = fields.Integer(required=True)
    burst = fields.Integer(required=True)


class QueueSchema(Schema):
    name = fields.String(required=True)
    depth = fields.Integer(required=True)
    consumers = fields.Integer(required=True)


class OutcomeSchema(Schema):
    """The maintenance program's last comparison of Redis with MariaDB."""

    at = fields.AwareDateTime(required=True)
    compared = fields.Boolean(required=True, metadata={"description": RECONCILED})
    offerings = fields.Integer(required=True)
    differing = fields.Integer(required=True)
    examples = fields.List(fields.String(), required=True)
    mended = fields.Integer(required=True, metadata={"description": "Since the program was started."})
    mended_at = fields.AwareDateTime(required=True, allow_none=True)


class PointSchema(Schema):
    at = fields.AwareDateTime(required=True)
    pending = fields.Integer(required=True, allow_none=True)
    oldest_pending_ms = fields.Integer(required=True, allow_none=True)
    queued = fields.Integer(required=True, allow_none=True, metadata={"description": "In all claim queues."})
    accepted_per_s = fields.Float(required=True)
    decided_per_s = fields.Float(required=True)
    failed_per_s = fields.Float(required=True)
    p95_ms = fields.Float(required=True, allow_none=True)


class HistorySchema(Schema):
    """Oldest first, one about every two seconds, of a quarter of an hour at most."""

    items = fields.List(fields.Nested(PointSchema), required=True)


class OverviewSchema(Schema):
    at = fields.AwareDateTime(required=True)
    flow = fields.Nested(FlowSchema, required=True)
    claims = fields.Nested(ClaimsSchema, required=True, allow_none=True)
    epoch = fields.Nested(EpochSchema, required=True)
    admission = fields.Nested(AdmissionSchema, required=True, allow_none=True)
    outbox_open = fields.Integer(required=True, allow_none=True)
    queues = fields.List(fields.Nested(QueueSchema), required=True, allow_none=True)
    dead_letters = fields.Integer(required=True, allow_none=True)
    marks = fields.Integer(required=True, allow_none=True)
    reconciliation = fields.Nested(OutcomeSchema, required=True, allow_none=True)
    vip_holder = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The one host that has the virtual address; null when none or several say so."},
    )
    servers = fields.List(fields.Nested(ReachedSchema), required=True)
    hosts = fields.List(fields.Nested(HostSchema), required=True)
