"""What is wrong about a load before anybody looks into the books: answers that nobody should have got, or none that count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from ops.drills.offerings import Offerings
from ops.drills.wishes import Wish

# Everybody may take part, in an hour that has begun: these are all that a student of a drill may be refused for.
EXPECTED = frozenset(
    {"sold_out", "already_claimed", "duplicate_course", "timetable_clash", "too_many_requests", "nothing_to_cancel"}
)


def wrong_answers(wishes: Sequence[Wish], offerings: Offerings) -> Iterator[str]:
    """A drill whose students were all turned away would hold: nothing was promised, so nothing was broken."""
    if not any(one.promised for one in wishes):
        yield "nobody was promised anything"
    roomy = offerings.roomy()
    refused = Counter(
        (one.refused, wish.action)
        for wish in wishes
        for one in wish.answers
        if one.refused and (one.refused not in EXPECTED or (one.refused == "sold_out" and wish.lecture_id in roomy))
    )
    for (code, action), count in refused.items():
        yield f"{count} times {action} was refused as {code}, which nobody should have been"


def drifted(mended: int) -> Iterator[str]:
    """Counters are right now, as the pass "reconcile" has seen to it: who looks at rest must not be fooled by that."""
    if mended > 0:
        yield f"{mended} counters of Redis had to be mended"
