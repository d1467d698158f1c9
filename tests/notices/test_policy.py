"""When a notice is tried again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.errors import DeliveryFailed
from dialer.notices.config import RelayPolicy
from tests.contracts.made_up import NOW

FAILED = DeliveryFailed("no")


def wait(policy: RelayPolicy, tries: int, failure: DeliveryFailed = FAILED) -> float | None:
    found = policy.next_try(tries, NOW, failure)
    return None if found is None else (found - NOW).total_seconds()


def test_the_waits_grow() -> None:
    """5 s, 30 s, 2 min, 10 min, 30 min, then every hour."""
    assert [wait(RelayPolicy(), tries) for tries in range(1, 9)] == [5, 30, 120, 600, 1800, 3600, 3600, 3600]


def test_given_up_after_three_days() -> None:
    """All waits together come to no more than three days, and nearly that."""
    waits: list[float] = []
    while (next_wait := wait(RelayPolicy(), len(waits) + 1)) is not None:
        waits.append(next_wait)
    assert timedelta(days=3) - timedelta(hours=1) < timedelta(seconds=sum(waits)) <= timedelta(days=3)


def test_a_permanent_failure_is_given_up_at_once() -> None:
    """What the receiver never wants is not sent again."""
    assert wait(RelayPolicy(), 1, DeliveryFailed("gone", permanent=True)) is None


@pytest.mark.parametrize(
    ("asked", "waited"),
    [(1, 5), (90, 90), (10**9, 86400), (1e30, 86400), (float("inf"), 86400), (float("nan"), 5), (-1e30, 5)],
)
def test_retry_after(asked: float, waited: float) -> None:
    """The receiver may ask for more time, up to a day, and not for less."""
    assert wait(RelayPolicy(), 1, DeliveryFailed("busy", retry_after_s=asked)) == waited
