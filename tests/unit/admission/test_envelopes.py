"""How accepted claims share messages."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.admission.claims import Claim, claim_id
from app.admission.courier import FEW, PARTITIONS, envelopes, opened


def claims(count: int, offerings: int) -> list[Claim]:
    return [
        Claim(
            id=claim_id(user, "book", "lecture", user % offerings, "key-1234"),
            kind="lecture",
            action="book",
            user_id=user,
            offering_id=user % offerings,
        )
        for user in range(count)
    ]


def test_nothing_is_no_message() -> None:
    assert envelopes([]) == []


def test_few_travel_together_whatever_they_are_for() -> None:
    sent = claims(FEW, FEW)
    ((message, group),) = envelopes(sent)
    assert group == sent
    assert message.message_id == sent[0].id
    assert opened(message.body) == sent


@pytest.mark.parametrize(
    ("count", "most"), [(FEW + 1, 1), (3 * FEW - 1, 2), (5 * FEW, 5), (FEW * PARTITIONS * 2, PARTITIONS)]
)
def test_a_message_has_many_claims_or_is_the_only_one(count: int, most: int) -> None:
    parcels = envelopes(claims(count, count))
    assert len(parcels) == most


def test_many_go_by_their_offering() -> None:
    sent = claims(4 * FEW, 40)
    parcels = envelopes(sent)
    assert 1 < len(parcels) <= PARTITIONS
    assert sorted(one.user_id for _, group in parcels for one in group) == list(range(4 * FEW))
    for message, group in parcels:
        assert opened(message.body) == group
        elsewhere = {one.offering_id for _, other in parcels if other is not group for one in other}
        assert not elsewhere & {one.offering_id for one in group}


def test_many_for_one_offering_are_one_message() -> None:
    assert len(envelopes(claims(4 * FEW, 1))) == 1


def test_a_cart_stays_together() -> None:
    carts = [
        replace(claim, cart=f"cart {claim.user_id // 6}", user_id=claim.user_id // 6) for claim in claims(4 * FEW, 40)
    ]
    parcels = envelopes(carts)
    assert 1 < len(parcels) <= PARTITIONS
    for _, group in parcels:
        elsewhere = {one.cart for _, other in parcels if other is not group for one in other}
        assert not elsewhere & {one.cart for one in group}
