"""People: accounts, sessions, tries at passwords, and the audit log, which is append-only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from dialer.store.migrations.made_of import one_of, refuse, row_id, texts, utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "staff",
        sa.Column("number", sa.String(length=32), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", one_of("agent", "team_leader", "supervisor", "administrator", name="role"), nullable=False),
        sa.Column("password", sa.Text(), nullable=False, comment="argon2 hash"),
        sa.Column("created_at", utc(), nullable=False),
        sa.Column("password_changed_at", utc(), nullable=False),
        sa.Column("team", sa.Text(), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("recordings", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(length=64), primary_key=True, comment="SHA-256 of the token"),
        sa.Column("staff", sa.String(length=32), sa.ForeignKey("staff.number"), nullable=False),
        sa.Column("created_at", utc(), nullable=False),
        sa.Column("last_seen", utc(), nullable=False),
        sa.Column("expires_at", utc(), nullable=False),
        *texts("address", "user_agent"),
        sa.Column("revoked_at", utc(), nullable=True),
    )
    op.create_index("ix_sessions_staff", "sessions", ["staff", "last_seen"], unique=False)
    op.create_index("ix_sessions_seen", "sessions", ["last_seen"], unique=False)
    op.create_table(
        "sign_in_tries",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("key", sa.String(length=120), nullable=False, comment="An account or an address"),
        sa.Column("at", utc(), nullable=False),
    )
    op.create_index("ix_sign_in_tries_key", "sign_in_tries", ["key", "at"], unique=False)
    op.create_index("ix_sign_in_tries_at", "sign_in_tries", ["at"], unique=False)
    op.create_table(
        "audit_log",
        sa.Column("id", row_id(), primary_key=True),
        sa.Column("at", utc(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        *texts("target", "address"),
        sa.Column("details", sa.JSON(), nullable=False),
    )
    op.create_index("ix_audit_log_at", "audit_log", ["at"], unique=False)
    op.create_index("ix_audit_log_who", "audit_log", ["who", "at"], unique=False)
    op.create_index("ix_audit_log_target", "audit_log", ["target", "at"], unique=False)
    for event in ("UPDATE", "DELETE"):
        refuse(f"audit_log_no_{event.lower()}", f"{event} ON audit_log", "", "audit_log is append-only")
