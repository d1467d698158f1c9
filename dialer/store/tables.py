"""The tables. Where a column stands for a field of a dataclass it has the field's name.

A change here needs a new file in ``migrations/versions``; a test compares the two. The triggers
that keep history append-only and ended attempts as they are live in the migrations alone.

Longer than other files because it is one thing: a list of declarations with no logic, which belongs to one
``MetaData`` with foreign keys across all of it, and is compared as a whole with the migrations.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

from dialer.campaign.agent import Presence
from dialer.campaign.attempt import AttemptState
from dialer.campaign.changes import NoticeKind
from dialer.campaign.customer import CARD
from dialer.campaign.disposition import Disposition
from dialer.campaign.link import MAIN_PBX
from dialer.campaign.messages import CallProgress
from dialer.campaign.records import NoticeState, RecordingState
from dialer.campaign.staff import Role
from dialer.campaign.visit import Result, VisitState
from dialer.store.columns import EvidenceJson, ManualCallJson, Pairs, Texts, UtcDateTime, one_of

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# SQLite numbers rows by itself only in a column that is exactly INTEGER.
_ROW_ID = BigInteger().with_variant(Integer, "sqlite")
_ID = String(64)


def _only(where: ColumnElement[bool]) -> dict[str, Any]:
    return {"sqlite_where": where, "postgresql_where": where}


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
    Column("attempt", _ID),
    Column("after_call", one_of(Presence, "after_call")),
    Column("after_reason", Text, nullable=False),
    Column("wrap_until", UtcDateTime),
    _pbx(),
)

visits = Table(
    "visits",
    metadata,
    Column("id", _ROW_ID, primary_key=True, autoincrement=False),
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
    Column("attempt", _ID),
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
Index("ix_visits_unfinished", visits.c.day, **_only(UNFINISHED))
Index("ix_visits_customer", visits.c.customer, visits.c.day)
Index("ix_visits_number", visits.c.number, visits.c.day)

attempts = Table(
    "attempts",
    metadata,
    Column("id", _ID, primary_key=True),
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
Index("uq_attempts_live_number", attempts.c.number, unique=True, **_only(LIVE))
Index("uq_attempts_live_visit", attempts.c.visit, unique=True, **_only(LIVE))
Index("uq_attempts_live_customer", attempts.c.customer, attempts.c.day, unique=True, **_only(LIVE))
Index(
    "uq_attempts_live_agent",
    attempts.c.agent,
    unique=True,
    **_only(and_(LIVE, attempts.c.agent != literal_column("''"))),
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
    Column("id", _ROW_ID, primary_key=True),
    Column("attempt", _ID, nullable=False, comment="No foreign key: a sign of a call not in the books matters most"),
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
    Column("id", _ROW_ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("what", String(40), nullable=False),
    Column("day", Date),
    Column("visit", BigInteger),
    Column("attempt", _ID),
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
Index("uq_alarms_open", alarms.c.key, unique=True, **_only(alarms.c.cleared_at.is_(None)))

orders = Table(
    "orders",
    metadata,
    Column("number", String(80), primary_key=True),
    Column("customer", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("source", String(24), nullable=False),
    Column("attempt", ForeignKey("attempts.id")),
    Column("open_question", Text, nullable=False),
    Column("candidates", Texts, nullable=False),
    Column("quantity", Text, nullable=False),
    Column("amount", Text, nullable=False),
    Column("by", Text, nullable=False),
)
Index("ix_orders_attempt", orders.c.attempt)
Index("ix_orders_customer", orders.c.customer, orders.c.at)
OPEN: ColumnElement[bool] = orders.c.attempt.is_(None) | (orders.c.open_question != literal_column("''"))
Index("ix_orders_open", orders.c.at, **_only(OPEN))

recordings = Table(
    "recordings",
    metadata,
    Column("attempt", ForeignKey("attempts.id"), primary_key=True),
    Column("placed_at", UtcDateTime, nullable=False, comment="Of the attempt, so that retention finds the oldest"),
    Column("state", one_of(RecordingState, "state"), nullable=False),
    Column("taken_in_at", UtcDateTime, nullable=False),
    Column("path", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("duration_s", Float, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("channels", Integer, nullable=False),
    Column("level_agent", Float),
    Column("level_customer", Float),
    Column("faults", Texts, nullable=False),
    Column("hold", Boolean, nullable=False),
    Column("hold_reason", Text, nullable=False),
    Column("deleted_at", UtcDateTime),
)
PLAYABLE: ColumnElement[bool] = recordings.c.state.in_([literal_column("'kept'"), literal_column("'faulty'")])
Index("ix_recordings_playable", recordings.c.placed_at, **_only(PLAYABLE))

recordings_due = Table(
    "recordings_due",
    metadata,
    Column("attempt", ForeignKey("attempts.id"), primary_key=True),
    Column("ended_at", UtcDateTime, nullable=False),
    comment="Ended conversations whose recording has no row yet; kept small so that asking for it is cheap",
)
Index("ix_recordings_due_ended", recordings_due.c.ended_at)

marks = Table(
    "marks",
    metadata,
    Column("id", _ROW_ID, primary_key=True),
    Column("attempt", ForeignKey("recordings.attempt"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("by", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("position_s", Float, comment="From the start of the recording; NULL: about all of it"),
    CheckConstraint("position_s >= 0", name="position"),
)
Index("ix_marks_attempt", marks.c.attempt)

accesses = Table(
    "accesses",
    metadata,
    Column("id", _ROW_ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("attempt", _ID, nullable=False),
    Column("address", Text, nullable=False),
)
Index("ix_accesses_attempt", accesses.c.attempt)
Index("ix_accesses_at", accesses.c.at)

notices = Table(
    "notices",
    metadata,
    Column("id", String(240), primary_key=True, comment="installation id and the key of the fact"),
    Column("kind", one_of(NoticeKind, "kind"), nullable=False),
    Column("visit", ForeignKey("visits.id")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("body", JSON, nullable=False),
    Column("state", one_of(NoticeState, "state"), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("tried_at", UtcDateTime, comment="The last try, whatever came of it"),
    Column("next_try_at", UtcDateTime),
    Column("last_error", Text, nullable=False),
    Column("delivered_at", UtcDateTime),
    CheckConstraint("(state = 'pending') = (next_try_at IS NOT NULL)", name="next_try"),
)
PENDING: ColumnElement[bool] = notices.c.state == literal_column("'pending'")
Index("ix_notices_due", notices.c.next_try_at, **_only(PENDING))
Index("ix_notices_state", notices.c.state, notices.c.created_at)
Index("ix_notices_created", notices.c.created_at)
Index("ix_notices_visit", notices.c.visit)

board = Table(
    "board",
    metadata,
    Column("id", String(240), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("department", Text, nullable=False),
    Column("account_manager", Text, nullable=False),
    Column("body", JSON, nullable=False),
    Column("acknowledged_at", UtcDateTime),
    Column("acknowledged_by", Text, nullable=False),
)
OPEN_ON_BOARD: ColumnElement[bool] = board.c.acknowledged_at.is_(None)
Index("ix_board_open", board.c.department, board.c.account_manager, **_only(OPEN_ON_BOARD))
Index("ix_board_received", board.c.received_at)
Index("ix_board_department", board.c.department, board.c.received_at)
Index("ix_board_account_manager", board.c.account_manager, board.c.received_at)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the token"),
    Column("name", String(120), nullable=False),
    Column("scopes", Texts, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)
Index("uq_tokens_name", tokens.c.name, unique=True, **_only(tokens.c.revoked_at.is_(None)))

staff = Table(
    "staff",
    metadata,
    Column("number", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", one_of(Role, "role"), nullable=False),
    Column("password", Text, nullable=False, comment="argon2 hash"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("password_changed_at", UtcDateTime, nullable=False),
    Column("team", Text),
    Column("language", String(2), nullable=False),
    Column("recordings", Boolean, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("must_change", Boolean, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the token"),
    Column("staff", ForeignKey("staff.number"), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("address", Text, nullable=False),
    Column("user_agent", Text, nullable=False),
    Column("revoked_at", UtcDateTime),
)
Index("ix_sessions_staff", sessions.c.staff, sessions.c.last_seen)
Index("ix_sessions_seen", sessions.c.last_seen)

sign_in_tries = Table(
    "sign_in_tries",
    metadata,
    Column("id", _ROW_ID, primary_key=True),
    Column("key", String(120), nullable=False, comment="An account or an address"),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_sign_in_tries_key", sign_in_tries.c.key, sign_in_tries.c.at)
Index("ix_sign_in_tries_at", sign_in_tries.c.at)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", _ROW_ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", String(24), nullable=False),
    Column("what", String(120), nullable=False),
    Column("target", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("details", JSON, nullable=False),
)
Index("ix_audit_log_at", audit_log.c.at)
Index("ix_audit_log_who", audit_log.c.who, audit_log.c.at)
Index("ix_audit_log_target", audit_log.c.target, audit_log.c.at)

remarks = Table(
    "remarks",
    metadata,
    Column("attempt", ForeignKey("attempts.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("by", String(40), nullable=False, comment="Staff number"),
    Column("at", UtcDateTime, nullable=False),
)
