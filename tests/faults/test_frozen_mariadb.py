"""MariaDB is frozen: it holds its connections, its kernel takes new ones, and it says nothing. No page hangs on that."""

from __future__ import annotations

import itertools
import signal
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, time
from typing import NamedTuple

import gevent
import requests

from app.admission import reading_ahead
from app.extensions.pulse import pulses
from ops.drills.crowd import Crowd
from ops.drills.sections import SLOTS
from ops.drills.wishes import Student
from ops.stack.processes import freeze_all, signal_all
from ops.stack.servers.programs import http_status
from tests.campus import Campus
from tests.campus.truth import HEALS_WITHIN_S
from tests.stacks import frozen

# A ping and then a greeting are waited for, 5 s together (app/extensions/db_link.py), on a slow machine. It was 30 s.
FIRST_WITHIN_S = 15.0
AT_ONCE_S = 2.0  # less than a trial takes
WAVES = 12
PAUSE_S = 0.5  # between waves, which so meet several trials
READERS = 4  # of each page in a wave


_ONCE = itertools.count()


class Told(NamedTuple):
    """How a read was answered, and in how many seconds."""

    path: str
    status: int
    media: str
    took: float

    @property
    def clear(self) -> bool:
        """A page, even if it is a stale one, or the word that it cannot be had now."""
        return self.status == 200 or (self.status, self.media) == (503, "application/problem+json")


class Pages:
    """Reads of several kinds, by one student."""

    def __init__(self, campus: Campus, reader: Student, paths: Sequence[str]) -> None:
        self._url = f"http://127.0.0.1:{campus.stack.config.ports.http}"
        self._headers = {"Authorization": f"Bearer {reader.token}"}
        self._paths = paths

    def read(self) -> list[Told]:
        """All of them, by several readers at once."""
        # Nginx would hold back all but one reader of the same public list.
        asking = [gevent.spawn(self._one, path.format(next(_ONCE))) for path in self._paths for _ in range(READERS)]
        gevent.joinall(asking, raise_error=True)
        return [one.value for one in asking]

    def all_there(self) -> bool:
        return {one.status for one in self.read()} == {200}

    def _one(self, path: str) -> Told:
        began = monotonic()
        answer = requests.get(f"{self._url}{path}", headers=self._headers, timeout=60)
        return Told(path, answer.status_code, answer.headers["Content-Type"], monotonic() - began)


def test_no_page_hangs_on_a_frozen_mariadb(campus: Campus) -> None:
    crowd, lecture = campus.crowd(), campus.lecture(1000)
    term = campus.term()
    section = campus.section(term, SLOTS[0], capacity=10)
    reader, *bookers = campus.enrolled(term, 2 + WAVES)
    mine = crowd.wish(reader, lecture)
    assert crowd.pursue(mine) == "confirmed"
    known = [f"/api/lectures/{lecture}/standing", f"/api/lectures/{lecture}"]
    seen_by_each_worker(campus, reader, known)
    unread, made_at = campus.lecture(1000), time()  # nobody has asked for it when the waves begin
    campus.until(lambda: read_ahead(campus) > made_at, "the rules of it at each worker", 5 * reading_ahead.EVERY_S)
    unseen = campus.lecture(10)  # as a rule by no worker either
    pages = Pages(
        campus,
        reader,
        [
            *known,
            f"/api/lectures/{unseen}/standing",
            "/api/lectures?q=frozen{}",
            f"/api/claims/{mine.claim_id}",
            "/api/me/claims",
            "/api/me/notices",
            f"/api/me/lectures?term_id={term.id}",
            f"/api/me/enrolments?term_id={term.id}",
            f"/api/me/standings?section_ids={section}",
        ],
    )
    with frozen(campus.service("mariadb")):
        first, *later = waves(pages, crowd, bookers, unread)
    for told in (first, *later):
        assert [one for one in told if not one.clear] == []
        assert max(one.took for one in told) < FIRST_WITHIN_S
    # Each worker lets one question at a time find out whether MariaDB is back; those who asked together share it. In all, and
    # without the two worst waves, as the machine may stand still for a moment.
    slow = sorted(({one.path for one in told if one.took > AT_ONCE_S} for told in later), key=len)[:-2]
    assert sum(map(len, slow)) <= campus.stack.config.web_workers * len(later), slow
    promised = sorted(answer.told_at - answer.asked_at for wish in crowd.wishes for answer in wish.answers)
    assert promised[len(promised) // 2] < AT_ONCE_S
    campus.until(pages.all_there, "all pages", HEALS_WITHIN_S)
    assert [crowd.pursue(wish) for wish in crowd.wishes] == ["confirmed"] * len(crowd.wishes)
    assert campus.verify(crowd) == []


def seen_by_each_worker(campus: Campus, reader: Student, paths: Sequence[str]) -> None:
    """Pages that are there from a copy are to be among them. Asked one by one, while the others are frozen."""
    web = campus.service("web")
    workers = [pid for pid in web.processes() if pid.number != web.pid]
    assert len(workers) == campus.stack.config.web_workers
    door = Path(web.server.address)
    for one in workers:
        others = [pid for pid in workers if pid != one]
        try:
            assert freeze_all(others) == []
            assert {http_status(door, path, reader.token) for path in paths} == {200}
        finally:
            signal_all(others, signal.SIGCONT)


def read_ahead(campus: Campus) -> float:
    """Up to when (Unix time) every web worker knows what may be claimed."""
    told = [one for one in pulses(campus.settings.pulses_dir) if one["program"] == "web"]
    assert len(told) == campus.stack.config.web_workers
    return min(one["facts"]["read_ahead"] or 0 for one in told)


def waves(pages: Pages, crowd: Crowd, bookers: Sequence[Student], lecture: int) -> list[list[Told]]:
    """Everything is read again and again, and each time somebody books."""
    found = []
    for booker in bookers:
        reading = gevent.spawn(pages.read)
        answer = crowd.send(crowd.wish(booker, lecture))
        assert answer.status == 202, answer
        found.append(reading.get())
        tell(found[-1])
        gevent.sleep(PAUSE_S)
    return found


def tell(told: Sequence[Told]) -> None:
    """Figures, for whoever looks at the test's output."""
    took = sorted(one.took for one in told)
    good = sum(one.status == 200 for one in told)
    slow = [f"{one.took:.1f} s {one.path}" for one in told if one.took > AT_ONCE_S]
    print(
        f"{len(took)} reads, {good} with a page: median {took[len(took) // 2]:.2f} s, slowest {took[-1]:.2f} s, slow: {slow}"
    )
