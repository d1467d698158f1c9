"""Alembic's scripts, run by :mod:`dialer.store.migrate` when the program starts."""
