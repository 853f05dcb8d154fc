"""The ceiling (a): a constant Flask route. No application in this gunicorn behind this Nginx can be faster.

The answer is as long as the 202 of a claim; the request is the one that claims, headers and all.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

from flask import Flask, Response  # noqa: E402

_BODY = (
    '{"claim_id":"00000000-0000-5000-8000-000000000000","state":"pending","sequence":12345,'
    '"status_url":"/api/claims/00000000-0000-5000-8000-000000000000"}'
)

app = Flask("ceiling", static_folder=None)


@app.post("/bench/ceiling/<int:lecture_id>")
def constant(lecture_id: int) -> Response:
    """Say the same thing to everybody."""
    return Response(_BODY, status=202, mimetype="application/json")


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """For the stack's probe."""
    return {"status": "ok"}
