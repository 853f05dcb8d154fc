"""The baseline's two booking routes: SELECT … FOR UPDATE, and its twin with a guarded UPDATE.

Each request verifies the bearer token (PyJWT) and books in one transaction of its own, at READ COMMITTED (the
server's default here), with a pool of connections per worker.
"""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import hmac  # noqa: E402
import os  # noqa: E402
from datetime import UTC, datetime  # noqa: E402
from pathlib import Path  # noqa: E402

import jwt  # noqa: E402
from flask import Flask, Response, jsonify, request  # noqa: E402
from sqlalchemy import create_engine, select, update  # noqa: E402
from sqlalchemy.exc import IntegrityError  # noqa: E402
from sqlalchemy.orm import Session, sessionmaker  # noqa: E402

from ops.bench.baseline.models import BenchBooking, BenchLecture  # noqa: E402

Answer = tuple[Response, int]


def _token_key() -> bytes:
    """The key that app.auth.tokens signs with: the same students, the same tokens."""
    secret = Path(os.environ["SEATRUSH_SECRET_KEY_FILE"]).read_text(encoding="utf-8").strip()
    return hmac.digest(secret.encode(), b"seatrush access token", "sha256")


app = Flask("baseline", static_folder=None)
_key = _token_key()
# Connections are made on first use, so after the fork.
_engine = create_engine(
    os.environ["SEATRUSH_DATABASE_URL"], pool_size=int(os.environ.get("BENCH_BASELINE_POOL", "16")), max_overflow=0
)
_sessions = sessionmaker(_engine)


@app.errorhandler(jwt.InvalidTokenError)
def _unauthorised(error: jwt.InvalidTokenError) -> Answer:
    return jsonify(code="token_invalid"), 401


@app.post("/bench/baseline/locked/lectures/<int:lecture_id>/bookings")
def book_locked(lecture_id: int) -> Answer:
    """Lock the lecture's row, look, write, commit."""
    student_id, now = _student(), _now()
    with _sessions.begin() as session:
        lecture = session.get(BenchLecture, lecture_id, with_for_update=True)
        if lecture is None:
            return jsonify(code="lecture_not_found"), 404
        if not lecture.opens_at <= now < lecture.closes_at:
            return jsonify(code="not_open"), 403
        if lecture.taken >= lecture.capacity:
            return jsonify(code="sold_out"), 409
        if _booked(session, lecture_id, student_id):
            return jsonify(code="already_booked"), 409
        lecture.taken += 1
        booking = BenchBooking(lecture_id=lecture_id, student_id=student_id)
        session.add(booking)
        session.flush()
        return jsonify(booking_id=str(booking.id), state="confirmed"), 201


@app.post("/bench/baseline/guarded/lectures/<int:lecture_id>/bookings")
def book_guarded(lecture_id: int) -> Answer:
    """Take a seat by an UPDATE that matches only while there is one; the unique key judges repeats."""
    student_id, now = _student(), _now()
    seat = (
        update(BenchLecture)
        .where(BenchLecture.id == lecture_id, BenchLecture.taken < BenchLecture.capacity)
        .where(BenchLecture.opens_at <= now, BenchLecture.closes_at > now)
        .values(taken=BenchLecture.taken + 1)
    )
    try:
        with _sessions.begin() as session:
            if session.connection().execute(seat).rowcount == 0:
                return jsonify(code="sold_out"), 409
            booking = BenchBooking(lecture_id=lecture_id, student_id=student_id)
            session.add(booking)
            session.flush()
            return jsonify(booking_id=str(booking.id), state="confirmed"), 201
    except IntegrityError:
        return jsonify(code="already_booked"), 409


@app.get("/healthz")
def healthz() -> dict[str, str]:
    """For the stack's probe."""
    return {"status": "ok"}


def _student() -> int:
    """The student's account id. Raises jwt.InvalidTokenError."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        raise jwt.InvalidTokenError
    return int(jwt.decode(token, _key, algorithms=["HS256"])["sub"])


def _now() -> datetime:
    """UTC without a zone, as the tables hold it."""
    return datetime.now(UTC).replace(tzinfo=None)


def _booked(session: Session, lecture_id: int, student_id: int) -> bool:
    query = select(BenchBooking.id).where(BenchBooking.lecture_id == lecture_id, BenchBooking.student_id == student_id)
    return session.scalar(query) is not None
