"""Guards as triggers: what was written down stays, an ended attempt never changes but for its result."""

from __future__ import annotations

from alembic import op

from dialer.store.migrations.made_of import is_postgresql, refuse

revision = "0003"
down_revision = "0002"

APPEND_ONLY = ("history", "call_events", "accesses")
# The columns that say which call an attempt is; the others that say what became of it.
IDENTITY = "id, visit, day, seq, round, customer, number, trunk, agent, placed_at"
OUTCOME = "state, ringing_at, answered_at, connected_at, ended_at, disposition, counts, source, evidence"


def _guards() -> list[tuple[str, str, str, str]]:
    """(name, table and event, condition, message) of each trigger."""
    guards = [
        (f"{table}_no_{event.lower()}", f"{event} ON {table}", "", f"{table} is append-only")
        for table in APPEND_ONLY
        for event in ("UPDATE", "DELETE")
    ]
    return [
        *guards,
        ("attempts_no_delete", "DELETE ON attempts", "", "attempts are never deleted"),
        ("attempts_identity", f"UPDATE OF {IDENTITY} ON attempts", "", "an attempt stays the call that it is"),
        (
            "attempts_ended",
            f"UPDATE OF {OUTCOME} ON attempts",
            "WHEN (OLD.state = 'ended')",
            "an ended attempt never changes but for its result",
        ),
    ]


def upgrade() -> None:
    if is_postgresql():
        op.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION '%', TG_ARGV[0] USING ERRCODE = 'integrity_constraint_violation'; END$$"
        )
    for guard in _guards():
        refuse(*guard)
