"""The rules over several lectures inside a settling transaction, by the bookings, under the lock of each student's account.

While no rule is on no lecture counts in a term, and nothing here asks MariaDB for anything.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, MutableMapping, Sequence

from sqlalchemy import TextualSelect
from sqlalchemy.orm import Session

from app.admission.claims import Claim, Standing
from app.extensions import bulk
from app.extensions.ids import Snowflakes
from app.lectures.quota.accounts import LOCK, TRY, mark_used, open_accounts
from app.lectures.quota.counting import Place, booked_by, missed_by
from app.lectures.quota.rules import Rules, stored_rules

_OFF = Rules(0, 0)


class Quotas:
    """Of one transaction. `hints`: lecture → term, what this process has seen so far, which says whose accounts to lock
    before the pools; what was not known is locked when the lectures have been read, without waiting (whoever has it
    makes the whole transaction run again)."""

    def __init__(self, session: Session, ids: Snowflakes, hints: MutableMapping[int, int]) -> None:
        self._session = session
        self._ids = ids
        self._hints = hints
        self._terms: dict[int, int] = {}
        self._rules = _OFF
        self._locked: set[Place] = set()
        self._booked: dict[Place, set[int]] = {}
        self._missed: dict[Place, int] = {}

    def lock(self, claims: Sequence[Claim], *, wait: bool) -> None:
        """Lock the accounts of these claims' students, by student and term."""
        self._lock(_places(claims, self._hints), LOCK if wait else TRY)

    def read(self, claims: Sequence[Claim], terms: Mapping[int, int | None]) -> None:
        """What these students have booked. `terms`: where each lecture counts by MariaDB, None for nowhere."""
        self._learn(terms)
        self._meet(_places(claims, self._terms))

    def refusal(self, claim: Claim) -> str | None:
        """The reason code when a rule stands against one more lecture. A place in the line takes nothing of the quota."""
        if claim.action != "book" or claim.offering_id not in self._terms:
            return None
        return self._refusal(claim.user_id, claim.offering_id, line=claim.hold == "line")

    def waiter_refusals(
        self, waiters: Sequence[Standing], terms: Mapping[int, int | None], *, lock: bool = True
    ) -> dict[str, str]:
        """Claim id → reason code, for those in a line who could not have one more lecture. Without `lock` for a reader."""
        self._learn(terms)
        counted = [one for one in waiters if one.offering_id in self._terms]
        self._meet({(one.user_id, self._terms[one.offering_id]) for one in counted}, lock=lock)
        found = {one.id: self._refusal(one.user_id, one.offering_id) for one in counted}
        return {claim_id: reason for claim_id, reason in found.items() if reason is not None}

    def stepped(self, before: Standing | None, after: Standing) -> None:
        """Keep what the student has booked: only what had a seat can let go of it."""
        booked = self._booked.get((after.user_id, self._terms.get(after.offering_id, 0)))
        if booked is None or after.action != "book":
            return
        if after.hold == "seat":
            booked.add(after.offering_id)
        elif before is not None and before.hold == "seat":
            booked.discard(after.offering_id)

    def _refusal(self, student: int, lecture: int, *, line: bool = False) -> str | None:
        place = (student, self._terms[lecture])
        others = 0 if line else len(self._booked[place] - {lecture})
        error = self._rules.refusal(others, self._missed.get(place, 0))
        return error.code if error else None

    def _learn(self, terms: Mapping[int, int | None]) -> None:
        for lecture, term in terms.items():
            for known in (self._terms, self._hints):
                if term is None:
                    known.pop(lecture, None)
                else:
                    known[lecture] = term

    def _meet(self, places: Collection[Place], *, lock: bool = True) -> None:
        """Count what these students have. Their accounts are locked: nobody else gives them a lecture meanwhile."""
        new = set(places) - self._booked.keys()
        if not new:
            return
        if lock:
            self._lock(new, TRY)
        self._rules = stored_rules(self._session)
        self._booked |= booked_by(self._session, new)
        if self._rules.no_shows:
            self._missed |= missed_by(self._session, new)

    def _lock(self, places: Collection[Place], statement: TextualSelect) -> None:
        new = sorted(set(places) - self._locked)
        if not new:
            return
        missing = set(new) - self._rows(new, statement)
        if missing:
            open_accounts(self._session, self._ids, missing)
            self._rows(new, statement)
        mark_used(self._session, new)
        self._locked.update(new)

    def _rows(self, places: Sequence[Place], statement: TextualSelect) -> set[Place]:
        return {(row.student_id, row.term_id) for row in bulk.run(self._session, statement, places)}


def _places(claims: Sequence[Claim], terms: Mapping[int, int]) -> set[Place]:
    return {(one.user_id, terms[one.offering_id]) for one in claims if one.user_id and one.offering_id in terms}
