"""The calendar: days off, and working days that make up for them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.campaign.changes import CalendarChange
from dialer.campaign.messages import SetCalendarDay
from dialer.web.kit.access.roles import ADMINISTRATOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import Day, Input, NoBody


class CalendarParams(Input):
    """This year when it is left out."""

    year: Annotated[int, Field(ge=2000, lt=2100)] | None = None


class CalendarPath(Input):
    """One day."""

    day: Day


class CalendarBody(Input):
    """``working``: true for a working day, false for a day off, null for an ordinary day again."""

    working: bool | None
    name: Annotated[str, Field(max_length=100)] = ""


class CalendarDayView(view_of(CalendarChange), View):  # type: ignore[misc]  # made of a record
    """A day that the calendar table has."""


async def list_calendar(request: Request[CalendarParams, NoBody]) -> list[CalendarDayView]:
    """The days of a year that are not as the weekday says."""
    year = request.params.year or request.day().year
    return [CalendarDayView.model_validate(day) for day in await request.services.calendar(year)]


async def set_calendar_day(request: Request[CalendarPath, CalendarBody]) -> CalendarDayView:
    """Make a day a day off or a working day; takes effect at once."""
    day, body = request.params.day, request.body
    await request.ask(SetCalendarDay(by=request.by, day=day, working=body.working, name=body.name))
    return CalendarDayView(day=day, working=body.working, name=body.name)


ROUTES = (
    route("GET", "/calendar", list_calendar, Scope.READ, LEADERS | ADMINISTRATOR),
    route("PUT", "/calendar/{day}", set_calendar_day, Scope.OPERATE, LEADERS | ADMINISTRATOR, whole, fails=(504,)),
)
