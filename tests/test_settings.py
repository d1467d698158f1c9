"""The sections of the settings, as the packages define them and as the rules take them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dialer.campaign.config import CampaignConfig
from dialer.campaign.model.evidence import Disposition
from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.breaker import BreakerRule
from dialer.campaign.rules.rule import Counting, RedialRule
from dialer.campaign.rules.streak import Kind
from dialer.errors import SettingsError
from dialer.settings import Settings, from_values

TRUNK = {"name": "a", "template": "PJSIP/{number}@a"}


def test_the_defaults_are_those_of_the_rules() -> None:
    """A file that sets nothing gives what the rules' own records have."""
    campaign = Settings().campaign()
    assert campaign == CampaignConfig(hours=campaign.hours, trunks=())


def test_the_rules_take_what_is_set() -> None:
    """Durations are seconds in the file; None stays None; a record within a record has its name before its fields."""
    values: dict[str, object] = {
        "trunks": [
            {**TRUNK, "caller_id": '"Order desk" <62880000>', "channels": 2},
            {
                "name": "b",
                "template": "PJSIP/{number}@b",
                "dispositions": {"404": "unreachable", "cause 21": "our_fault"},
            },
        ],
        "rule": {"attempts": 3, "counting": "redials", "gap_s": 60},
        "dialling": {"wrap_up_s": 30, "calls_per_second": 2, "breaker_failures": 7, "breaker_pause_s": 9},
    }
    campaign = from_values(values).campaign()
    own = {"404": Disposition.UNREACHABLE, "cause 21": Disposition.OUR_FAULT}
    assert campaign.trunks == (
        TrunkConfig("a", "PJSIP/{number}@a", caller_id='"Order desk" <62880000>', channels=2),
        TrunkConfig("b", "PJSIP/{number}@b", dispositions=own),
    )
    assert campaign.rule == RedialRule(3, Counting.REDIALS, timedelta(minutes=1))
    assert (campaign.wrap_up, campaign.calls_per_second) == (timedelta(seconds=30), 2.0)
    assert campaign.breaker == BreakerRule(failures=7, pause=timedelta(seconds=9))
    assert from_values({}).campaign().wrap_up is None


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"trunks": [{**TRUNK, "template": "PJSIP/139@a"}]},
            r"trunks\.0\.template: must contain \{number\} exactly once",
        ),
        ({"trunks": [{**TRUNK, "template": "PJSIP/{number}@a;b"}]}, r"trunks\.0\.template: must not contain spaces"),
        (
            {"trunks": [{**TRUNK, "template": "Local/{number}@a"}]},
            r"trunks\.0\.template: a Local channel must end in /n",
        ),
        ({"trunks": [{**TRUNK, "caller_id": "desk"}]}, r"trunks\.0\.caller_id: must be a number such as 62880000"),
        (
            {"trunks": [{**TRUNK, "dispositions": {"200": "busy"}}]},
            r"trunks\.0\.dispositions: '200' is neither a final SIP answer such as '404' nor a cause such as",
        ),
        (
            {"trunks": [{**TRUNK, "dispositions": {"cause 128": "busy"}}]},
            r"trunks\.0\.dispositions: 'cause 128' is neither",
        ),
        (
            {"trunks": [{**TRUNK, "dispositions": {"404": "connected"}}]},
            r"trunks\.0\.dispositions: 404: no carrier can say that a call was connected; one of busy",
        ),
        (
            {"trunks": [{**TRUNK, "dispositions": {"404": "away"}}]},
            r"trunks\.0\.dispositions\.404: Input should be 'connected', 'abandoned'",
        ),
        ({"trunks": [TRUNK], "lists": {"other_phone_templates": ["PJSIP/{extension},30"]}}, "must be a dial string"),
        ({"trunks": [TRUNK], "lists": {"phone_template": "PJSIP/{extension}@a"}}, "leads out over a trunk"),
        ({"trunks": [{"template": "PJSIP/{number}@a"}]}, r"trunks\.0\.name: Field required"),
        ({"trunks": [TRUNK, TRUNK]}, "two trunks have the same name"),
        ({"rule": {"attempts": 0}}, r"rule\.attempts: Input should be greater than or equal to 1"),
        ({"rule": {"failure_ceiling_s": 5}}, r"rule\.failure_ceiling_s: there is no such setting"),
        ({"dialling": {"ring_timeout_s": 301}}, r"dialling\.ring_timeout_s: Input should be less than or equal to 300"),
        ({"dialling": {"settle_s": "soon"}}, r"dialling\.settle_s: Input should be a valid number"),
        ({"pbx": {"boot_wait_s": 1}}, r"pbx\.boot_wait_s: there is no such setting"),
        ({"recordings": {"retry_s": 1}}, r"recordings\.retry_s: there is no such setting"),
        ({"web": {"idle_s": 1}}, r"web\.idle_s: there is no such setting"),
        ({"lists": {"language": "en"}}, r"lists\.language: there is no such setting"),
        ({"backup": {"at": "02:00+01:00"}}, r"backup\.at: is a time on the department's clock"),
    ],
)
def test_mistakes_are_told_by_their_place(values: dict[str, object], said: str) -> None:
    """What is wrong and where; what only the code sets is no setting."""
    with pytest.raises(SettingsError, match=said):
        from_values(values)


COUNTS = {  # the least and the most of each
    ("rule", "attempts"): (1, 50),
    ("dialling", "breaker_failures"): (1, None),
    ("dialling", "breaker_refusals"): (2, None),
    ("dialling", "breaker_unanswered"): (2, None),
    **{("dialling", f"streak_{kind}"): (2, None) for kind in Kind},
}
DURATIONS = (
    ("rule", "gap_s"),
    *(("dialling", f"breaker_{name}_s") for name in ("pause", "longest", "window")),
    *(("dialling", f"streak_{name}_s") for name in ("pause", "longest")),
)


@pytest.mark.parametrize(
    ("where", "allowed", "refused"),
    [
        *((where, least, least - 1) for where, (least, _) in COUNTS.items()),
        *((where, most, most + 1) for where, (_, most) in COUNTS.items() if most is not None),
        *((where, 0.5, 0) for where in DURATIONS),
    ],
)
def test_the_bounds_of_the_rules(where: tuple[str, str], allowed: float, refused: float) -> None:
    """One call alone is no row, and what lasts no time holds nothing."""
    section, name = where
    from_values({section: {name: allowed}})
    with pytest.raises(SettingsError, match=rf"{section}\.{name}: Input should be"):
        from_values({section: {name: refused}})


def test_the_environment_goes_before_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """A value alone, one of a section beside what the file has of it, and a list or section as JSON."""
    monkeypatch.setenv("DIALER_DATA", "/srv/dialer")
    monkeypatch.setenv("dialer_pbx__port", "5039")
    monkeypatch.setenv("DIALER_TRUNKS", '[{"name": "b", "template": "PJSIP/{number}@b"}]')
    monkeypatch.setenv("DIALER_HOURS__MONDAY", '["09:00-11:00"]')
    monkeypatch.setenv("DIALER_CONFIG", "/nowhere")
    monkeypatch.setenv("DIALER_OF_ANOTHER_PROGRAM", "1")
    given: dict[str, object] = {"pbx": {"host": "192.0.2.7", "port": 1}, "trunks": [TRUNK], "data": "/var/lib/x"}
    found = from_values(given)
    assert (str(found.data), found.pbx.host, found.pbx.port) == ("/srv/dialer", "192.0.2.7", 5039)
    assert [trunk.name for trunk in found.trunks] == ["b"]
    assert found.hours.monday == ("09:00-11:00",)
    assert given["pbx"] == {"host": "192.0.2.7", "port": 1}


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DIALER_PBX__PROT", "1", r"pbx\.prot: there is no such setting"),
        ("DIALER_PBX__PORT", "many", r"pbx\.port: .*valid integer"),
        ("DIALER_HOURS__MONDAY", "[08:00-12:00]", r"hours\.monday: .*valid tuple"),
    ],
)
def test_a_mistake_in_the_environment_is_named(
    name: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one in the file is."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=said):
        from_values({})
