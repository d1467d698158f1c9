"""Which dial strings may ring an agent's phone: of the settings' forms, and never a number or a trunk."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.model.trunk import TrunkConfig
from dialer.campaign.rules.phone import PhoneFault, PhoneNotAllowed, PhoneRule, is_bare, is_template

INTERNAL = "Local/{extension}@from-internal/n"
TRUNKS = (TrunkConfig("t", "PJSIP/{number}@carrier"), TrunkConfig("l", "Local/{number}@from-internal/n"))
DEFAULT = PhoneRule(trunks=TRUNKS)
WIDE = PhoneRule(("PJSIP/{extension}", INTERNAL, "Local/{extension}@office/n", "SIP/{extension}"), TRUNKS)

EVIL = (
    "Local/s@evil",
    "Local/8001@evil/n",
    "PJSIP/13904700001@carrier",
    "PJSIP/carrier/sip:13904700001@192.0.2.1",
    "PJSIP/8001/sip:13904700001@carrier",
    "AudioSocket/192.0.2.1:9000/40325ec2-5efd-4bd3-805f-53576e581d13",
    "SIP/carrier/13904700001",
    "DAHDI/g0/13904700001",
    "IAX2/user:secret@host/13904700001",
    "PJSIP/8001&PJSIP/13904700001@carrier",
    "PJSIP/8001&Local/s@evil",
    "PJSIP/8001,30,U(evil)",
    "PJSIP/8001|30",
    "PJSIP/8001;x",
    "PJSIP/8001^x",
    "PJSIP/${GLOBAL(X)}",
    "PJSIP/8001\r\nAction: Logoff",
    "PJSIP/8001\n",
    "PJSIP/8001/b(x^s^1)",
    "PJSIP/8001 ",
    "PJSIP/８００１",
    "pjsip/8001",
    "Console/dsp",
    "PJSIP/",
    "8001",
    "",
)


@pytest.mark.parametrize("evil", EVIL)
def test_what_is_of_no_form_is_no_phone(evil: str) -> None:
    """By default the only form is PJSIP with an extension of the office."""
    assert DEFAULT.fault(evil) is PhoneFault.FORM
    with pytest.raises(PhoneNotAllowed):
        DEFAULT.check(evil)


@pytest.mark.parametrize(
    "outside",
    [
        "PJSIP/13904700001",  # an endpoint of this name is a trunk that was named after its number, or nobody's
        "PJSIP/8221234",
        "PJSIP/carrier",
        "PJSIP/CARRIER",
        "Local/13904700001@office/n",
        "Local/8221234@from-internal/n",
        "Local/120@from-internal/n",
        "Local/s@office/n",
        "Local/h@from-internal/n",
        "Local/zhang.san@office/n",
    ],
)
def test_a_form_opens_no_way_out(outside: str) -> None:
    """Whatever the administrator allows: never a number of seven digits, an emergency service, a trunk or a context."""
    assert WIDE.fault(outside) is PhoneFault.OUTSIDE
    with pytest.raises(PhoneNotAllowed, match="number or a trunk"):
        WIDE.check(outside)


@pytest.mark.parametrize(
    "inside",
    ["PJSIP/8001", "PJSIP/120", "PJSIP/zhang.san-2", "Local/8001@from-internal/n", "Local/8001@office/n", "SIP/1"],
)
def test_phones_of_the_office_are_allowed(inside: str) -> None:
    """Of each form; an endpoint may have any short name."""
    assert WIDE.fault(inside) is None
    WIDE.check(inside)


@pytest.mark.parametrize("trunk", ["Local/{number}@from-internal/n", "Local/9{number}@from-internal/n"])
def test_the_digit_for_an_outside_line_is_no_extension_s(trunk: str) -> None:
    """Behind it there are no extensions, but whoever has a number, however short."""
    prefix = "" if "9" in trunk else "9"
    rule = PhoneRule(WIDE.templates, (TrunkConfig("t", trunk, prefix=prefix),))
    for outside in ("Local/9120@from-internal/n", "Local/910086@from-internal/n"):
        assert rule.fault(outside) is PhoneFault.OUTSIDE
    for inside in ("PJSIP/9120", "Local/8001@from-internal/n", "Local/9001@office/n"):
        assert rule.fault(inside) is None


@pytest.mark.parametrize(
    ("trunk", "phone"),
    [
        ("SIP/gateway/{number}", "SIP/gateway"),
        ("SIP/gateway/9{number}", "SIP/9120@host"),
        ("PJSIP/{number}@carrier", "SIP/120@host"),
        ("Local/{number}@out/n", "Local/8001@out/nj"),
    ],
)
def test_a_trunks_ways_are_no_phones(trunk: str, phone: str) -> None:
    """Its name, what stands behind its digit for a line, and its context, whatever the options."""
    templates = ("SIP/{extension}", "SIP/{extension}@host", "Local/{extension}@out/nj")
    assert PhoneRule(templates).fault(phone.replace("120", "8001")) is None
    assert PhoneRule(templates, (TrunkConfig("t", trunk),)).fault(phone) is PhoneFault.OUTSIDE
    assert PhoneRule(templates, (TrunkConfig("t", trunk),)).fault("SIP/sip") is None


def test_what_two_forms_make_is_inside_by_both() -> None:
    """A number does not become an extension by what stands behind it."""
    rule = PhoneRule(("PJSIP/{extension}", "PJSIP/{extension}-soft"))
    assert rule.fault("PJSIP/8001-soft") is None
    assert rule.fault("PJSIP/13904700001-soft") is PhoneFault.OUTSIDE


def test_several_devices_are_a_form_of_the_settings() -> None:
    """A desk phone and its softphone: each has the extension, and nobody else's is among them."""
    rule = PhoneRule(("PJSIP/{extension}&PJSIP/{extension}-soft",), TRUNKS)
    assert rule.fault("PJSIP/8001&PJSIP/8001-soft") is None
    assert rule.fault("PJSIP/8001&PJSIP/8002-soft") is PhoneFault.FORM
    assert rule.fault("PJSIP/13904700001&PJSIP/13904700001-soft") is PhoneFault.OUTSIDE


@pytest.mark.parametrize(
    "template", ["PJSIP/{extension}", INTERNAL, "SIP/{extension}@host:5060", "A/{extension}&B/{extension}x"]
)
def test_a_template(template: str) -> None:
    """What makes a dial string of an extension."""
    assert is_template(template)


@pytest.mark.parametrize(
    "wrong",
    [
        "PJSIP/8001",
        "{extension}",
        "PJSIP/{extension}&PJSIP/2",
        "PJSIP/{extension},30",
        "PJSIP/{extension};x",
        "PJSIP/{extension} ",
        "",
    ],
)
def test_no_template(wrong: str) -> None:
    """What makes none, or more than a dial string."""
    assert not is_template(wrong)


def test_how_long_it_may_be() -> None:
    """An extension of 40 characters, a dial string of 128; a customer's number has seven digits."""
    for last, fault in (("IAX2/{extension}", None), ("IAX2/{extension}x", PhoneFault.FORM)):
        template = "PJSIP/{extension}&SIP/{extension}&" + last
        assert PhoneRule((template,)).fault(template.replace("{extension}", "a" * 37)) is fault
    for length, fault in ((40, None), (41, PhoneFault.FORM)):
        assert DEFAULT.fault("PJSIP/" + "a" * length) is fault
    assert DEFAULT.fault("PJSIP/822123") is None
    assert DEFAULT.fault("PJSIP/8221234") is PhoneFault.OUTSIDE


@pytest.mark.parametrize(
    ("text", "bare"), [("8001", True), ("a.b_c-d", True), ("-1", False), ("", False), ("1/2", False)]
)
def test_an_extension_alone(text: str, bare: bool) -> None:
    """It begins with a letter or digit."""
    assert is_bare(text) is bare


@given(st.text(max_size=40))
def test_whatever_is_allowed_is_one_plain_extension(text: str) -> None:
    """Nothing that Asterisk takes apart gets through in the place of an extension, or around it."""
    for dial_string in (text, f"PJSIP/{text}", f"PJSIP/8001{text}", f"{text}PJSIP/8001"):
        if DEFAULT.fault(dial_string) is None:
            assert dial_string.startswith("PJSIP/")
            assert not set(dial_string.removeprefix("PJSIP/")) & set("&|,;:@/^$(){}[]<>\"'\\`*#!? \r\n\0")
