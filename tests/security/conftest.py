"""The face and the people of the web's tests, for the attacks on them."""

from tests.web.conftest import face, folder, migrated
from tests.web.pages.conftest import people

__all__ = ["face", "folder", "migrated", "people"]
