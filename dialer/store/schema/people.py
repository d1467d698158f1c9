"""Who works with the dialer: tokens, accounts, sessions, the audit log."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, Column, ForeignKey, Index, String, Table, Text

from dialer.people.staff import Role
from dialer.store.schema.columns import ROW_ID, Texts, UtcDateTime, metadata, one_of, only

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True, comment="SHA-256 of the token"),
    Column("name", String(120), nullable=False),
    Column("scopes", Texts, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)
Index("uq_tokens_name", tokens.c.name, unique=True, **only(tokens.c.revoked_at.is_(None)))

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
    Column("id", ROW_ID, primary_key=True),
    Column("key", String(120), nullable=False, comment="An account or an address"),
    Column("at", UtcDateTime, nullable=False),
)
Index("ix_sign_in_tries_key", sign_in_tries.c.key, sign_in_tries.c.at)
Index("ix_sign_in_tries_at", sign_in_tries.c.at)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", ROW_ID, primary_key=True),
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
