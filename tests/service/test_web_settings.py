"""The settings of the HTTP face."""

from __future__ import annotations

import pytest

from dialer.errors import SettingsError
from dialer.settings import from_values


def test_certificate_and_key_belong_together() -> None:
    """One without the other is a mistake that is told by its place."""
    both = from_values({"web": {"tls_certificate": "/a.pem", "tls_key": "/a.key", "behind_proxy": True}}).web
    assert (str(both.tls_certificate), str(both.tls_key), both.behind_proxy) == ("/a.pem", "/a.key", True)
    for one in ("tls_certificate", "tls_key"):
        with pytest.raises(SettingsError, match=r"web: .*belong together"):
            from_values({"web": {one: "/a.pem"}})
