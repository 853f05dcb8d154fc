"""The term of selection: the one that is chosen for now, which is seldom the one that is taught (docs/catalogue.md).

Whatever is about choosing asks here: lists of courses and sections, rounds, plans, credits, permits. What is about today
(timetable, calendar, a teacher's classes) asks `current_term`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from app.catalogue.models import Term
from app.catalogue.selection_models import SelectionRound
from app.catalogue.terms import all_terms, campus_day, chosen_term, current_term, end_of
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class Span:
    """When a published round of a term is open."""

    term_id: int
    opens_at: datetime
    closes_at: datetime


def selecting_term(terms: Sequence[Term], spans: Sequence[Span], now: datetime, today: date) -> Term | None:
    """Of the terms (oldest first) that are not over: the newest with an open round, else that whose round opens next,
    else that whose round closed last, as its draw and its drops go on; without rounds the current term.
    """
    ahead = {one.id: one for one in terms if today < end_of(one)}
    usable = [one for one in spans if one.term_id in ahead]
    begun = [one for one in usable if one.opens_at <= now]
    if running := [one for one in begun if now < one.closes_at]:
        return max((ahead[one.term_id] for one in running), key=lambda term: term.code)
    if to_come := [one for one in usable if one.opens_at > now]:
        return ahead[min(to_come, key=lambda one: one.opens_at).term_id]
    if begun:
        return ahead[max(begun, key=lambda one: one.closes_at).term_id]
    return current_term(terms, today)


def next_turn(spans: Sequence[Span], now: datetime) -> datetime | None:
    """When the term of selection may be another one, None: not until somebody writes."""
    return min((at for one in spans for at in (one.opens_at, one.closes_at) if at > now), default=None)


def all_spans(session: Session) -> Sequence[Span]:
    """Of every published round: a few a term."""
    query = select(SelectionRound.term_id, SelectionRound.opens_at, SelectionRound.closes_at)
    query = query.where(SelectionRound.state == "published", SelectionRound.is_deleted == false())
    return [Span(term_id, opens_at, closes_at) for term_id, opens_at, closes_at in session.execute(query)]


def term_to_choose_in(session: Session, services: Services, term_id: int | None) -> Term | None:
    """The term with this id, or that of selection (None when there are no terms). Raises TermNotFoundError."""
    today = campus_day(services)
    if term_id is not None:
        return chosen_term(session, term_id, today)
    return selecting_term(all_terms(session), all_spans(session), services.clock.now(), today)
