"""The face and the people of the web's tests, for the attacks on them."""

from tests.web.conftest import face, folder, migrated, people

__all__ = ["face", "folder", "migrated", "people"]
