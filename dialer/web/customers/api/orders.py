"""Orders: which call an order was taken in."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from dialer.campaign.model.order import Order
from dialer.campaign.views.lookup import CallQuery
from dialer.errors import BadInput, NotFound
from dialer.web.kit.access.roles import LEADERS
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.query import AttemptId, Input, Instant, NoBody, NoParams, Paged, Short
from dialer.web.kit.views import CallView, OrderView

OrderNumber = Annotated[str, Field(min_length=1, max_length=80)]


class OrderBody(Input):
    """An order that was saved. Name the call in which it was taken, else the customer."""

    number: OrderNumber
    customer: Annotated[str, Field(max_length=64)] = ""
    attempt: AttemptId | None = None
    at: Instant | None = None
    """When it was saved; now when it is left out."""
    quantity: Short = ""
    amount: Short = ""
    source: Literal["order-system", "agent"] = "order-system"


class OrderPath(Input):
    """One order."""

    number: OrderNumber


class OpenOrders(Paged):
    """Only open orders are listed; others are asked for by number."""

    open: Annotated[bool, Field(json_schema_extra={"const": True})] = True


class ResolveBody(Input):
    """The call to which the order belongs."""

    attempt: AttemptId


class OrderDetail(OrderView):
    """An order with its calls and their recordings."""

    calls: list[CallView]


async def take_order(request: Request[NoParams, OrderBody]) -> OrderView:
    """Take in an order; it is linked to the call in which it was taken.

    By the call's id when it is given, else by customer and time. What fits several calls, or none, stays open for a
    person. The same order again changes nothing.
    """
    b = request.body
    order = Order(**b.model_dump(exclude={"at"}), at=b.at or request.now, by=request.by)
    return OrderView.model_validate(await request.services.orders.take(order))


async def list_open_orders(request: Request[OpenOrders, NoBody]) -> list[OrderView]:
    """Orders that no call is known for, newest first."""
    if not request.params.open:
        raise BadInput("open: only open orders are listed; ask for others by their number")
    found = await request.services.order_store.open_orders(request.params.page)
    return [OrderView.model_validate(order) for order in found]


async def get_order(request: Request[OrderPath, NoBody]) -> OrderDetail:
    """An order with its call and the recording of it."""
    number = request.params.number
    order = await request.services.order_store.order(number)
    if order is None:
        raise NotFound(f"there is no order {number}")
    calls = await request.services.calls.calls(CallQuery(order=number))
    return OrderDetail.of(order, calls=calls)


async def resolve_order(request: Request[OrderPath, ResolveBody]) -> OrderView:
    """Decide which call an order belongs to."""
    order = await request.services.orders.resolve(request.params.number, request.body.attempt, request.by)
    return OrderView.model_validate(order)


ROUTES = (
    route("POST", "/orders", take_order, Scope.ORDERS, LEADERS, whole, fails=(404, 409)),
    route("GET", "/orders", list_open_orders, Scope.ORDERS, LEADERS, whole),
    route("GET", "/orders/{number}", get_order, Scope.ORDERS, LEADERS, whole, fails=(404,)),
    route("POST", "/orders/{number}/resolve", resolve_order, Scope.ORDERS, LEADERS, whole, fails=(404, 409)),
)
