"""What comes of calls: orders, recordings with what was said of them, notices, the board."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    literal_column,
)

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.recording import RecordingState
from dialer.notices.outbox import NoticeState
from dialer.store.schema.columns import ID, ROW_ID, Texts, UtcDateTime, metadata, one_of, only

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
Index("ix_orders_open", orders.c.at, **only(OPEN))

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
Index("ix_recordings_playable", recordings.c.placed_at, **only(PLAYABLE))

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
    Column("id", ROW_ID, primary_key=True),
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
    Column("id", ROW_ID, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("attempt", ID, nullable=False),
    Column("address", Text, nullable=False),
)
Index("ix_accesses_attempt", accesses.c.attempt)
Index("ix_accesses_at", accesses.c.at)

remarks = Table(
    "remarks",
    metadata,
    Column("attempt", ForeignKey("attempts.id"), primary_key=True),
    Column("text", Text, nullable=False),
    Column("by", String(40), nullable=False, comment="Staff number"),
    Column("at", UtcDateTime, nullable=False),
)

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
Index("ix_notices_due", notices.c.next_try_at, **only(PENDING))
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
Index("ix_board_open", board.c.department, board.c.account_manager, **only(OPEN_ON_BOARD))
Index("ix_board_received", board.c.received_at)
Index("ix_board_department", board.c.department, board.c.received_at)
Index("ix_board_account_manager", board.c.account_manager, board.c.received_at)
