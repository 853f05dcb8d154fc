"""What students put into their carts: a seeded, pure choice. Some sections everybody wants, most people plan well."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from random import Random

from ops.bench.selection.term import Option

HOT_SHARE = 0.25  # of all wishes
OVERSUBSCRIBED = 20
# Nine of ten who see that two courses clash, or are the same, leave one out; the tenth lets the system say so.
CARELESS = 0.1


def choose(
    options: Sequence[Option], carts: int, *, size: int, hot: int, seed: int
) -> tuple[list[list[int]], list[int]]:
    """(carts of section ids in the order of preference, the hot sections). The same seed gives the same carts."""
    random = Random(seed)
    shuffled = list(options)
    random.shuffle(shuffled)
    weights = list(accumulate(_weights(len(shuffled), hot)))
    chosen = [_cart(shuffled, weights, size, random) for _ in range(carts)]
    return chosen, [one.section_id for one in shuffled[:hot]]


def hot_seats(carts: Sequence[Sequence[int]], hot: Sequence[int]) -> Mapping[int, int]:
    """Seats that make each hot section wanted twenty times over."""
    wanted = Counter(section for cart in carts for section in cart)
    return {section: max(1, wanted[section] // OVERSUBSCRIBED) for section in hot}


def _weights(count: int, hot: int) -> Iterator[float]:
    """The hot ones share alike; of the others a few are popular and most are not."""
    rest = [1 / (10 + rank) ** 0.5 for rank in range(count - hot)]
    each = sum(rest) * HOT_SHARE / (1 - HOT_SHARE) / max(1, hot)
    yield from [each] * hot
    yield from rest


def _cart(options: Sequence[Option], weights: Sequence[float], size: int, random: Random) -> list[int]:
    picked: dict[int, Option] = {}
    for _ in range(50):  # a campus may be too small to fill a cart without a clash
        for one in random.choices(options, cum_weights=weights, k=size):
            if len(picked) == size:
                return list(picked)
            if one.section_id not in picked and (_fits(one, picked.values()) or random.random() < CARELESS):
                picked[one.section_id] = one
    return list(picked)


def _fits(one: Option, others: object) -> bool:
    return all(one.course_id != other.course_id and not one.when & other.when for other in others)  # type: ignore[attr-defined]
