"""The day: visits, attempts, agents, their history.

Written once and never edited after a release: a later change is a later file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import one_of, only, row_id, texts, utc

revision = "0001"
down_revision = None

CARD = (
    "shop_name", "person", "address", "licence", "category", "settlement", "quota", "account_manager", "department",
    "phone", "last_order", "remarks",
)  # fmt: skip
PRESENCES = ("signed_out", "ready", "ringing", "on_call", "wrap_up", "paused")
DISPOSITIONS = (
    "connected", "abandoned", "no_answer", "busy", "declined", "unreachable", "invalid_number", "congestion",
    "our_fault", "cancelled", "unknown",
)  # fmt: skip
SIGNS = (
    "ringing", "progress", "answered", "agent_ringing", "connected", "agent_missed", "dialled", "responded", "hung_up",
    "refused", "unsent",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "facts",
        sa.Column("name", sa.String(length=40), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
        comment="What holds for the whole database: its installation id",
    )
    op.create_table(
        "flags",
        sa.Column("name", sa.String(length=120), primary_key=True),
        sa.Column("value", sa.Text(), nullable=False),
    )
    op.create_table(
        "calendar",
        sa.Column("day", sa.Date(), primary_key=True),
        sa.Column(
            "working",
            sa.Boolean(),
            nullable=True,
            comment="NULL: a person made it an ordinary day; the seed stays away",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False, comment="seed or edited"),
        sa.CheckConstraint("source IN ('seed', 'edited')", name=op.f("ck_calendar_source")),
    )
    op.create_table(
        "agents",
        sa.Column("number", sa.String(length=40), primary_key=True),
        *texts("name", "extension"),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("presence", one_of(*PRESENCES, name="presence"), nullable=False),
        sa.Column("since", utc(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("attempt", sa.String(length=64), nullable=True),
        sa.Column("after_call", one_of(*PRESENCES, name="after_call"), nullable=True),
        sa.Column("after_reason", sa.Text(), nullable=False),
        sa.Column("wrap_until", utc(), nullable=True),
    )
    op.create_table(
        "visits",
        sa.Column("id", row_id(), autoincrement=False, primary_key=True),
        sa.Column("day", sa.Date(), nullable=False),
        *texts("list_name", "customer"),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column(
            "state",
            one_of(
                "waiting", "calling", "reached", "unreached", "invalid_number", "withdrawn", "out_of_time", name="state"
            ),
            nullable=False,
        ),
        sa.Column("due", utc(), nullable=True),
        sa.Column("promised", utc(), nullable=True),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.String(length=64), nullable=True),
        sa.Column("ended_at", utc(), nullable=True),
        sa.Column("last", sa.String(length=24), nullable=False),
        sa.Column(
            "result",
            one_of(
                "ordered", "not_needed", "later", "wrong_number", "refused", "not_understood", "feedback", name="result"
            ),
            nullable=True,
        ),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        *texts("reason", *CARD),
        sa.Column("extra", sa.JSON(), nullable=False),
        sa.CheckConstraint("state <> 'calling' OR attempt IS NOT NULL", name=op.f("ck_visits_calling")),
        sa.CheckConstraint("counted <= attempts", name=op.f("ck_visits_counted")),
        sa.CheckConstraint("round >= 1 AND counted >= 0 AND failures >= 0", name=op.f("ck_visits_numbers")),
    )
    op.create_index("ix_visits_customer", "visits", ["customer", "day"], unique=False)
    op.create_index("ix_visits_list", "visits", ["day", "list_name", "order"], unique=False)
    op.create_index("ix_visits_number", "visits", ["number", "day"], unique=False)
    op.create_index("ix_visits_unfinished", "visits", ["day"], unique=False, **only("state IN ('waiting', 'calling')"))
    op.create_table(
        "attempts",
        sa.Column("id", sa.String(length=64), primary_key=True),
        sa.Column("visit", row_id(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("trunk", sa.Text(), nullable=False),
        sa.Column("agent", sa.String(length=40), nullable=False),
        sa.Column("placed_at", utc(), nullable=False),
        sa.Column(
            "state",
            one_of("placed", "ringing", "answered", "connected", "unknown", "ended", name="state"),
            nullable=False,
        ),
        sa.Column("ringing_at", utc(), nullable=True),
        sa.Column("answered_at", utc(), nullable=True),
        sa.Column("connected_at", utc(), nullable=True),
        sa.Column("ended_at", utc(), nullable=True),
        sa.Column("disposition", one_of(*DISPOSITIONS, name="disposition"), nullable=True),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("result", sa.String(length=24), nullable=True),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.CheckConstraint(
            "state <> 'ended' OR (ended_at IS NOT NULL AND disposition IS NOT NULL)", name=op.f("ck_attempts_ended")
        ),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_attempts_seq")),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"], name=op.f("fk_attempts_visit")),
        sa.UniqueConstraint("visit", "seq", name=op.f("uq_attempts_visit_seq")),
    )
    op.create_index("ix_attempts_agent", "attempts", ["agent", "placed_at"], unique=False)
    op.create_index("ix_attempts_customer", "attempts", ["customer", "placed_at"], unique=False)
    op.create_index("ix_attempts_day", "attempts", ["day", "placed_at"], unique=False)
    op.create_index("ix_attempts_disposition", "attempts", ["disposition", "placed_at"], unique=False)
    op.create_index("ix_attempts_ended", "attempts", ["ended_at", "number"], unique=False)
    op.create_index("ix_attempts_number", "attempts", ["number", "placed_at"], unique=False)
    op.create_index("ix_attempts_time", "attempts", ["placed_at", "id"], unique=False)
    op.create_index(
        "uq_attempts_live_agent", "attempts", ["agent"], unique=True, **only("state != 'ended' AND agent != ''")
    )
    op.create_index(
        "uq_attempts_live_customer", "attempts", ["customer", "day"], unique=True, **only("state != 'ended'")
    )
    op.create_index("uq_attempts_live_number", "attempts", ["number"], unique=True, **only("state != 'ended'"))
    op.create_index("uq_attempts_live_visit", "attempts", ["visit"], unique=True, **only("state != 'ended'"))
    op.create_table(
        "call_events",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column(
            "attempt",
            sa.String(length=64),
            nullable=False,
            comment="No foreign key: a sign of a call not in the books matters most",
        ),
        sa.Column("sign", one_of(*SIGNS, name="sign"), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.Column("cause", sa.Integer(), nullable=True),
        sa.Column("sip", sa.Integer(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
    )
    op.create_index("ix_call_events_attempt", "call_events", ["attempt"], unique=False)
    op.create_table(
        "history",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("at", utc(), nullable=False),
        sa.Column("what", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("visit", sa.BigInteger(), nullable=True),
        sa.Column("attempt", sa.String(length=64), nullable=True),
        sa.Column("agent", sa.String(length=40), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_index("ix_history_at", "history", ["at"], unique=False)
    op.create_index("ix_history_visit", "history", ["visit"], unique=False)
    op.create_table(
        "alarms",
        sa.Column("key", sa.String(length=200), primary_key=True),
        sa.Column("raised_at", utc(), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("cleared_at", utc(), nullable=True),
    )
    op.create_index("uq_alarms_open", "alarms", ["key"], unique=True, **only("cleared_at IS NULL"))
