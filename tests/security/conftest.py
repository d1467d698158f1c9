"""The system and the people of the web's tests, for the attacks on them."""

from tests.web.conftest import folder, migrated, people, system

__all__ = ["folder", "migrated", "people", "system"]
