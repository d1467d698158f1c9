"""What every test shares: hypothesis profiles, and the fixtures of the private PBX and of the browser."""

import os

from hypothesis import settings

# deadline=None: a shared machine stalls now and then, and pytest's own timeout ends what really hangs.
settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

pytest_plugins = ["tests.rig_fixtures", "tests.browser_fixtures"]
