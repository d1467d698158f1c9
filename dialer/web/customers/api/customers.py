"""Customers: why one has not been called, taking one off the list, another phone number."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from dialer.campaign.messages import CorrectNumber
from dialer.campaign.views.explain import finished, why
from dialer.campaign.views.why import Why
from dialer.errors import NotFound
from dialer.web.customers.api.visits import WhyView, why_view, withdrawal
from dialer.web.kit.access.roles import FLOOR, LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import its_customer
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import Code, Day, Input, NoBody, Text
from dialer.web.kit.views import VisitView


class CustomerPath(Input):
    """One customer."""

    code: Code


class CustomerDay(CustomerPath):
    """One customer on one day."""

    day: Day | None = None


class WithdrawBody(Input):
    """On which day (today when left out), and why: for example that the customer has ordered online."""

    reason: Text = ""
    day: Day | None = None


class PhoneBody(Input):
    """The number as people write it."""

    phone: Annotated[str, Field(min_length=1, max_length=64, examples=["0470-8221234"])]
    day: Day | None = None


class PhoneView(VisitView):
    """The visit with its new number. ``doubtful``: the numbering plan has not assigned it."""

    changed: bool = True
    """False: it was the number already, and nothing was done."""


async def why_customer(request: Request[CustomerDay, NoBody]) -> WhyView:
    """Why this customer has not been called, in one line."""
    code, day = request.params.code, request.params.day
    answer = why(request.state, code, request.now, day)
    if answer.why is Why.NOT_ON_LIST and day is not None:
        for visit in await request.services.calls.visits_of(code, day):
            answer = finished((await request.services.calls.detail(visit)).visit) or answer
    return why_view(request, code, answer)


async def withdraw_customer(request: Request[CustomerPath, WithdrawBody]) -> VisitView:
    """Take a customer off the day's list, for example because they have ordered online."""
    visits = await request.services.calls.visits_of(request.params.code, request.day(request.body.day))
    if not visits:
        raise NotFound(f"customer {request.params.code} is not on the list of {request.day(request.body.day)}")
    visit: object = None
    for number in visits:
        visit = await request.ask(withdrawal(request, number, request.body.reason))
    return VisitView.model_validate(visit)


async def correct_phone(request: Request[CustomerPath, PhoneBody]) -> PhoneView:
    """Give a customer another number for the day; a visit that ended for its number comes back in line.

    The same number again changes nothing.
    """
    code, day = request.params.code, request.day(request.body.day)
    number, doubtful = request.services.normalise(request.body.phone)
    loaded = request.state.days.get(day)
    known = None if loaded is None else loaded.visit_of(code)
    visit: object = known
    changed = known is None or known.number != number
    if changed:
        visit = await request.ask(CorrectNumber(by=request.by, day=day, customer=code, number=number))
    return PhoneView.model_validate(visit).model_copy(update={"doubtful": doubtful, "changed": changed})


_TOLD = frozenset((Scope.OPERATE, Scope.ORDERS))
ROUTES = (
    route("GET", "/customers/{code}/why", why_customer, Scope.READ, FLOOR, its_customer),
    route("POST", "/customers/{code}/withdraw", withdraw_customer, _TOLD, LEADERS, its_customer, fails=(404, 409, 504)),
    route("PUT", "/customers/{code}/phone", correct_phone, _TOLD, LEADERS, its_customer, fails=(404, 409, 504)),
)
