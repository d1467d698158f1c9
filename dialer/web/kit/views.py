"""What the API says of customers, visits, calls and agents; what one part alone says stands with its routes.

All times are UTC, ISO 8601.
"""

from __future__ import annotations

from datetime import datetime

from dialer.campaign.model.agent import Agent
from dialer.campaign.model.attempt import Attempt
from dialer.campaign.model.customer import Customer
from dialer.campaign.model.evidence import Evidence
from dialer.campaign.model.order import Order
from dialer.campaign.model.recording import Recording
from dialer.campaign.model.visit import ManualCall, Result, Visit
from dialer.web.kit.http.answers import View, view_of


class CustomerView(view_of(Customer), View):  # type: ignore[misc]  # made of the rules' own fields, as those below
    """A customer as the visit list has it; ``extra`` are the list's further columns, as (header, value)."""


class HandView(view_of(ManualCall, without={"found_wrong", "number"}), View):  # type: ignore[misc]  # made of a record
    """What was done by hand, as it was entered."""

    at: datetime
    """Of several calls the last."""
    result: Result | None
    """null: nobody was reached."""


class VisitView(view_of(Visit, without={"first", "failures", "hand_before", "put_back"}), View):  # type: ignore[misc]  # made of a record
    """One customer on one day."""

    due: datetime | None
    """The earliest time of the next call; null: as soon as its turn comes."""
    promised: datetime | None
    """A time that the customer named and that is still to be kept."""
    round: int
    """Grows when a corrected number starts the count anew."""
    counted: int
    """Counted attempts in this round."""
    attempt: str | None
    """The live attempt."""
    last: str
    """Disposition of the last attempt."""
    shared: bool
    """Another customer of the day has the same number."""
    doubtful: bool
    """The numbering plan has not assigned this number."""
    reason: str
    """Why it was withdrawn."""
    hand: HandView | None = None
    """It was done by hand; the dialer does not call it any more."""


class EvidenceView(view_of(Evidence, without={"overslept", "rings_reported"}), View):  # type: ignore[misc]  # made of a record
    """What the PBX said of a call, and from which its disposition was derived."""


class AttemptView(view_of(Attempt, without={"gap_from", "evidence", "pbx"}), View):  # type: ignore[misc]  # made of a record
    """One call. Its id is the ChannelId on the PBX and the name of its recording."""

    source: str
    """Which row of the table decided the disposition."""


class AttemptDetail(AttemptView):
    """A call with its evidence."""

    evidence: EvidenceView


class RecordingView(view_of(Recording, without={"path"}), View):  # type: ignore[misc]  # made of a record
    """A recording, or why there is none."""

    levels: tuple[float | None, float | None]
    """RMS level in dBFS of (agent, customer)."""


class OrderView(view_of(Order), View):  # type: ignore[misc]  # made of a record
    """An order and the call in which it was taken."""

    open_question: str
    """"" or why a person must decide among ``candidates``."""


class CallView(View):
    """A call with its customer, its recording and its orders."""

    attempt: AttemptView
    customer: CustomerView
    recording: RecordingView | None
    orders: list[str]


class AgentView(view_of(Agent, without={"after_reason", "pbx"}), View):  # type: ignore[misc]  # made of a record
    """An agent now. ``after_call`` is what they asked for during a call."""
