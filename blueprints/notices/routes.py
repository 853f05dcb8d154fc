"""One's own notices below /api/me/notices, the office's below /api/manage/notices."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.notices.models import Scope
from app.notices.publishing import NoticeDraft, publish_notice, withdraw_notice
from app.notices.queries import Received, Written, list_received, list_written
from app.notices.reading import read_all, read_notice
from app.notices.texts import words_of
from blueprints.auth.guards import requires, signed_in
from blueprints.context import language, services
from blueprints.moments import campus_time
from blueprints.notices.schemas import (
    WRITTEN,
    NoticeInputSchema,
    ReceivedPageSchema,
    ReceivedQuerySchema,
    UnreadSchema,
    WrittenNoticeSchema,
)
from blueprints.openapi import Blueprint, answers, problems
from blueprints.paging import PageSchema, make_cursor, read_number_cursor

blueprint = Blueprint("notices", __name__, url_prefix="/api", description="Notices")


@blueprint.route("/me/notices")
@signed_in
@answers(200, ReceivedPageSchema)
@blueprint.arguments(ReceivedQuerySchema, location="query")
def received(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Notices for whoever asks, the newest first, and how many are unread in all."""
    limit, before = query["limit"], read_number_cursor(query["cursor"])
    rows, unread = list_received(services(), actor, unread=query["unread"], before=before, limit=limit + 1)
    next_cursor = make_cursor(rows[limit - 1].notice.id) if len(rows) > limit else None
    return {"items": [_received(row) for row in rows[:limit]], "unread": unread, "next_cursor": next_cursor}


@blueprint.route("/me/notices/<id:notice_id>/read", methods=["POST"])
@signed_in
@problems(404)
@answers(200, UnreadSchema)
def read_one(actor: Actor, notice_id: int) -> dict[str, Any]:
    """Mark one as read; how many are unread now."""
    return {"unread": read_notice(services(), actor, notice_id)}


@blueprint.route("/me/notices/read-all", methods=["POST"])
@signed_in
@answers(200, UnreadSchema)
def read_every(actor: Actor) -> dict[str, Any]:
    """Mark all as read."""
    return {"unread": read_all(services(), actor)}


@blueprint.route("/manage/notices")
@requires(Permission.NOTICES_MANAGE)
@answers(200, WRITTEN)
@blueprint.arguments(PageSchema, location="query")
def written(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """What the office has written, the newest first; not the system's own."""
    limit, before = query["limit"], read_number_cursor(query["cursor"])
    rows = list_written(services(), actor, before=before, limit=limit + 1)
    next_cursor = make_cursor(rows[limit - 1].notice.id) if len(rows) > limit else None
    return {"items": [_written(row) for row in rows[:limit]], "next_cursor": next_cursor}


@blueprint.route("/manage/notices", methods=["POST"])
@requires(Permission.NOTICES_MANAGE)
@answers(201, WrittenNoticeSchema)
@blueprint.arguments(NoticeInputSchema)
def publish(actor: Actor, body: dict[str, Any]) -> Response:
    """Write one to all, or to colleges, grades, classes or people; open pages are told at once."""
    draft = NoticeDraft(
        title=body["title"],
        body=body["body"],
        link=body["link"] or None,
        scope=Scope(body["scope"]),
        targets=tuple(body["target_ids"]),
    )
    response = jsonify(_written(publish_notice(services(), actor, draft)))
    response.status_code = 201
    return response


@blueprint.route("/manage/notices/<id:notice_id>", methods=["DELETE"])
@requires(Permission.NOTICES_MANAGE)
@problems(404)
@answers(204)
def withdraw(actor: Actor, notice_id: int) -> Response:
    """Take one back: nobody sees it any more."""
    withdraw_notice(services(), actor, notice_id)
    return Response(status=204)


def _received(row: Received) -> dict[str, Any]:
    title, body = words_of(row.notice, language())
    return {
        "id": str(row.notice.id),
        "title": title,
        "body": body,
        "link": row.notice.link,
        "created_at": campus_time(row.notice.at),
        "read_at": campus_time(row.read_at),
    }


def _written(row: Written) -> dict[str, Any]:
    notice = row.notice
    return {
        "id": str(notice.id),
        "title": notice.title,
        "body": notice.body,
        "link": notice.link,
        "scope": notice.scope,
        "target_ids": [str(one) for one in row.targets],
        "created_at": campus_time(notice.at),
        "created_by": None if notice.created_by is None else str(notice.created_by),
    }
