"""The books: orders, recordings, notices, the board, tokens.

Written once and never edited after a release: a later change is a later file.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import one_of, only, row_id, texts, utc

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "orders",
        sa.Column("number", sa.String(length=80), primary_key=True),
        sa.Column("customer", sa.Text(), nullable=False),
        sa.Column("at", utc(), nullable=False),
        sa.Column("source", sa.String(length=24), nullable=False),
        sa.Column("attempt", sa.String(length=64), sa.ForeignKey("attempts.id"), nullable=True),
        sa.Column("open_question", sa.Text(), nullable=False),
        sa.Column("candidates", sa.JSON(), nullable=False),
        *texts("quantity", "amount", "by"),
    )
    op.create_index("ix_orders_attempt", "orders", ["attempt"], unique=False)
    op.create_index("ix_orders_customer", "orders", ["customer", "at"], unique=False)
    op.create_index("ix_orders_open", "orders", ["at"], unique=False, **only("attempt IS NULL OR open_question != ''"))
    op.create_table(
        "recordings",
        sa.Column("attempt", sa.String(length=64), sa.ForeignKey("attempts.id"), primary_key=True),
        sa.Column("placed_at", utc(), nullable=False, comment="Of the attempt, so that retention finds the oldest"),
        sa.Column("state", one_of("kept", "faulty", "missing", "deleted", name="state"), nullable=False),
        sa.Column("taken_in_at", utc(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("duration_s", sa.Float(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("level_agent", sa.Float(), nullable=True),
        sa.Column("level_customer", sa.Float(), nullable=True),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("hold", sa.Boolean(), nullable=False),
        sa.Column("hold_reason", sa.Text(), nullable=False),
        sa.Column("deleted_at", utc(), nullable=True),
    )
    op.create_index(
        "ix_recordings_playable", "recordings", ["placed_at"], unique=False, **only("state IN ('kept', 'faulty')")
    )
    op.create_table(
        "recordings_due",
        sa.Column("attempt", sa.String(length=64), sa.ForeignKey("attempts.id"), primary_key=True),
        sa.Column("ended_at", utc(), nullable=False),
        comment="Ended conversations whose recording has no row yet; kept small so that asking for it is cheap",
    )
    op.create_index("ix_recordings_due_ended", "recordings_due", ["ended_at"], unique=False)
    op.create_table(
        "accesses",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("at", utc(), nullable=False),
        *texts("who", "what"),
        sa.Column("attempt", sa.String(length=64), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
    )
    op.create_index("ix_accesses_at", "accesses", ["at"], unique=False)
    op.create_index("ix_accesses_attempt", "accesses", ["attempt"], unique=False)
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=240), primary_key=True, comment="installation id and the key of the fact"),
        sa.Column(
            "kind",
            one_of("unreached", "invalid_number", "out_of_time", "late_start", "feedback", "alarm", name="kind"),
            nullable=False,
        ),
        sa.Column("visit", row_id(), nullable=True),
        sa.Column("created_at", utc(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("state", one_of("pending", "delivered", "dead", name="state"), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", utc(), nullable=True, comment="The last try, whatever came of it"),
        sa.Column("next_try_at", utc(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=False),
        sa.Column("delivered_at", utc(), nullable=True),
        sa.CheckConstraint("(state = 'pending') = (next_try_at IS NOT NULL)", name=op.f("ck_notices_next_try")),
        sa.ForeignKeyConstraint(["visit"], ["visits.id"], name=op.f("fk_notices_visit")),
    )
    op.create_index("ix_notices_created", "notices", ["created_at"], unique=False)
    op.create_index("ix_notices_due", "notices", ["next_try_at"], unique=False, **only("state = 'pending'"))
    op.create_index("ix_notices_state", "notices", ["state", "created_at"], unique=False)
    op.create_index("ix_notices_visit", "notices", ["visit"], unique=False)
    op.create_table(
        "board",
        sa.Column("id", sa.String(length=240), primary_key=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("received_at", utc(), nullable=False),
        *texts("department", "account_manager"),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("acknowledged_at", utc(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=False),
    )
    op.create_index("ix_board_account_manager", "board", ["account_manager", "received_at"], unique=False)
    op.create_index("ix_board_department", "board", ["department", "received_at"], unique=False)
    op.create_index("ix_board_received", "board", ["received_at"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("digest", sa.String(length=64), primary_key=True, comment="SHA-256 of the token"),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", utc(), nullable=False),
        sa.Column("revoked_at", utc(), nullable=True),
    )
    op.create_index("uq_tokens_name", "tokens", ["name"], unique=True, **only("revoked_at IS NULL"))
