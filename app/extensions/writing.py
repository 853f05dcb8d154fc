"""One write of a use case: a transaction, the whole of it again on a deadlock, and a unique key's word in the domain's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.errors import SeatrushError
from app.extensions.db import duplicate_key
from app.extensions.services import Services

T = TypeVar("T")
# Unique key → makes what is raised when it objects.
Taken = Mapping[str, Callable[[], SeatrushError]]


def write(services: Services, work: Callable[[Session], T], taken: Taken | None = None) -> T:
    """Run `work`. What `taken` knows is raised inside the breaker: it is no failure of the database."""
    with services.breakers.guard("database"):
        try:
            return services.db.retrying(work)
        except IntegrityError as error:
            known = (taken or {}).get(duplicate_key(error) or "")
            if known is None:
                raise
            raise known() from error
