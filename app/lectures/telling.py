"""Effects of a manager's change of a lecture."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.outbox import Effects, append
from app.admission.store import Resize
from app.admission.telling import Told
from app.extensions.ids import Snowflakes
from app.lectures.models import KIND

# Claims per outbox row: a full house must not become one packet that MariaDB refuses.
ROW_CLAIMS = 2000


def store_effects(
    session: Session,
    ids: Snowflakes,
    lecture_id: int,
    *,
    resizes: Sequence[Resize] = (),
    claims: Sequence[Standing] = (),
) -> Told:
    """Write what the transaction changed to the outbox: the lecture's description, its sizes, its claims."""
    effects = [Effects(offerings=[(KIND, lecture_id)], resizes=resizes, claims=claims[:ROW_CLAIMS])]
    effects += [Effects(claims=claims[at : at + ROW_CLAIMS]) for at in range(ROW_CLAIMS, len(claims), ROW_CLAIMS)]
    return [(append(session, ids, one), one) for one in effects]
