"""A password that was just made for somebody else: told once, kept by no cache, masked in the request log."""

from __future__ import annotations

from flask import Response, jsonify
from marshmallow import Schema, fields


class NewPasswordSchema(Schema):
    password = fields.String(required=True)


def told_once(password: str) -> Response:
    """The answer that tells it."""
    response = jsonify(password=password)
    response.headers["Cache-Control"] = "no-store"
    return response
