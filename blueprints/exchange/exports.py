"""Everything of a kind as a file, streamed."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.exchange.files import csv_pieces, export_rows
from app.exchange.xlsx_writing import xlsx_pieces
from blueprints.auth.guards import signed_in
from blueprints.context import language, services
from blueprints.exchange.blueprint import blueprint
from blueprints.exchange.imports import download
from blueprints.exchange.schemas import ExportQuerySchema
from blueprints.openapi import answers, problems

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/exports/<string:kind>.csv")
@signed_in
@problems(403, 404)
@answers(200, {"type": "string"}, content_type="text/csv")
@blueprint.arguments(ExportQuerySchema, location="query")
def export_csv(actor: Actor, query: dict[str, Any], kind: str) -> Response:
    """As CSV that every spreadsheet opens."""
    rows = export_rows(services(), actor, kind, query, language())
    return download(csv_pieces(rows), "text/csv; charset=utf-8", f"{kind}.csv")


@blueprint.route("/exports/<string:kind>.xlsx")
@signed_in
@problems(403, 404)
@answers(200, {"type": "string", "format": "binary"}, content_type=XLSX)
@blueprint.arguments(ExportQuerySchema, location="query")
def export_xlsx(actor: Actor, query: dict[str, Any], kind: str) -> Response:
    """As an XLSX workbook."""
    rows = export_rows(services(), actor, kind, query, language())
    return download(xlsx_pieces(rows), XLSX, f"{kind}.xlsx")
