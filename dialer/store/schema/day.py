"""The day's work: agents, visits, attempts with their evidence, history; what holds for the whole database.

Where a column stands for a field of a dataclass it has the field's name. A change here needs a new file in
``migrations/versions``; a test compares the two. The triggers that keep history append-only and ended attempts as they
are live in the migrations alone.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from dialer.campaign.messages import CallProgress
from dialer.campaign.model.agent import Presence
from dialer.campaign.model.attempt import AttemptState
from dialer.campaign.model.customer import CARD
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.link import MAIN_PBX
from dialer.campaign.model.visit import Result, VisitState
from dialer.store.schema.columns import (
    ID,
    ROW_ID,
    EvidenceJson,
    ManualCallJson,
    Pairs,
    UtcDateTime,
    metadata,
    one_of,
    only,
)


def _pbx() -> Column[str]:
    return Column("pbx", String(40), nullable=False, server_default=MAIN_PBX)


facts = Table(
    "facts",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", Text, nullable=False),
    comment="What holds for the whole database: its installation id",
)

flags = Table(
    "flags",
    metadata,
    Column("name", String(120), primary_key=True),
    Column("value", Text, nullable=False),
)

calendar = Table(
    "calendar",
    metadata,
    Column("day", Date, primary_key=True),
    Column("working", Boolean, comment="NULL: a person made it an ordinary day; the seed stays away"),
    Column("name", Text, nullable=False),
    Column("source", String(16), nullable=False, comment="seed or edited"),
    CheckConstraint("source IN ('seed', 'edited')", name="source"),
)

agents = Table(
    "agents",
    metadata,
    Column("number", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("extension", Text, nullable=False),
    Column("team", Text),
    Column("presence", one_of(Presence, "presence"), nullable=False),
    Column("since", UtcDateTime),
    Column("reason", Text, nullable=False),
    Column("attempt", ID),
    Column("after_call", one_of(Presence, "after_call")),
    Column("after_reason", Text, nullable=False),
    Column("wrap_until", UtcDateTime),
    _pbx(),
)

visits = Table(
    "visits",
    metadata,
    Column("id", ROW_ID, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("list_name", Text, nullable=False),
    Column("customer", Text, nullable=False),
    Column("number", String(40), nullable=False),
    Column("order", Integer, nullable=False),
    Column("agent", String(40)),
    Column("team", Text),
    Column("state", one_of(VisitState, "state"), nullable=False),
    Column("due", UtcDateTime),
    Column("promised", UtcDateTime),
    Column("first", Boolean, nullable=False),
    Column("round", Integer, nullable=False),
    Column("counted", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("attempt", ID),
    Column("ended_at", UtcDateTime),
    Column("last", String(24), nullable=False),
    Column("result", one_of(Result, "result")),
    Column("shared", Boolean, nullable=False),
    Column("doubtful", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("hand", ManualCallJson),
    *(Column(each.name, Text, nullable=False) for each in CARD if each.name != "code"),
    Column("extra", Pairs, nullable=False),
    CheckConstraint("round >= 1 AND counted >= 0 AND failures >= 0", name="numbers"),
    CheckConstraint("counted <= attempts", name="counted"),
    CheckConstraint("state <> 'calling' OR attempt IS NOT NULL", name="calling"),
)
Index("ix_visits_list", visits.c.day, visits.c.list_name, visits.c.order)
UNFINISHED: ColumnElement[bool] = visits.c.state.in_([literal_column("'waiting'"), literal_column("'calling'")])
Index("ix_visits_unfinished", visits.c.day, **only(UNFINISHED))
Index("ix_visits_customer", visits.c.customer, visits.c.day)
Index("ix_visits_number", visits.c.number, visits.c.day)

attempts = Table(
    "attempts",
    metadata,
    Column("id", ID, primary_key=True),
    Column("visit", ForeignKey("visits.id"), nullable=False),
    Column("day", Date, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("customer", Text, nullable=False),
    Column("number", String(40), nullable=False),
    Column("trunk", Text, nullable=False),
    Column("agent", String(40), nullable=False),
    Column("placed_at", UtcDateTime, nullable=False),
    Column("state", one_of(AttemptState, "state"), nullable=False),
    Column("ringing_at", UtcDateTime),
    Column("answered_at", UtcDateTime),
    Column("connected_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("disposition", one_of(Disposition, "disposition")),
    Column("counts", Boolean, nullable=False),
    Column("source", Text, nullable=False),
    Column("result", String(24)),
    Column("evidence", EvidenceJson, nullable=False),
    _pbx(),
    UniqueConstraint("visit", "seq"),
    CheckConstraint("seq >= 1", name="seq"),
    CheckConstraint("state <> 'ended' OR (ended_at IS NOT NULL AND disposition IS NOT NULL)", name="ended"),
)
# Written out in the statement, not bound: only then does SQLite see that a partial index fits.
LIVE: ColumnElement[bool] = attempts.c.state != literal_column("'ended'")
TALKED: ColumnElement[bool] = attempts.c.connected_at.is_not(None) | (
    attempts.c.disposition == literal_column("'connected'")
)
Index("uq_attempts_live_number", attempts.c.number, unique=True, **only(LIVE))
Index("uq_attempts_live_visit", attempts.c.visit, unique=True, **only(LIVE))
Index("uq_attempts_live_customer", attempts.c.customer, attempts.c.day, unique=True, **only(LIVE))
Index(
    "uq_attempts_live_agent",
    attempts.c.agent,
    unique=True,
    **only(and_(LIVE, attempts.c.agent != literal_column("''"))),
)
Index("ix_attempts_time", attempts.c.placed_at, attempts.c.id)
Index("ix_attempts_day", attempts.c.day, attempts.c.placed_at)
Index("ix_attempts_agent", attempts.c.agent, attempts.c.placed_at)
Index("ix_attempts_customer", attempts.c.customer, attempts.c.placed_at)
Index("ix_attempts_number", attempts.c.number, attempts.c.placed_at)
Index("ix_attempts_disposition", attempts.c.disposition, attempts.c.placed_at)
Index("ix_attempts_ended", attempts.c.ended_at, attempts.c.number)

call_events = Table(
    "call_events",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("attempt", ID, nullable=False, comment="No foreign key: a sign of a call not in the books matters most"),
    Column("sign", one_of(CallProgress, "sign"), key="progress", nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("cause", Integer),
    Column("sip", Integer),
    Column("status", Text, nullable=False),
    Column("reason", Integer),
    Column("text", Text, nullable=False),
    _pbx(),
)
Index("ix_call_events_attempt", call_events.c.attempt)

history = Table(
    "history",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(40), nullable=False),
    Column("day", Date),
    Column("visit", BigInteger),
    Column("attempt", ID),
    Column("agent", String(40)),
    Column("by", Text, nullable=False),
    Column("details", JSON, nullable=False),
)
Index("ix_history_visit", history.c.visit)
Index("ix_history_at", history.c.at)

alarms = Table(
    "alarms",
    metadata,
    Column("key", String(200), primary_key=True),
    Column("raised_at", UtcDateTime, primary_key=True),
    Column("text", Text, nullable=False),
    Column("cleared_at", UtcDateTime),
)
Index("uq_alarms_open", alarms.c.key, unique=True, **only(alarms.c.cleared_at.is_(None)))
