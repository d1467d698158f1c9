"""The settings that an administrator sees."""

from __future__ import annotations

import pytest

from dialer.app.http import shown
from dialer.settings import from_values

VALUES: dict[str, object] = {
    "data": "/srv/dialer",
    "pbx": {"secret": "top secret"},
    "trunks": [{"name": "a", "template": "PJSIP/{number}@a"}],
    "hours": {"saturday": ["09:00-11:00"]},
    "lists": {"visit_columns": {"phone": ["电话"]}},
    "platform": {"url": "https://me:hidden@platform.example/in?token=hidden", "alarm_addresses": ["mail://x:hidden@y"]},
}


def test_each_setting_has_its_value_and_source(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the file, the environment and nobody has set is told apart."""
    monkeypatch.setenv("DIALER_PBX__HOST", "192.0.2.7")
    found = {each.name: (each.value, each.source) for each in shown(from_values(VALUES))}
    assert found["data"] == ("/srv/dialer", "file")
    assert found["pbx.host"] == ("192.0.2.7", "environment")
    assert found["pbx.port"] == ("5038", "default")
    assert found["trunks[1].template"] == ("PJSIP/{number}@a", "file")
    assert found["trunks[1].channels"] == ("30", "default")
    assert found["hours.saturday"] == ("09:00-11:00", "file")
    assert found["lists.visit_columns"] == ("phone: 电话", "file")
    assert found["web.behind_proxy"] == ("false", "default")
    assert found["rule.counting"] == ("attempts", "default")
    assert found["recordings.keep_days"] == ("", "default")


def test_no_secret_is_shown() -> None:
    """Secrets are masked wherever they stand, also inside an address; that one is set can be seen."""
    found = {each.name: each.value for each in shown(from_values(VALUES))}
    assert found["pbx.secret"] == "•••"
    assert found["platform.secret"] == ""
    assert found["platform.url"] == "https://platform.example/in?•••"
    assert not any("hidden" in value or "top secret" in value for value in found.values())
