"""The tables, and how values stand in them. Importing it makes ``metadata`` complete."""

from dialer.store.schema import day, people, records
from dialer.store.schema.columns import metadata

__all__ = ["day", "metadata", "people", "records"]
