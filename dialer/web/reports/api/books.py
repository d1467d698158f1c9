"""The books: every attempt of a time, for audits; and the day's reconciliation."""

from __future__ import annotations

from datetime import timedelta

from pydantic import TypeAdapter

from dialer.errors import BadInput
from dialer.recording import reconcile
from dialer.recording.ingester import OrphanedRecording
from dialer.web.kit.access.roles import LEADERS, SUPERVISOR
from dialer.web.kit.access.tokens import Scope
from dialer.web.kit.api.checks import whole
from dialer.web.kit.api.routes import Request, route
from dialer.web.kit.http.answers import View, view_of
from dialer.web.kit.http.query import Day, Input, Instant, NoBody
from dialer.web.kit.views import AttemptDetail

_LONGEST = timedelta(days=2)
_ATTEMPTS = TypeAdapter(list[AttemptDetail])


class BooksParams(Input):
    """From ``since`` up to but not including ``until``, at most two days."""

    since: Instant
    until: Instant


class DayParams(Input):
    """Today when it is left out."""

    day: Day | None = None


class CallLine(view_of(reconcile.CallLine), View):  # type: ignore[misc]  # made of a record
    """A call in a list, with why it is there."""


class StrayLine(view_of(OrphanedRecording), View):  # type: ignore[misc]  # made of a record
    """A recording without a call."""


class OrderLine(view_of(reconcile.OrderLine), View):  # type: ignore[misc]  # made of a record
    """An order in a list, with why it is there."""


class ReconciliationView(view_of(reconcile.Reconciliation), View):  # type: ignore[misc]  # made of a record
    """Calls without recordings, recordings without calls, orders without either."""

    clean: bool
    calls_without_recording: list[CallLine]
    faulty_recordings: list[CallLine]
    strays: list[StrayLine]
    orders_without_call: list[OrderLine]
    orders_without_recording: list[OrderLine]


async def list_books(request: Request[BooksParams, NoBody]) -> list[AttemptDetail]:
    """Every attempt placed in a time, by time: what an audit compares with call records."""
    since, until = request.params.since, request.params.until
    if not timedelta(0) < until - since <= _LONGEST:
        raise BadInput(f"'until' must be after 'since', by at most {_LONGEST.days} days; ask day by day")
    attempts = await request.services.calls.attempts_between(since, until)
    return await request.aside(lambda _left: _ATTEMPTS.validate_python(attempts))


async def get_reconciliation(request: Request[DayParams, NoBody]) -> ReconciliationView:
    """Calls without recordings, recordings without calls, orders without either."""
    return ReconciliationView.model_validate(await request.services.reconcile(request.day(request.params.day)))


ROUTES = (
    route("GET", "/books", list_books, Scope.READ, LEADERS, whole, turn="heavy"),
    route("GET", "/reconciliation", get_reconciliation, Scope.READ, SUPERVISOR, turn="heavy"),
)
