"""A database of the test's own, as the web's tests have it."""

from tests.web.conftest import folder, migrated

__all__ = ["folder", "migrated"]
