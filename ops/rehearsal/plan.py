"""What is rehearsed: how many students press, for what, and within which time. Every number is bounded."""

from __future__ import annotations

import random
from dataclasses import dataclass

ENDS_WITHIN_S = 300.0  # after the last one has pressed; then whoever was not told is counted as such
BOUNDS: dict[str, tuple[float, float]] = {
    "students": (1, 60_000),
    "lectures": (1, 200),
    "seats": (1, 100_000),
    "over": (0, 600),
    "within": (1, 3600),
    "seed": (0, 2**31),
}


class PlanError(ValueError):
    """The arguments make no rehearsal; one line says why."""


@dataclass(frozen=True, slots=True)
class Plan:
    """`seats`: in each lecture. `over_s`: everybody presses in so many seconds. `within_s`: the goal for the drain."""

    students: int
    lectures: int
    seats: int
    over_s: float
    within_s: float
    seed: int

    @classmethod
    def of(cls, *, students: int, lectures: int, seats: int | None, over: float, within: float, seed: int) -> Plan:
        """Without `seats` every second student gets one. Raises PlanError."""
        wanted = max(1, students // (2 * max(1, lectures))) if seats is None else seats
        given = {
            "students": students, "lectures": lectures, "seats": wanted, "over": over, "within": within, "seed": seed
        }  # fmt: skip
        for name, value in given.items():
            least, most = BOUNDS[name]
            if not least <= value <= most:
                raise PlanError(f"{name} must be from {least:,} to {most:,}, not {value:g}")
        if within <= over:
            raise PlanError(
                f"within ({within:g} s) must be longer than over ({over:g} s): nobody is told before pressing"
            )
        return cls(students, lectures, wanted, over, within, seed)

    def moments(self) -> list[float]:
        """When each student presses, in seconds after the opening; the seed makes the same again."""
        chance = random.Random(self.seed)
        return [chance.uniform(0.0, self.over_s) for _ in range(self.students)]

    def choices(self, lectures: list[int]) -> list[int]:
        """Which of the lectures each one presses for."""
        return random.Random(self.seed + 1).choices(lectures, k=self.students)
