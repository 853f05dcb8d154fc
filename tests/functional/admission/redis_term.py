"""Courses of a term as Redis alone knows them: sections, students with their accounts, and what these want."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import pytest

from app.admission.claims import Claim, Standing, claim_id
from app.admission.engine import Engine
from app.admission.kinds import Account, OfferingSheet, PoolSheet, Traits
from app.admission.store import Verdict
from tests.functional.admission.test_admit import admit

KIND = "course"
FAR = 4_000_000_000_000
MONDAY_1_2 = (1, 0b11, 0xFFFF)
MONDAY_2_3 = (1, 0b110, 0xFFFF)
TUESDAY = (2, 0b11, 0xFFFF)
ODD, EVEN = 0x5555, 0xAAAA
NUMBERS = itertools.count(1)


@dataclass
class Term:
    """One scope of its own, with sections and students in Redis alone."""

    engine: Engine
    scope: int

    def section(self, group: int, *slots: tuple[int, int, int], weight: int = 20, **fields: Any) -> int:
        number = next(NUMBERS)
        sheet = self.sheet(number, group, slots, weight, **fields)
        self.engine.epochs.fenced(lambda fence: self.engine.store.load_each([(sheet, ())], fence=fence))
        return number

    def sheet(
        self,
        number: int,
        group: int,
        slots: tuple[tuple[int, int, int], ...],
        weight: int,
        *,
        needs: tuple[int, ...] = (),
        capacity: int = 100,
        line: int = 0,
        version: int = 1,
    ) -> OfferingSheet:
        traits = Traits(self.scope, group, weight, slots, needs)
        pools = (PoolSheet("0", capacity, line),)
        return OfferingSheet(KIND, number, 0, FAR, FAR, False, version, pools, traits=traits)

    def student(self, *, limit: int = 1000, passed: tuple[int, ...] = (), bar: str = "", version: int = 1) -> int:
        return self.account(next(NUMBERS), limit=limit, passed=passed, bar=bar, version=version)

    def account(self, user: int, **fields: Any) -> int:
        account = Account(self.scope, user, **fields)
        self.engine.epochs.fenced(lambda fence: self.engine.store.set_accounts(KIND, [account], fence=fence))
        return user

    def wants(self, user: int, *sections: int, key: str = "key-00000001", line_ok: bool = True) -> list[Verdict]:
        return admit(self.engine, *(wish(user, one, key, line_ok=line_ok) for one in sections))

    def names(self, user: int, *sections: int, key: str = "key-00000001") -> list[str]:
        return [verdict.name for verdict in self.wants(user, *sections, key=key)]

    def standing_against(self, user: int, section: int, state: str) -> dict[str, str]:
        """What a refusal says of a section that this user holds."""
        claim = claim_id(user, "book", KIND, section, "key-00000001")
        return {"offering_id": str(section), "claim_id": claim, "state": state}

    def step(
        self, user: int, section: int, state: str, version: int = 1, key: str = "key-00000001", at: int = 1
    ) -> None:
        made = claim_id(user, "book", KIND, section, key)
        item = Standing(
            made, KIND, section, user, "0", "book", state, version, admitted_at=1, decided_at=at, sequence=1
        )
        self.engine.epochs.fenced(lambda fence: self.engine.store.apply([item], fence=fence))

    def held(self, user: int) -> dict[int, str]:
        """Section → hold, as the account says."""
        fields: Any = self.engine.store.redis.hgetall(f"sr:a:{KIND}:{self.scope}:{user}")
        holds = {name.decode(): value.decode() for name, value in fields.items() if name.startswith(b"h:")}
        return {int(name[2:]): value.partition("|")[0] for name, value in holds.items()}


def wish(user: int, section: int, key: str, *, line_ok: bool = True) -> Claim:
    made = claim_id(user, "book", KIND, section, key)
    return Claim(id=made, kind=KIND, action="book", user_id=user, offering_id=section, line_ok=line_ok, fingerprint="1")


@pytest.fixture
def term(engine: Engine) -> Term:
    return Term(engine, next(NUMBERS))
