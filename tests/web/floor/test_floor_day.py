"""How far the day is, and the forecast: sums that can be checked by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.model.hours import CallingHours
from dialer.campaign.model.visit import Visit, VisitState
from dialer.reports.sums import Tries
from dialer.web.customers.pages.assign import level
from dialer.web.floor.progress import forecast, progress, reach
from dialer.web.kit.page.charts import HEIGHT, chart

DAY = date(2026, 11, 23)
ZONE = ZoneInfo("Asia/Shanghai")
HOURS = CallingHours((((time(8), time(12)), (time(13), time(17))),) * 7, ZONE).on(DAY)


def at(clock: str) -> datetime:
    """A time of the day on the department's clock."""
    return datetime.combine(DAY, time.fromisoformat(clock), ZONE).astimezone(UTC)


def made(count: int, state: VisitState = VisitState.WAITING, since: str = "08:01", apart_s: float = 60) -> list[Visit]:
    """Visits in a state; those that are finished ended one after the other."""
    over = state not in (VisitState.WAITING, VisitState.CALLING)
    return [
        Visit(n, DAY, "main", f"C{n}", "1", n, state=state,
              ended_at=at(since) + timedelta(seconds=n * apart_s) if over else None)
        for n in range(count)
    ]  # fmt: skip


def test_progress_leaves_withdrawn_ones_out() -> None:
    """What is withdrawn is neither due nor done."""
    done = progress([*made(6, VisitState.REACHED), *made(2, VisitState.WITHDRAWN), *made(4)])
    assert (done.due, done.done, done.left, done.reached, done.share) == (10, 6, 4, 6, 0.6)
    assert progress([]).share == 0.0


def test_forecast_goes_on_at_the_pace_of_the_last_hour() -> None:
    """One a minute for an hour, 90 left: done an hour and a half later."""
    cast = forecast([*made(120, VisitState.REACHED, "08:00:30"), *made(90)], HOURS, at("10:00"))
    assert (cast.at, cast.over, cast.left) == (at("11:30"), 0, 90)
    assert cast.pace is not None
    assert round(cast.pace) == 60


def test_forecast_skips_the_break() -> None:
    """What is left at noon goes on after the break; the pace is that of calling time, not of lunch."""
    visits = [*made(1, VisitState.REACHED), *made(60, VisitState.REACHED, "11:00:30"), *made(60)]
    assert forecast(visits, HOURS, at("12:00")).at == at("14:00")
    assert forecast(visits, HOURS, at("12:30")).at == at("14:00")


def test_forecast_in_the_first_hour_counts_from_the_first_visit() -> None:
    """A late start does not make the agents slow: 11 visits in ten minutes are one a minute."""
    cast = forecast([*made(11, VisitState.REACHED, "08:40"), *made(30)], HOURS, at("08:50"))
    assert cast.at == at("09:20")


def test_forecast_says_what_will_be_left() -> None:
    """When the calling hours are too short it says so, and how many are left over."""
    cast = forecast(
        [*made(1, VisitState.REACHED), *made(60, VisitState.UNREACHED, "15:00:30"), *made(100)], HOURS, at("16:00")
    )
    assert (cast.at, cast.over) == (None, 40)


def test_forecast_keeps_silent_when_it_cannot_know() -> None:
    """Too few visits, none at all, or nothing left."""
    assert forecast([*made(5, VisitState.REACHED), *made(9)], HOURS, at("08:30")).pace is None
    assert forecast([], HOURS, at("08:30")).left == 0
    off = CallingHours(((),) * 7, ZONE).on(DAY)
    assert forecast(made(5), off, at("08:30")).at is None
    over = forecast(made(3, VisitState.REACHED), HOURS, at("08:30"))
    assert (over.left, over.at) == (0, at("08:03"))


def test_reach_by_number_and_by_hour() -> None:
    """Ten minutes each are put together by the hour of the department's clock."""
    tries = [Tries(1, at("08:10"), 3, 1), Tries(1, at("08:50"), 1, 1), Tries(2, at("09:00"), 4, 0)]
    by_attempt, by_hour = reach(tries, ZONE)
    assert by_attempt == ({1: 4, 2: 4}, {1: 2, 2: 0})
    assert by_hour == ({8: 4, 9: 4}, {8: 2, 9: 0})


def test_bars_fit_into_the_drawing() -> None:
    """Nothing is higher than the drawing, and the lines have whole numbers; the rate is drawn where calls were made."""
    drawn = chart(({1: 37, 2: 5, 4: 1}, {1: 18, 2: 2}))
    assert [calls for _, calls, _ in drawn.grid] == [0, 20, 40]
    assert all(0 < column.now.y <= column.now.reached_y <= HEIGHT for column in drawn.columns)
    bars = [(column.now.tried, column.now.share) for column in drawn.columns]
    assert bars == [(37, 18 / 37), (5, 0.4), (0, 0.0), (1, 0.0)]
    assert len(drawn.line.split()) == 3
    assert chart(({}, {})).columns == []


@given(st.integers(1, 10**7))
def test_bars_use_the_height(most: int) -> None:
    """The highest is at least 60 % of the drawing, however many calls there were; few calls have whole lines."""
    (column,) = chart(({9: most}, {9: 0})).columns
    grid = chart(({9: most}, {9: 0})).grid
    assert grid[2][1] == 2 * grid[1][1]
    assert column.now.height >= 0.6 * (grid[0][0] - grid[2][0]) or most == 1


def test_the_day_behind() -> None:
    """An earlier day has its hours beside today's, at one scale, and a line of its own."""
    drawn = chart(({9: 10}, {9: 5}), ({8: 20, 9: 10}, {8: 5, 9: 10}))
    assert [column.name for column in drawn.columns] == ["8", "9"]
    early, late = drawn.columns
    assert (early.now.tried, early.before and early.before.tried) == (0, 20)
    assert late.now.height == (late.before and late.before.height) == (early.before.height if early.before else 0) / 2
    assert (len(drawn.line.split()), len(drawn.line_before.split())) == (1, 2)
    assert early.broad[1] > early.width


def test_words_have_room() -> None:
    """Of a hundred columns some say their name, at the same distance; of few each does."""
    many = chart((dict.fromkeys(range(100), 1), {}), label=lambda n: f"day {n}").columns
    assert [column.name for column in many if column.told][:2] == ["day 0", "day 7"]
    assert all(column.told for column in chart((dict.fromkeys(range(16), 1), {})).columns)


def test_dealing_levels_the_lists() -> None:
    """Whoever has fewest gets the next, so everybody ends up with about the same, in visit order."""
    dealt = level(made(5), {"1": 3, "2": 0, "3": 1})
    assert [number for _, number in dealt] == ["2", "2", "3", "2", "3"]
    assert [visit.order for visit, _ in dealt] == [0, 1, 2, 3, 4]
