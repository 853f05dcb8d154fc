"""Upload, look, confirm, take away; the notes as a file; templates."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import RequestEntityTooLarge

from app.auth.actor import Actor
from app.errors import InvalidInputError
from app.exchange.errors import FileTooLargeError
from app.exchange.files import csv_pieces, note_rows, template_rows
from app.exchange.jobs import (
    LARGEST,
    LIMIT_MB,
    JobView,
    all_notes,
    confirm,
    find_job,
    list_jobs,
    upload,
    withdraw,
)
from app.exchange.kinds.registry import IMPORTED
from app.exchange.live import progress_of
from app.exchange.models import ImportJob, ImportNote
from app.exchange.notes import words_of
from blueprints.auth.guards import requires_any
from blueprints.context import language, services
from blueprints.exchange.blueprint import blueprint
from blueprints.exchange.schemas import IMPORTS, UPLOAD, ConfirmSchema, WholeImportSchema
from blueprints.moments import campus_time
from blueprints.openapi import answers, problems, uploads
from blueprints.paging import PageSchema, make_cursor, read_number_cursor

# Whoever may import nothing has nothing to see here, and must not fill a disk.
IMPORTING = frozenset(kind.permission for kind in IMPORTED.values())
# Beside the file: its part's headings and the other field.
_ROOM = 64 * 1024


@blueprint.route("/imports")
@requires_any(*IMPORTING)
@answers(200, IMPORTS)
@blueprint.arguments(PageSchema, location="query")
def imports(actor: Actor, query: dict[str, Any]) -> dict[str, Any]:
    """Imports of the kinds one may import, the newest first."""
    limit, before = query["limit"], read_number_cursor(query["cursor"])
    rows = list_jobs(services(), actor, before=before, limit=limit + 1)
    next_cursor = make_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return {"items": [_job(row) for row in rows[:limit]], "next_cursor": next_cursor}


@blueprint.route("/imports", methods=["POST"])
@requires_any(*IMPORTING)
@problems(400, 403, 404, 413, 415, 422)
@answers(202, WholeImportSchema, headers={"Location": {"schema": {"type": "string"}}})
@uploads(UPLOAD)
def start(actor: Actor) -> Response:
    """Upload a file. It is checked in the background; nothing changes before it is confirmed."""
    request.max_content_length = LARGEST + _ROOM
    try:
        kind, file = request.form.get("kind", ""), request.files.get("file")
    except RequestEntityTooLarge as error:
        raise FileTooLargeError(limit_mb=LIMIT_MB) from error
    if file is None or not kind:
        missing = {"file": ["Missing."]} if file is None else {"kind": ["Missing."]}
        raise InvalidInputError(errors=missing)
    view = upload(services(), actor, kind, file.filename or "", file.read(LARGEST + 1))
    response = jsonify(_whole(view))
    response.status_code = 202
    response.headers["Location"] = f"/api/manage/imports/{view.job.id}"
    return response


@blueprint.route("/imports/<id:import_id>")
@requires_any(*IMPORTING)
@problems(403, 404)
@answers(200, WholeImportSchema)
def one(actor: Actor, import_id: int) -> dict[str, Any]:
    """How far it has come, and the first notes on it."""
    return _whole(find_job(services(), actor, import_id))


@blueprint.route("/imports/<id:import_id>/confirm", methods=["POST"])
@requires_any(*IMPORTING)
@problems(403, 404, 409)
@answers(202, WholeImportSchema)
@blueprint.arguments(ConfirmSchema)
def confirmed(actor: Actor, body: dict[str, Any], import_id: int) -> tuple[dict[str, Any], int]:
    """Let it be written. 409: import_has_errors (unless they are skipped), import_changes_nothing, import_not_checked."""
    return _whole(confirm(services(), actor, import_id, **body)), 202


@blueprint.route("/imports/<id:import_id>", methods=["DELETE"])
@requires_any(*IMPORTING)
@problems(403, 404, 409)
@answers(204)
def take_away(actor: Actor, import_id: int) -> Response:
    """Forget an import that is not running; what it has written stays."""
    withdraw(services(), actor, import_id)
    return Response(status=204)


@blueprint.route("/imports/<id:import_id>/errors.csv")
@requires_any(*IMPORTING)
@problems(403, 404)
@answers(200, {"type": "string"}, content_type="text/csv")
def notes(actor: Actor, import_id: int) -> Response:
    """Every note as a file: row, column, code, message."""
    find_job(services(), actor, import_id)
    rows = note_rows(all_notes(services(), actor, import_id), language())
    return download(csv_pieces(rows), "text/csv; charset=utf-8", f"import-{import_id}-errors.csv")


@blueprint.route("/imports/kinds/<string:kind>/template.csv")
@requires_any(*IMPORTING)
@problems(403, 404)
@answers(200, {"type": "string"}, content_type="text/csv")
def template(actor: Actor, kind: str) -> Response:
    """The header of a kind with one example row."""
    pieces = csv_pieces(template_rows(actor, kind, language()))
    return download(pieces, "text/csv; charset=utf-8", f"{kind}-template.csv")


def download(pieces: Any, content_type: str, filename: str) -> Response:
    """A file to be saved, sent as it is made."""
    response = Response(pieces, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{filename}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _whole(view: JobView) -> dict[str, Any]:
    return {**_job(view.job), "sample_errors": [_note(one) for one in view.notes]}


def _job(job: ImportJob) -> dict[str, Any]:
    failure = job.failure
    return {
        **progress_of(job),
        "filename": job.filename,
        "size": job.size,
        "encoding": job.encoding,
        "failure": failure
        and {"code": failure["code"], "message": words_of(failure["code"], failure["data"], language())},
        "created_at": campus_time(job.at),
        "confirmed_at": campus_time(job.confirmed_at),
        "finished_at": campus_time(job.finished_at),
    }


def _note(one: ImportNote) -> dict[str, Any]:
    return {"row": one.row, "column": one.column, "code": one.code, "message": words_of(one.code, one.data, language())}
