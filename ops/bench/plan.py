"""How much is measured: counts per round. Every number is bounded, so that a run ends by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes of one run. `claims` students claim in a part; a few more are needed to fill the sold-out lectures."""

    rounds: int = 3
    students: int = 30_000
    claims: int = 20_000
    lectures: int = 8
    baseline_claims: int = 4_000
    connections: int = 512
    crowd: int = 30_000
    crowd_seats: int = 2_000
    crowd_connections: int = 4_000
    pace_seconds: float = 10.0
    warm_up: int = 400
    cart_students: int = 30_000
    cart_size: int = 6
    hot_sections: int = 60
    redis_batches: int = 40
    reads: int = 10_000
    shape_students: int = 10_000
    shape_tries: int = 4
    judged: bool = True  # whether the floors mean anything at these sizes

    @classmethod
    def quick(cls) -> Plan:
        """One short round, to see that everything runs."""
        return cls(
            rounds=1, students=5_000, claims=3_000, lectures=4, baseline_claims=800, connections=256, crowd=3_000,
            crowd_seats=200, crowd_connections=1_000, pace_seconds=3.0, warm_up=200, cart_students=3_000,
            hot_sections=30, redis_batches=8, reads=2_000, shape_students=2_000, judged=False,
        )  # fmt: skip

    @classmethod
    def tiny(cls) -> Plan:
        """For the bench's own tests."""
        return cls(
            rounds=1, students=400, claims=300, lectures=2, baseline_claims=100, connections=64, crowd=300,
            crowd_seats=50, crowd_connections=100, pace_seconds=1.0, warm_up=20, cart_students=300,
            hot_sections=3, redis_batches=2, reads=200, shape_students=300, shape_tries=3, judged=False,
        )  # fmt: skip
