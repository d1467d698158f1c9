"""Who works with the dialer: tokens, accounts, sessions, the audit log."""

from __future__ import annotations

import sqlalchemy as sa

from dialer.people.grants import Right
from dialer.people.staff import Role
from dialer.store.schema.columns import ROW_ID, Texts, UtcDateTime, metadata, one_of, only, several

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True, comment="SHA-256 of the token"),
    sa.Column("name", sa.String(120), nullable=False),
    sa.Column("scopes", Texts, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("revoked_at", UtcDateTime),
)
sa.Index("uq_tokens_name", tokens.c.name, unique=True, **only(tokens.c.revoked_at.is_(None)))

staff = sa.Table(
    "staff",
    metadata,
    sa.Column("number", sa.String(32), primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", one_of(Role, "role"), nullable=False),
    sa.Column("password", sa.Text, nullable=False, comment="argon2 hash"),
    *several(UtcDateTime, "created_at", "password_changed_at"),
    sa.Column("team", sa.Text),
    sa.Column("language", sa.String(2), nullable=False),
    *several(sa.Boolean, "recordings", "disabled", "must_change"),
)

grants = sa.Table(
    "grants",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("by_staff", sa.String(32)),
    sa.Column("right", one_of(Right, "right"), nullable=False),
    *several(sa.Text, "target", "detail"),
    sa.Column("seen_by", sa.Text),
    sa.Column("seen_at", UtcDateTime),
)
sa.Index("ix_grants_unseen", grants.c.id, **only(grants.c.seen_at.is_(None)))

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.String(64), primary_key=True, comment="SHA-256 of the token"),
    sa.Column("staff", sa.ForeignKey("staff.number"), nullable=False),
    *several(UtcDateTime, "created_at", "last_seen", "expires_at"),
    *several(sa.Text, "address", "user_agent"),
    sa.Column("revoked_at", UtcDateTime),
)
sa.Index("ix_sessions_staff", sessions.c.staff, sessions.c.last_seen)
sa.Index("ix_sessions_seen", sessions.c.last_seen)

sign_in_tries = sa.Table(
    "sign_in_tries",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("key", sa.String(120), nullable=False, comment="An account or an address"),
    sa.Column("at", UtcDateTime, nullable=False),
)
sa.Index("ix_sign_in_tries_key", sign_in_tries.c.key, sign_in_tries.c.at)
sa.Index("ix_sign_in_tries_at", sign_in_tries.c.at)

audit_log = sa.Table(
    "audit_log",
    metadata,
    sa.Column("id", ROW_ID, primary_key=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("role", sa.String(24), nullable=False),
    sa.Column("what", sa.String(120), nullable=False),
    *several(sa.Text, "target", "address"),
    sa.Column("details", sa.JSON, nullable=False),
)
sa.Index("ix_audit_log_at", audit_log.c.at)
sa.Index("ix_audit_log_who", audit_log.c.who, audit_log.c.at)
sa.Index("ix_audit_log_target", audit_log.c.target, audit_log.c.at)
