"""The day's work: agents, visits, attempts with their evidence, history; what holds for the whole database.

Where a column stands for a field of a dataclass it has the field's name. A change here needs a new file in
``migrations/versions``; a test compares the two. The triggers that keep history append-only and ended attempts as they
are live in the migrations alone.
"""

from __future__ import annotations

import sqlalchemy as sa

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.customer import CARD
from dialer.campaign.model.evidence import Disposition, Side
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.visit import Result, VisitState, WithdrawnBy
from dialer.store.schema.columns import (
    ID,
    ROW_ID,
    EvidenceJson,
    ManualCallJson,
    ManualCallsJson,
    Pairs,
    UtcDateTime,
    metadata,
    one_of,
    only,
    several,
)


def _pbx() -> sa.Column[str]:
    return sa.Column("pbx", sa.String(40), nullable=False, server_default=MAIN_PBX)


facts = sa.Table(
    "facts",
    metadata,
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    comment="What holds for the whole database: its installation id",
)

flags = sa.Table(
    "flags",
    metadata,
    sa.Column("name", sa.String(120), primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

calendar = sa.Table(
    "calendar",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("working", sa.Boolean, comment="NULL: a person made it an ordinary day; the seed stays away"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("source", sa.String(16), nullable=False, comment="seed or edited"),
    sa.CheckConstraint("source IN ('seed', 'edited')", name="source"),
)

agents = sa.Table(
    "agents",
    metadata,
    sa.Column("number", sa.String(40), primary_key=True),
    *several(sa.Text, "name", "extension"),
    sa.Column("team", sa.Text),
    sa.Column("presence", one_of(Presence, "presence"), nullable=False),
    sa.Column("since", UtcDateTime),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("attempt", ID),
    sa.Column("after_call", one_of(Presence, "after_call")),
    sa.Column("after_reason", sa.Text, nullable=False),
    sa.Column("wrap_until", UtcDateTime),
    _pbx(),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True, autoincrement=False),
    sa.Column("day", sa.Date, nullable=False),
    *several(sa.Text, "list_name", "customer"),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("order", sa.Integer, nullable=False),
    sa.Column("agent", sa.String(40)),
    sa.Column("team", sa.Text),
    sa.Column("state", one_of(VisitState, "state"), nullable=False),
    *several(UtcDateTime, "due", "promised", nullable=True),
    sa.Column("first", sa.Boolean, nullable=False),
    *several(sa.Integer, "round", "counted", "attempts", "failures"),
    sa.Column("attempt", ID),
    sa.Column("ended_at", UtcDateTime),
    sa.Column("last", sa.String(24), nullable=False),
    sa.Column("result", one_of(Result, "result")),
    *several(sa.Boolean, "shared", "doubtful"),
    sa.Column("withdrawn_by", one_of(WithdrawnBy)),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("put_back", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("called_as", sa.Text, nullable=False),
    sa.Column("hand", ManualCallJson),
    sa.Column("hand_before", ManualCallsJson),
    *(sa.Column(each.name, sa.Text, nullable=False) for each in CARD if each.name != "code"),
    sa.Column("extra", Pairs, nullable=False),
    sa.CheckConstraint("round >= 1 AND counted >= 0 AND failures >= 0", name="numbers"),
    sa.CheckConstraint("counted <= attempts", name="counted"),
    sa.CheckConstraint("state <> 'calling' OR attempt IS NOT NULL", name="calling"),
)
sa.Index("ix_visits_list", visits.c.day, visits.c.list_name, visits.c.order)
UNFINISHED: sa.ColumnElement[bool] = visits.c.state.in_(
    [sa.literal_column("'waiting'"), sa.literal_column("'calling'")]
)
sa.Index("ix_visits_unfinished", visits.c.day, **only(UNFINISHED))
sa.Index("ix_visits_customer", visits.c.customer, visits.c.day)
sa.Index("ix_visits_number", visits.c.number, visits.c.day)

attempts = sa.Table(
    "attempts",
    metadata,
    sa.Column("id", ID, primary_key=True),
    sa.Column("visit", sa.ForeignKey("visits.id"), nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    *several(sa.Integer, "seq", "round"),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("number", sa.String(40), nullable=False),
    sa.Column("trunk", sa.Text, nullable=False),
    sa.Column("agent", sa.String(40), nullable=False),
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("state", one_of(AttemptState, "state"), nullable=False),
    *several(UtcDateTime, "ringing_at", "answered_at", "connected_at", "transferred_at", nullable=True),
    *several(UtcDateTime, "ended_at", "gap_from", nullable=True),
    sa.Column("transferred_to", sa.Text, nullable=False),
    sa.Column("disposition", one_of(Disposition, "disposition")),
    sa.Column("counts", sa.Boolean, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("result", sa.String(24)),
    sa.Column("evidence", EvidenceJson, nullable=False),
    _pbx(),
    sa.Column("hung_up_by", one_of(Side)),
    sa.UniqueConstraint("visit", "seq"),
    sa.CheckConstraint("seq >= 1", name="seq"),
    sa.CheckConstraint("state <> 'ended' OR (ended_at IS NOT NULL AND disposition IS NOT NULL)", name="ended"),
)
# Written out in the statement, not bound: only then does SQLite see that a partial index fits.
LIVE: sa.ColumnElement[bool] = attempts.c.state != sa.literal_column("'ended'")
TALKED: sa.ColumnElement[bool] = attempts.c.connected_at.is_not(None) | (
    attempts.c.disposition == sa.literal_column("'connected'")
)
UNSAID: sa.ColumnElement[bool] = TALKED & attempts.c.ended_at.is_not(None) & attempts.c.result.is_(None)
"""A conversation that is over and has no result yet."""
sa.Index("uq_attempts_live_number", attempts.c.number, unique=True, **only(LIVE))
sa.Index("uq_attempts_live_visit", attempts.c.visit, unique=True, **only(LIVE))
sa.Index("uq_attempts_live_customer", attempts.c.customer, unique=True, **only(LIVE))
sa.Index(
    "uq_attempts_live_agent",
    attempts.c.agent,
    unique=True,
    **only(sa.and_(LIVE, attempts.c.agent != sa.literal_column("''"), attempts.c.transferred_at.is_(None))),
)
sa.Index("ix_attempts_time", attempts.c.placed_at, attempts.c.id)
sa.Index("ix_attempts_day", attempts.c.day, attempts.c.placed_at)
sa.Index("ix_attempts_agent", attempts.c.agent, attempts.c.placed_at)
sa.Index("ix_attempts_customer", attempts.c.customer, attempts.c.placed_at)
sa.Index("ix_attempts_number", attempts.c.number, attempts.c.placed_at)
sa.Index("ix_attempts_disposition", attempts.c.disposition, attempts.c.placed_at)
sa.Index("ix_attempts_unsaid", attempts.c.day, attempts.c.placed_at, **only(UNSAID))
sa.Index("ix_attempts_gap", attempts.c.gap_from, attempts.c.number)
sa.Index("ix_attempts_ended", attempts.c.ended_at, attempts.c.number)

call_events = sa.Table(
    "call_events",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("attempt", ID, nullable=False, comment="No foreign key: a sign of a call not in the books matters most"),
    sa.Column("sign", one_of(CallProgress, "sign"), key="progress", nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    *several(sa.Integer, "cause", "sip", nullable=True),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("reason", sa.Integer),
    sa.Column("text", sa.Text, nullable=False),
    _pbx(),
)
sa.Index("ix_call_events_attempt", call_events.c.attempt)

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("what", sa.String(40), nullable=False),
    sa.Column("day", sa.Date),
    sa.Column("visit", sa.BigInteger),
    sa.Column("attempt", ID),
    sa.Column("agent", sa.String(40)),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("details", sa.JSON, nullable=False),
)
sa.Index("ix_history_visit", history.c.visit)
sa.Index("ix_history_at", history.c.at)

alarms = sa.Table(
    "alarms",
    metadata,
    sa.Column("key", sa.String(200), primary_key=True),
    sa.Column("raised_at", UtcDateTime, primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("cleared_at", UtcDateTime),
)
sa.Index("uq_alarms_open", alarms.c.key, unique=True, **only(alarms.c.cleared_at.is_(None)))
