"""What comes of calls: orders, recordings with what was said of them, notices, the board."""

from __future__ import annotations

import sqlalchemy as sa

from dialer.campaign.changes import NoticeKind
from dialer.campaign.model.recording import RecordingState
from dialer.notices.outbox import NoticeState
from dialer.people.ticks import Matter
from dialer.store.schema.columns import ID, ROW_ID, Texts, UtcDateTime, metadata, one_of, only, several

orders = sa.Table(
    "orders",
    metadata,
    sa.Column("number", sa.String(80), primary_key=True),
    sa.Column("customer", sa.Text, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("source", sa.String(24), nullable=False),
    sa.Column("attempt", sa.ForeignKey("attempts.id")),
    sa.Column("open_question", sa.Text, nullable=False),
    sa.Column("candidates", Texts, nullable=False),
    *several(sa.Text, "quantity", "amount", "by"),
)
sa.Index("ix_orders_attempt", orders.c.attempt)
sa.Index("ix_orders_customer", orders.c.customer, orders.c.at)
OPEN: sa.ColumnElement[bool] = orders.c.attempt.is_(None) | (orders.c.open_question != sa.literal_column("''"))
sa.Index("ix_orders_open", orders.c.at, **only(OPEN))

recordings = sa.Table(
    "recordings",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempts.id"), primary_key=True),
    sa.Column("placed_at", UtcDateTime, nullable=False, comment="Of the attempt, so that retention finds the oldest"),
    sa.Column("state", one_of(RecordingState, "state"), nullable=False),
    sa.Column("taken_in_at", UtcDateTime, nullable=False),
    sa.Column("path", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("duration_s", sa.Float, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("channels", sa.Integer, nullable=False),
    *several(sa.Float, "level_agent", "level_customer", nullable=True),
    sa.Column("faults", Texts, nullable=False),
    sa.Column("hold", sa.Boolean, nullable=False),
    sa.Column("hold_reason", sa.Text, nullable=False),
    sa.Column("deleted_at", UtcDateTime),
)
PLAYABLE: sa.ColumnElement[bool] = recordings.c.state.in_([sa.literal_column("'kept'"), sa.literal_column("'faulty'")])
sa.Index("ix_recordings_playable", recordings.c.placed_at, **only(PLAYABLE))

recordings_due = sa.Table(
    "recordings_due",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempts.id"), primary_key=True),
    sa.Column("ended_at", UtcDateTime, nullable=False),
    comment="Ended conversations whose recording has no row yet; kept small so that asking for it is cheap",
)
sa.Index("ix_recordings_due_ended", recordings_due.c.ended_at)

marks = sa.Table(
    "marks",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("attempt", sa.ForeignKey("recordings.attempt"), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    *several(sa.Text, "by", "text"),
    sa.Column("position_s", sa.Float, comment="From the start of the recording; NULL: about all of it"),
    sa.CheckConstraint("position_s >= 0", name="position"),
)
sa.Index("ix_marks_attempt", marks.c.attempt)

accesses = sa.Table(
    "accesses",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    *several(sa.Text, "who", "what"),
    sa.Column("attempt", ID, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
)
sa.Index("ix_accesses_attempt", accesses.c.attempt)
sa.Index("ix_accesses_at", accesses.c.at)

remarks = sa.Table(
    "remarks",
    metadata,
    sa.Column("attempt", sa.ForeignKey("attempts.id"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("by", sa.String(40), nullable=False, comment="Staff number"),
    sa.Column("at", UtcDateTime, nullable=False),
)

ticks = sa.Table(
    "ticks",
    metadata,
    sa.Column("visit", sa.ForeignKey("visits.id"), primary_key=True),
    sa.Column("matter", one_of(Matter, "matter"), primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)

notices = sa.Table(
    "notices",
    metadata,
    sa.Column("id", sa.String(240), primary_key=True, comment="installation id and the key of the fact"),
    sa.Column("kind", one_of(NoticeKind, "kind"), nullable=False),
    sa.Column("visit", sa.ForeignKey("visits.id")),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("state", one_of(NoticeState, "state"), nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("tried_at", UtcDateTime, comment="The last try, whatever came of it"),
    sa.Column("next_try_at", UtcDateTime),
    sa.Column("last_error", sa.Text, nullable=False),
    sa.Column("delivered_at", UtcDateTime),
    sa.CheckConstraint("(state = 'pending') = (next_try_at IS NOT NULL)", name="next_try"),
)
PENDING: sa.ColumnElement[bool] = notices.c.state == sa.literal_column("'pending'")
sa.Index("ix_notices_due", notices.c.next_try_at, **only(PENDING))
sa.Index("ix_notices_state", notices.c.state, notices.c.created_at)
sa.Index("ix_notices_created", notices.c.created_at)
sa.Index("ix_notices_visit", notices.c.visit)

board = sa.Table(
    "board",
    metadata,
    sa.Column("id", sa.String(240), primary_key=True),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False),
    *several(sa.Text, "department", "account_manager"),
    sa.Column("body", sa.JSON, nullable=False),
    sa.Column("acknowledged_at", UtcDateTime),
    sa.Column("acknowledged_by", sa.Text, nullable=False),
)
OPEN_ON_BOARD: sa.ColumnElement[bool] = board.c.acknowledged_at.is_(None)
sa.Index("ix_board_open", board.c.department, board.c.account_manager, **only(OPEN_ON_BOARD))
sa.Index("ix_board_received", board.c.received_at)
sa.Index("ix_board_department", board.c.department, board.c.received_at)
sa.Index("ix_board_account_manager", board.c.account_manager, board.c.received_at)
