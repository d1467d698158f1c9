"""What the API says, as typed models: the contract with other systems, apart from the rules' own classes.

All times are UTC, ISO 8601. The OpenAPI document is generated from these models.
"""

from __future__ import annotations

from dataclasses import fields
from datetime import date, datetime
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from dialer.campaign.agent import Presence
from dialer.campaign.attempt import AttemptState
from dialer.campaign.changes import NoticeKind
from dialer.campaign.customer import Customer
from dialer.campaign.disposition import Disposition
from dialer.campaign.records import NoticeState, RecordingState
from dialer.campaign.visit import Result, VisitState
from dialer.errors import RowProblem


class View(BaseModel):
    """What goes out. Made of the rules' own objects by ``model_validate``."""

    model_config = ConfigDict(from_attributes=True, frozen=True, use_attribute_docstrings=True)


# -- errors --------------------------------------------------------------------------------------


class ProblemView(View):
    """One thing that is wrong with a request, or with a row of a list."""

    where: str
    """The parameter or field; of a list "row 7, column 电话"."""
    value: str
    reason: str
    row: int | None = None
    """Line of a list as a spreadsheet numbers it; the header is row 1."""
    column: str = ""

    @classmethod
    def of_row(cls, problem: RowProblem) -> ProblemView:
        """A problem of a list."""
        where = f"row {problem.row}" + (f", column {problem.column}" if problem.column else "")
        return cls(where=where, value=problem.value, reason=problem.reason, row=problem.row, column=problem.column)


class ErrorView(View):
    """Every answer of 400 and above."""

    error: str
    """Stable identifier for machines."""
    message: str
    """For people: what is wrong, where, and how to mend it."""
    problems: list[ProblemView] = Field(default_factory=list)


class Said(View):
    """A sentence in both languages."""

    zh: str
    en: str


# -- visits and calls ----------------------------------------------------------------------------


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


class MarkView(View):
    """What a listener wrote about a recording."""

    id: int
    attempt: str
    at: datetime
    by: str
    text: str
    position_s: float | None
    """Seconds from the start of the recording; null: about all of it."""


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


class WhyView(View):
    """Why a customer has not been called."""

    customer: str
    code: str
    params: dict[str, Any]
    sentence: Said


# -- agents and the day --------------------------------------------------------------------------


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


class LiveCallView(View):
    """A call now."""

    attempt: str
    visit: int
    customer: str
    number: str
    agent: str
    trunk: str
    state: AttemptState
    since: datetime


class TrunkView(View):
    """A trunk now; ``until`` is the end of its pause."""

    name: str
    in_use: int
    channels: int
    state: str
    until: datetime | None


class AlarmView(View):
    """An alarm that is open."""

    key: str
    text: str
    raised_at: datetime


class ProgressAgent(View):
    """An agent at a glance; ``customer`` is who is being called or talked to."""

    number: str
    name: str
    extension: str
    team: str | None
    presence: Presence
    since: datetime | None
    reason: str
    attempt: str | None
    customer: str | None


class ProgressView(View):
    """The day now: counts by state, agents, calls, trunks, alarms."""

    now: datetime
    day: date
    total: int
    visits: dict[str, int]
    """Visits by state."""
    results: dict[str, int]
    """Conversations by what the agents entered."""
    never_called: int
    agents: list[ProgressAgent]
    calls: list[LiveCallView]
    trunks: list[TrunkView]
    alarms: list[AlarmView]
    link_up: bool
    dialling: bool
    paused: str
    """"" or by whom, and why."""
    hours_open: bool
    hours_note: str
    next_change: datetime | None
    rehearsal: bool
    """The gap is shorter than the standard's five minutes."""
    by_hand: int
    """Visits that were done by hand."""
    finished: bool

    @model_validator(mode="before")
    @classmethod
    def _alarms_have_names(cls, value: object) -> object:
        names = [name for name in cls.model_fields if name != "alarms"]
        alarms = [dict(zip(("key", "text", "raised_at"), alarm, strict=True)) for alarm in getattr(value, "alarms", ())]
        return {**{name: getattr(value, name) for name in names}, "alarms": alarms}


# -- notices -------------------------------------------------------------------------------------


class NoticeView(View):
    """A notice in the outbox."""

    id: str
    kind: NoticeKind
    created_at: datetime
    state: NoticeState
    tries: int
    next_try_at: datetime | None
    last_error: str
    delivered_at: datetime | None
    title: Said
    sentence: Said
    body: dict[str, Any]


class BoardNoticeView(View):
    """A notice on the built-in board."""

    id: str
    kind: str
    received_at: datetime
    department: str
    account_manager: str
    acknowledged_at: datetime | None
    acknowledged_by: str
    title: Said
    sentence: Said
    body: dict[str, Any]
