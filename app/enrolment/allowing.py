"""What a section's sheet allows one student, before the atomic step: restriction, time ticket, overrides."""

from __future__ import annotations

from app.admission.claiming import Allowance
from app.admission.claims import GENERAL
from app.admission.errors import NotEligibleError
from app.auth.actor import Actor
from app.enrolment.errors import WishesOnlyError
from app.enrolment.rules import SectionSheet, refusal
from app.extensions.clock import CampusClock

# How admission calls the rules that an override may lift (a restriction is not its business).
_VERDICTS = {"prerequisite": "needs", "clash": "clash", "credit_limit": "over_limit"}


def allowance(sheet: SectionSheet, actor: Actor) -> Allowance:
    """How this student may claim a seat here. Raises NotEligibleError (with the rule) and WishesOnlyError.

    The sheet may be seconds old; settle looks everything up again.
    """
    waived = sheet.waived(actor.account_id)
    rule = refusal(sheet, actor.student, waived)
    if rule is not None:
        raise NotEligibleError(rule=rule)
    # By this host's clock and not by when the sheet was read: another round may have begun to count since.
    window = sheet.schedule.at(CampusClock().epoch_ms())
    if window is None:
        return Allowance()
    if window.mode == "lottery":
        raise WishesOnlyError(round_id=str(window.round_id))
    pools = sheet.pools_for(actor.student) if actor.student else (GENERAL,)
    return Allowance(pools, window.not_before(actor.account_id, actor.student), waives(waived))


def waives(waived: frozenset[str]) -> str:
    """Lifted rules as `Claim.waives` has them."""
    names = sorted(_VERDICTS[rule] for rule in waived if rule in _VERDICTS)
    return f"|{'|'.join(names)}|" if names else ""
