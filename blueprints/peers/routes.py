"""POST /internal/spool: keep a copy of what another host spooled."""

from __future__ import annotations

from flask import Blueprint, request

from app.admission.copies import PATH, SIGNATURE
from app.errors import UnavailableError
from blueprints.context import engine
from blueprints.problems import BadRequestError

blueprint = Blueprint("peers", __name__)


@blueprint.post(PATH)
def keep_a_copy() -> tuple[str, int]:
    """204 once the claims stand on this host's disk."""
    try:
        engine().copies.take(request.get_data(cache=False), request.headers.get(SIGNATURE, ""))
    except ValueError as error:
        raise BadRequestError from error
    except OSError as error:
        raise UnavailableError(retry_after=2) from error
    return "", 204
