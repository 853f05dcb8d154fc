"""Hand out first passwords to those who have no password: whoever was imported.

Nothing in the clear is kept: the passwords are made while the file is written, a batch committed before its rows go out. Of a
file that was lost, or broke off, hand out again: what was in it and not used yet is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator

import gevent
from sqlalchemy import select

from app.auth.actor import Actor
from app.auth.first_passwords import make_first, without_password
from app.auth.models import Account
from app.auth.permissions import Permission
from app.extensions.records import record
from app.extensions.services import Services
from app.org.people.posts import Post
from app.org.people.reading import PeopleFilter, people_listing

BATCH = 500


@record
class Handed:
    """One line of the file; `unit` is the class of a student, the college of a teacher."""

    number: str
    display_name: str
    unit: str
    username: str
    password: str


def hand_out(services: Services, actor: Actor, post: Post, wanted: PeopleFilter, *, again: bool) -> Iterator[Handed]:
    """To those of the list with these filters, by number; with `again` also to whoever has not used the last one."""
    actor.require(Permission.STUDENTS_MANAGE)
    return _handed(services, post, wanted, again)


def _handed(services: Services, post: Post, wanted: PeopleFilter, again: bool) -> Iterator[Handed]:
    after: str | None = ""
    while after is not None:
        batch, after = _batch(services, post, wanted, again, after)
        yield from batch
        gevent.sleep(0)  # a long file must not keep short answers waiting


def _batch(
    services: Services, post: Post, wanted: PeopleFilter, again: bool, after: str
) -> tuple[list[Handed], str | None]:
    """One transaction; and the number to go on after, None at the end. Whoever chooses a password meanwhile keeps it:
    accounts are looked at again under their lock, so that a batch in the middle may come out short."""
    query = people_listing(post, wanted, after, BATCH).where(without_password(again=again))
    made = []
    with services.breakers.guard("database"), services.db.transaction() as session:
        rows = session.execute(query).all()
        mine = select(Account).where(Account.id.in_([row[1].id for row in rows]), without_password(again=again))
        held = mine.order_by(Account.id).with_for_update().execution_options(populate_existing=True)
        locked = {account.id for account in session.scalars(held)} if rows else set()
        for record_, account, unit, *_ in rows:
            if account.id in locked:
                password, account.first_hash = make_first()
                account.first_at = services.clock.now()
                number = getattr(record_, post.number)
                made.append(Handed(number, account.display_name, unit.name, account.username, password))
    return made, getattr(rows[-1][0], post.number) if len(rows) == BATCH else None
