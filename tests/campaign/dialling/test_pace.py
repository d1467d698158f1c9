"""``calls_per_second``: how Originates are spaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.campaign.days import TRUNK, config, row
from tests.campaign.stepping import Room


def placed(rate: float, agents: int = 40) -> Room:
    """A team of free agents with a customer each, under this limit."""
    rows = [row(n, agent=f"{n:03}") for n in range(1, agents + 1)]
    conf = replace(config(trunks=[replace(TRUNK, channels=1_000)]), calls_per_second=rate)
    return Room(*rows, agents=agents, conf=conf)


@pytest.mark.parametrize(("rate", "at_once"), [(5.0, 1), (100.0, 2), (1_000.0, 11), (1e6, 40)])
def test_a_step_places_the_calls_of_the_next_ten_milliseconds(rate: float, at_once: int) -> None:
    """A high rate is not held to one call for each step."""
    assert len(placed(rate).calls()) == at_once


@pytest.mark.usefixtures("untraced")
@pytest.mark.parametrize("rate", [5.0, 20.0, 200.0])
def test_the_rate_holds_on_average(rate: float) -> None:
    """Over a second no more calls leave than the limit says, but for those of ten milliseconds."""
    room = placed(rate, agents=round(rate * 1.1) + 5)  # more than there are calls for
    for _ in range(1000):
        room.now += timedelta(milliseconds=1)
        room.do()
    assert abs(len(room.calls()) - rate) <= 1 + rate / 100
