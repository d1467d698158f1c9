"""Run by alembic for each command. The connection is handed in by :mod:`dialer.store.migrate`."""

from alembic import context

from dialer.store.schema import metadata

context.configure(
    connection=context.config.attributes.get("connection"),
    dialect_name=context.config.attributes.get("dialect"),
    target_metadata=metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
