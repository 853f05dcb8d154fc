"""Create, edit and delete rounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import false, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.rounds import RoundView, phase_at
from app.catalogue.selecting import term_to_choose_in
from app.catalogue.selection_models import SelectionRound
from app.enrolment.rounds.draft import NAMES, RoundDraft
from app.enrolment.rounds.errors import RoundNumberTakenError, RoundStartedError, RoundStateError
from app.enrolment.rounds.locking import check_overlap, find_round, lock_round, lock_term
from app.enrolment.rounds.publishing import publish_in, withdraw_in
from app.enrolment.rounds.seeds import keep_seed
from app.enrolment.rounds.telling import tell_round
from app.enrolment.rounds.timeline import note
from app.extensions.db import DUPLICATE_ENTRY, error_number
from app.extensions.services import Services

# What may still be written once a round has opened; its end is moved by extending it, with a reason.
ALWAYS = frozenset({"tips"})


def list_managed(services: Services, actor: Actor, term_id: int | None, *, after: int, limit: int) -> list[RoundView]:
    """Up to `limit` rounds of a term (that of selection by default), drafts too, with numbers beyond `after`.

    Raises TermNotFoundError.
    """
    actor.require(Permission.ROUNDS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        term = term_to_choose_in(session, services, term_id)
        query = (
            select(SelectionRound)
            .where(SelectionRound.term_id == (term.id if term else 0), SelectionRound.is_deleted == false())
            .where(SelectionRound.round_no > after)
            .order_by(SelectionRound.round_no)
        )
        found: Sequence[SelectionRound] = session.scalars(query.limit(limit)).all()
    return [RoundView(one, phase_at(one, services.clock.now())) for one in found]


def managed_round(services: Services, actor: Actor, round_id: int) -> RoundView:
    """One round, as just written. Raises RoundNotFoundError."""
    actor.require(Permission.ROUNDS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        found = find_round(session, round_id)
    return RoundView(found, phase_at(found, services.clock.now()))


def create_round(services: Services, engine: Engine, actor: Actor, draft: RoundDraft, *, publish: bool) -> RoundView:
    """A draft, or with `publish` one that students see. Raises InvalidInputError, TermNotFoundError,
    RoundNumberTakenError, and what publishing raises."""
    actor.require(Permission.ROUNDS_MANAGE)
    draft.check()

    def write(session: Session) -> SelectionRound:
        lock_term(session, draft.term_id)
        one = SelectionRound(id=services.ids.next_id(), **{name: getattr(draft, name) for name in NAMES})
        one.state, one.frozen, one.frozen_reason, one.version, one.is_deleted = "draft", False, "", 1, False
        session.add(one)
        session.flush()
        note(session, services, actor, one.id, "created")
        if publish:
            publish_in(session, services, actor, one)
        return one

    return tell_round(services, engine, _numbered(services, write, draft.round_no), "created", public=publish)


def edit_round(
    services: Services,
    engine: Engine,
    actor: Actor,
    round_id: int,
    changes: Mapping[str, Any],
    *,
    version: int | None = None,
    state: str | None = None,
) -> RoundView:
    """Change fields of RoundDraft; `state` publishes it, or takes it back before it has opened.

    Raises InvalidInputError, ConflictError, RoundNotFoundError, RoundStartedError, RoundOverlapError,
    RoundNumberTakenError, RoundStateError.
    """
    actor.require(Permission.ROUNDS_MANAGE)
    public = False

    def write(session: Session) -> SelectionRound:
        nonlocal public
        one = lock_round(session, round_id, version)
        public = one.state == "published"
        _change(session, services, actor, one, changes)
        if state == "published" and not public:
            publish_in(session, services, actor, one)
        elif state == "draft" and public:
            withdraw_in(session, services, actor, one)
        session.flush()
        return one

    written = _numbered(services, write, int(changes.get("round_no", 0)))
    return tell_round(services, engine, written, "edited", public=public)


def delete_round(services: Services, actor: Actor, round_id: int) -> None:
    """Only a draft; it stays as deleted. Raises RoundNotFoundError, RoundStateError."""
    actor.require(Permission.ROUNDS_MANAGE)

    def write(session: Session) -> None:
        one = lock_round(session, round_id)
        if one.state != "draft":
            raise RoundStateError(state=one.state, phase=phase_at(one, services.clock.now()))
        one.is_deleted = True
        note(session, services, actor, one.id, "deleted")

    services.db.retrying(write)


def _change(
    session: Session, services: Services, actor: Actor, one: SelectionRound, changes: Mapping[str, Any]
) -> None:
    before = RoundDraft.of(one)
    after = replace(before, **changes)
    changed = [name for name in NAMES if getattr(before, name) != getattr(after, name)]
    if not changed:
        return
    if one.state == "published" and one.opens_at <= services.clock.now() and not set(changed) <= ALWAYS:
        raise RoundStartedError(fields=sorted(set(changed) - ALWAYS))
    after.check()
    for name in changed:
        setattr(one, name, getattr(after, name))
    one.version += 1
    if one.state == "published":
        check_overlap(session, one)
        keep_seed(one)
    note(
        session, services, actor, one.id, "edited",
        detail={name: [getattr(before, name), getattr(after, name)] for name in changed},
    )  # fmt: skip


def _numbered(services: Services, write: Any, round_no: int) -> SelectionRound:
    """Run it; a number that the term has already is told as such."""
    try:
        done: SelectionRound = services.db.retrying(write)
    except IntegrityError as error:
        if error_number(error) != DUPLICATE_ENTRY:
            raise
        raise RoundNumberTakenError(round_no=round_no) from error
    return done
