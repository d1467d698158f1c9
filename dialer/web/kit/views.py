"""What the API says of customers, visits, calls and agents; what one part alone says stands with its routes.

All times are UTC, ISO 8601.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints

from pydantic import create_model

from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.recording import RecordingState
from dialer.campaign.model.visit import Result, VisitState
from dialer.web.kit.http.answers import View


def _view_of(record: type[Any]) -> Any:  # noqa: ANN401 - a base class that mypy cannot see through
    hints = get_type_hints(record)
    shown: dict[str, Any] = {each.name: (hints[each.name], ...) for each in fields(record)}
    return create_model(f"{record.__name__}View", __base__=View, **shown)


class CustomerView(_view_of(Customer)):  # type: ignore[misc]  # made of the rules' own fields
    """A customer as the visit list has it; ``extra`` are the list's further columns, as (header, value)."""


class HandView(View):
    """What was done by hand, as it was entered."""

    who: str
    at: datetime
    """Of several calls the last."""
    tries: int
    result: Result | None
    """null: nobody was reached."""
    text: str
    order: str
    promised: datetime | None
    entered_by: str


class VisitView(View):
    """One customer on one day."""

    id: int
    day: date
    list_name: str
    customer: str
    number: str
    order: int
    agent: str | None
    team: str | None
    state: VisitState
    due: datetime | None
    """The earliest time of the next call; null: as soon as its turn comes."""
    promised: datetime | None
    """A time that the customer named and that is still to be kept."""
    round: int
    """Grows when a corrected number starts the count anew."""
    counted: int
    """Counted attempts in this round."""
    attempts: int
    attempt: str | None
    """The live attempt."""
    ended_at: datetime | None
    last: str
    """Disposition of the last attempt."""
    result: Result | None
    shared: bool
    """Another customer of the day has the same number."""
    doubtful: bool
    """The numbering plan has not assigned this number."""
    reason: str
    """Why it was withdrawn."""
    hand: HandView | None = None
    """It was done by hand; the dialer does not call it any more."""


class EvidenceView(View):
    """What the PBX said of a call, and from which its disposition was derived."""

    cause: int | None
    sip: int | None
    dial_status: str
    reason: int | None
    ringing: bool
    progress: bool
    answered: bool
    connected: bool
    agent_missed: bool
    refused: bool
    cancelled: bool
    hung_up: bool
    responded: bool


class AttemptView(View):
    """One call. Its id is the ChannelId on the PBX and the name of its recording."""

    id: str
    visit: int
    day: date
    seq: int
    round: int
    customer: str
    number: str
    trunk: str
    agent: str
    state: AttemptState
    placed_at: datetime
    ringing_at: datetime | None
    answered_at: datetime | None
    connected_at: datetime | None
    ended_at: datetime | None
    disposition: Disposition | None
    counts: bool
    source: str
    """Which row of the table decided the disposition."""
    result: str | None


class AttemptDetail(AttemptView):
    """A call with its evidence."""

    evidence: EvidenceView


class RecordingView(View):
    """A recording, or why there is none."""

    attempt: str
    state: RecordingState
    taken_in_at: datetime
    size: int
    duration_s: float
    sha256: str
    channels: int
    levels: tuple[float | None, float | None]
    """RMS level in dBFS of (agent, customer)."""
    faults: list[str]
    hold: bool
    hold_reason: str
    deleted_at: datetime | None


class OrderView(View):
    """An order and the call in which it was taken."""

    number: str
    customer: str
    at: datetime
    source: str
    attempt: str | None
    open_question: str
    """"" or why a person must decide among ``candidates``."""
    candidates: list[str]
    quantity: str
    amount: str
    by: str


class CallView(View):
    """A call with its customer, its recording and its orders."""

    attempt: AttemptView
    customer: CustomerView
    recording: RecordingView | None
    orders: list[str]


class AgentView(View):
    """An agent now. ``after_call`` is what they asked for during a call."""

    number: str
    name: str
    extension: str
    team: str | None
    presence: Presence
    since: datetime | None
    reason: str
    attempt: str | None
    after_call: Presence | None
    wrap_until: datetime | None
