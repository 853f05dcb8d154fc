"""The rules of course selection inside a settling transaction: the same that admission checked, by MariaDB's rows.

A student's term row (`term_credit`) is the lock of everything the student holds in that term. It is taken before the
pools of the offerings, always in that order.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Table, TextualSelect, select, text
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL, HOLDS, TAKING, Claim, Standing
from app.auth.actor import StudentStanding
from app.catalogue.models import Section
from app.catalogue.selection_models import TermCredit
from app.enrolment.accounts import Place, open_accounts, passed_by
from app.enrolment.lottery.claims import Drawn, drawn_among, round_of
from app.enrolment.models import Enrolment
from app.enrolment.permits.holds import holds_of
from app.enrolment.rules import Hold, Holdings, SectionSheet, refusal, refusals, tenths
from app.enrolment.sheet_copies import SheetCopies
from app.extensions import bulk
from app.extensions.ids import Snowflakes
from app.org.queries import standings_of
from app.org.staying import hold_students

ENROLMENT: Table = Enrolment.__table__  # type: ignore[assignment]
_READ = bulk.rows_by_key(
    "term_credit",
    ("student_id", "term_id", "credit_limit"),
    {"student_id": "BIGINT", "term_id": "BIGINT"},
    "uq_term_credit_student",
)
_LOCK = _READ + " FOR UPDATE"
LOCK_ACCOUNTS = text(_LOCK).columns(TermCredit.student_id, TermCredit.term_id, TermCredit.credit_limit)
# Whoever chooses a waiter holds pools already: it must not wait for an account, or two of them would wait for each other.
TRY_ACCOUNTS = text(_LOCK + " NOWAIT").columns(TermCredit.student_id, TermCredit.term_id, TermCredit.credit_limit)
# For a reader, who decides nothing.
SEE_ACCOUNTS = text(_READ).columns(TermCredit.student_id, TermCredit.term_id, TermCredit.credit_limit)

# What Redis has asked of a claim before it gave it a place in the line.
_NOT_OF_THE_LINE = frozenset({"clash", "credit_limit"})


@dataclass(slots=True)
class _Held(Holdings):
    """What is held is `read` once; from then on it follows the steps."""

    read: bool = False


class SectionJudge:
    """Implements `app.admission.kinds.Judge`."""

    def __init__(self, session: Session, ids: Snowflakes, copies: SheetCopies | None = None) -> None:
        self._session = session
        self._ids = ids
        self._copies = copies or SheetCopies()
        self._terms: dict[int, int] = {}
        self._sheets: dict[int, SectionSheet] = {}
        self._accounts: dict[Place, _Held] = {}
        self._students: dict[int, StudentStanding] = {}
        self._passed: dict[int, set[int]] = {}
        self._held_back: dict[int, set[int]] = {}
        self._drawn: set[Drawn] = set()

    def know(self, sheets: Mapping[int, SectionSheet]) -> None:
        """Sheets that were read before and need not be read again."""
        self._sheets |= sheets

    def lock(self, claims: Sequence[Claim], *, wait: bool = True) -> None:
        """Lock the term rows of these students, by student and term; whoever has none yet gets one. Nobody who chooses
        something leaves meanwhile: `read` sees who has."""
        statement = LOCK_ACCOUNTS if wait else TRY_ACCOUNTS
        if wait:
            hold_students(self._session, {claim.user_id for claim in claims if claim.action in TAKING})
        wanted = {(claim.offering_id, claim.user_id) for claim in claims if claim.user_id}
        wanted |= {(claim.drops, claim.user_id) for claim in claims if claim.drops}
        missing = self._lock(wanted, statement)
        if missing:
            open_accounts(self._session, self._ids, missing)
            self._lock(wanted, statement)

    def read(self, claims: Sequence[Claim]) -> None:
        """Sheets, standings, courses passed and what each student holds."""
        self._know({claim.offering_id for claim in claims} | {claim.drops for claim in claims if claim.drops})
        self._meet({claim.user_id for claim in claims if claim.action != "cancel"})
        self._drawn |= drawn_among(self._session, claims)
        self._read_holds()

    def refusal(self, claim: Claim) -> str | None:
        """The first rule that stands against the claim, in the order in which admission asks."""
        sheet = self._sheets.get(claim.offering_id)
        if sheet is None or not sheet.published:
            return "not_published"
        if claim.action == "cancel":
            return _drop_refusal(sheet, claim)
        window = self._window_refusal(sheet, claim)
        if claim.drops:
            window = window or _drop_refusal(self._sheets.get(claim.drops), claim)
        # A place in the line takes neither time nor credits, and the claims of a cart are settled in any order: what comes
        # before it here may have come after it there. Whoever is promoted is asked again.
        lifted = _NOT_OF_THE_LINE if claim.hold == "line" else frozenset()
        rule = window or self._personal_refusal(sheet, claim.user_id, without=claim.drops, lifted=lifted)
        return rule or (None if self.pools(claim) else "not_in_pool")

    def pools(self, claim: Claim) -> Sequence[str]:
        """Reserved ones only for whom they are for, as MariaDB knows it now."""
        student, sheet = self._students.get(claim.user_id), self._sheets.get(claim.offering_id)
        own = sheet.pools_for(student) if sheet is not None and student is not None else (GENERAL,)
        return [pool for pool in claim.candidates if pool in own]

    def fair_opening(self, claim: Claim) -> int:
        """The round that was open when the claim was admitted, if it is a fair one that has not been drawn."""
        sheet = self._sheets.get(claim.offering_id)
        window = sheet.window_at(claim.admitted_at) if sheet else None
        return window.round_id if window is not None and window.fair_until else 0

    def rule_against(self, section_id: int, student: int) -> str | None:
        """The rule that stands against this student having a seat there, whenever; of claims that were locked and read."""
        sheet = self._sheets.get(section_id)
        if sheet is None or not sheet.published:
            return "not_published"
        if section_id in self._accounts.get((student, sheet.term_id), _Held()).holds:
            return "already_claimed"
        return self._personal_refusal(sheet, student)

    def reserved_for(self, section_id: int, student: int) -> list[str]:
        """The pools of this section that are reserved for this student."""
        sheet, standing = self._sheets.get(section_id), self._students.get(student)
        return [pool for pool in sheet.pools_for(standing) if pool != GENERAL] if sheet and standing else []

    def room(self, term_id: int, student: int) -> int:
        """Tenths of credits that this student may still take in the term."""
        account = self._accounts.get((student, term_id), _Held())
        return max(0, account.limit - sum(held.weight for held in account.holds.values() if held.hold == "seat"))

    def waiter_refusals(self, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """Who may no longer have the seat: time or credits went to another course, or the rules have changed."""
        return self._waiter_refusals(waiters, TRY_ACCOUNTS)

    def waiter_refusals_seen(self, waiters: Sequence[Standing]) -> Mapping[str, str]:
        """The same for a reader: no lock is taken, and what is on its way is not known."""
        return self._waiter_refusals(waiters, SEE_ACCOUNTS)

    def _waiter_refusals(self, waiters: Sequence[Standing], statement: TextualSelect) -> Mapping[str, str]:
        unknown = {(one.offering_id, one.user_id) for one in waiters if self._place(one) not in self._accounts}
        if unknown:
            self._lock(unknown, statement)
        # An account may be locked for another claim of the batch, without anybody having asked whose it is.
        self._know({one.offering_id for one in waiters})
        self._meet({one.user_id for one in waiters})
        self._read_holds()
        found = {}
        for one in waiters:
            sheet = self._sheets.get(one.offering_id)
            reason = self._personal_refusal(sheet, one.user_id) if sheet else "not_published"
            if reason is not None:
                found[one.id] = reason
        return found

    def stepped(self, before: Standing | None, after: Standing) -> None:
        """Keep what the student holds. A claim that comes to nothing takes nothing from another one, which may hold the
        same section: only what held something can let go of it."""
        if after.hold == "none" and (before is None or before.hold == "none"):
            return
        account = self._accounts.get(self._place(after))
        if account is None or not account.read or after.action not in TAKING:
            return
        known = account.holds.pop(after.offering_id, None)
        if after.hold != "none":
            sheet = self._sheets[after.offering_id]  # nobody comes to hold what has none
            known = known or Hold(after.hold, sheet.course_id, tenths(sheet.credits))
            account.holds[after.offering_id] = replace(known, hold=after.hold)

    def _window_refusal(self, sheet: SectionSheet, claim: Claim) -> str | None:
        """By the round that was open when the claim was admitted (the next one may count by now), and by the time ticket
        that MariaDB has: the message is not believed."""
        window = sheet.window_at(claim.admitted_at)
        if round_of(claim):
            drawn = (round_of(claim), claim.user_id, claim.offering_id) in self._drawn
            return None if drawn else "not_drawn"
        if window is None:
            return "not_open" if claim.admitted_at < sheet.opens_at else "closed"
        if claim.hold == "any" and (sheet.braked or not window.claimable):
            return "frozen"  # nobody has promised it anything yet; what Redis admitted before the brake keeps its seat
        ticket = window.not_before(claim.user_id, self._students.get(claim.user_id))
        return "not_open" if claim.admitted_at < ticket else None

    def _personal_refusal(
        self, sheet: SectionSheet, student: int, *, without: int = 0, lifted: frozenset[str] = frozenset()
    ) -> str | None:
        """`without`: the section that is given up in the same step, as if it were gone. `lifted`: rules not to be asked."""
        waived = sheet.waived(student) | lifted
        reason = refusal(sheet, self._students.get(student), waived)
        if reason is not None:
            return reason
        account = self._accounts.get((student, sheet.term_id)) or _Held()
        account.passed = self._passed.get(student, set())
        account.bar = "on_hold" if sheet.term_id in self._held_back.get(student, ()) else ""
        first = next(refusals(sheet, account, self._sheets, waived, without), None)
        return first.code if first else None

    def _place(self, standing: Standing) -> Place:
        return (standing.user_id, self._terms.get(standing.offering_id, 0))

    def _lock(self, wanted: Collection[tuple[int, int]], statement: TextualSelect) -> set[Place]:
        """Lock the accounts of these (section, student) and begin to keep them. Returns those that have no row."""
        new = {section for section, _ in wanted} - self._terms.keys()
        if new:
            terms = select(Section.id, Section.term_id).where(Section.id.in_(new))
            self._terms.update({row[0]: row[1] for row in self._session.execute(terms)})
        places = sorted({(student, self._terms[section]) for section, student in wanted if section in self._terms})
        for place in places:
            self._accounts.setdefault(place, _Held())
        missing = set(places)
        for row in bulk.run(self._session, statement, places) if places else ():
            self._accounts[(row.student_id, row.term_id)].limit = tenths(row.credit_limit)
            missing.discard((row.student_id, row.term_id))
        return missing

    def _know(self, sections: Collection[int]) -> None:
        new = set(sections) - self._sheets.keys()
        if new:
            self._sheets.update(self._copies.read(self._session, new))

    def _meet(self, students: Collection[int]) -> None:
        new = sorted(set(students) - self._students.keys())
        if new:
            self._students.update(standings_of(self._session, new))
            self._passed.update(passed_by(self._session, new))
            self._held_back.update(holds_of(self._session, new))

    def _read_holds(self) -> None:
        """What the students of the locked accounts hold by MariaDB, and the sheets of that."""
        new = {place: account for place, account in self._accounts.items() if not account.read}
        if not new:
            return
        query = select(ENROLMENT).where(
            ENROLMENT.c.student_id.in_({student for student, _ in new}),
            ENROLMENT.c.term_id.in_({term for _, term in new}),
            ENROLMENT.c.active == 1,
        )
        for row in self._session.execute(query):
            account = new.get((row.student_id, row.term_id))
            if account is not None:
                account.holds[row.section_id] = Hold(HOLDS[row.state], row.course_id, tenths(row.credits))
        for account in new.values():
            account.read = True
        self._know({section for account in self._accounts.values() for section in account.holds})


def _drop_refusal(sheet: SectionSheet | None, claim: Claim) -> str | None:
    return "cancel_closed" if sheet is None or not sheet.droppable_at(claim.admitted_at) else None
