"""Let a round's time pass, in a site that runs: `python -m tests.e2e.moving_rounds JSON`, a list of `{"id": …, …}`.

It opens in `opens_in` seconds and closes in `closes_in`, as no manager could let it; `gone` takes it away. A process
of its own, like making_sections.
"""

from __future__ import annotations

import json
import sys
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.locking import lock_round
from app.enrolment.rounds.telling import tell_round
from app.extensions.services import Services
from app.offerings import build_engine
from app.settings import Settings


def move(services: Services, wanted: dict[str, Any]) -> SelectionRound:
    """Write it as a steering manager does: by a higher version."""

    def write(session: Session) -> SelectionRound:
        one = lock_round(session, int(wanted["id"]))
        for name in ("opens", "closes"):
            if f"{name}_in" in wanted:
                setattr(one, f"{name}_at", services.clock.now() + timedelta(seconds=wanted[f"{name}_in"]))
        one.is_deleted = wanted.get("gone", False)
        one.version += 1
        session.flush()
        return one

    return services.db.retrying(write)


def main() -> None:
    """All of them, then Redis and the open pages hear of each."""
    services = Services.for_process(Settings.from_environment())
    engine = build_engine(services)
    for one in [move(services, wanted) for wanted in json.loads(sys.argv[1])]:
        tell_round(services, engine, one, "edited")


if __name__ == "__main__":
    main()
