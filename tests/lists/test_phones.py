"""Phone numbers in every form that lists write them."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dialer.errors import BadInput, SettingsError
from dialer.lists.phones import Number, NumberPlan
from dialer.lists.wording import Unusable

PLAN = NumberPlan("0470")


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        ("13904700001", "13904700001"),
        ("１３９ ０４７０ ０００１", "13904700001"),
        (" 139-0470-0001 ", "13904700001"),
        ("139.0470.0001", "13904700001"),
        ("+8613904700001", "13904700001"),
        ("+86 139—0470—0001", "13904700001"),
        ("（＋86）13904700001".replace("（＋86）", "＋86 "), "13904700001"),
        ("008613904700001", "13904700001"),
        ("8613904700001", "13904700001"),
        ("013904700001", "13904700001"),
        ("13904700001.0", "13904700001"),
        ("0470-8221234", "04708221234"),
        ("（0470）8221234", "04708221234"),
        ("4708221234", "04708221234"),
        ("+864708221234", "04708221234"),
        ("+86 0470 8221234", "04708221234"),
        ("8221234", "04708221234"),
        ("010-88881234", "01088881234"),
        ("1088881234", "01088881234"),
        ("0755 8888 1234", "075588881234"),
        ("400-800-1234", "4008001234"),
        ("400-8001-234", "4008001234"),
        ("0470 822 1234", "04708221234"),
        ("470 822 1234", "04708221234"),
        ("10 8888 1234", "01088881234"),
        ("+86 755 8888 1234", "075588881234"),
        ("86-470-8221234", "04708221234"),
        ("00 86 139 0470 0001", "13904700001"),
        ("0086-0470-8221234", "04708221234"),
        ("0-13904700001", "13904700001"),
    ],
)
def test_stored_form(raw: str, number: str) -> None:
    """Mobiles have 11 digits, landlines their area code with its 0, whatever was written."""
    assert PLAN.normalise(raw) == Number(number)


@pytest.mark.parametrize("raw", ["14000000000", "0470-82212345", "88881234"])
def test_doubtful(raw: str) -> None:
    """Numbers of the right shape that nobody was given are taken and flagged."""
    assert PLAN.normalise(raw).doubtful


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("", "phone-missing"),
        ("  ", "phone-missing"),
        ("-", "phone-missing"),
        ("1.39047E+10", "phone-scientific"),
        ("0470-8221234转801", "phone-extension"),
        ("0470-8221234 分机801", "phone-extension"),
        ("8221234 ext 801", "phone-extension"),
        ("8221234x801", "phone-extension"),
        ("8221234#801", "phone-extension"),
        ("8221234,801", "phone-extension"),
        ("0470-8221234-801", "phone-extension"),
        ("0470-8221234-8", "phone-extension"),
        ("0470-8221234.0", "phone-extension"),
        ("8221234-8001", "phone-extension"),
        ("822-1234-8001", "phone-extension"),
        ("755 8888 1234", "phone-extension"),
        ("8221234 801", "phone-extension"),
        ("8221234（801）", "phone-extension"),
        ("8221234\n8001", "phone-extension"),
        ("13904700001-801", "phone-extension"),
        ("4008001-234", "phone-extension"),
        ("+86 8221234-8001", "phone-area-unclear"),
        ("8-8221234", "phone-carrier-prefix"),
        ("9 13904700001", "phone-carrier-prefix"),
        ("17951-13904700001", "phone-carrier-prefix"),
        ("86-88221234", "phone-landline-length"),
        ("-8221618", "phone-calculated"),
        ("2026-11-21", "phone-impossible"),
        ("②8221235", "phone-characters"),
        ("8221234²", "phone-characters"),
        ("8221234-8221235", "phone-several"),
        ("0470-8221234 0470-8221235", "phone-several"),
        ("13904700001 +8613904700002", "phone-several"),
        ("13904700001/13904700002", "phone-several"),
        ("13904700001、13904700002", "phone-several"),
        ("13904700001 13904700002", "phone-several"),
        ("无", "phone-characters"),
        ("139O4700001", "phone-characters"),
        ("+74951234567", "phone-foreign"),
        ("+999123", "phone-impossible"),
        ("1390470000", "phone-mobile-length"),
        ("139047000011", "phone-mobile-length"),
        ("10086", "phone-short"),
        ("95598", "phone-short"),
        ("822123", "phone-short"),
        ("0470822123", "phone-landline-length"),
        ("+868221234", "phone-landline-length"),
        ("0108888123", "phone-landline-length"),
        ("12345678901", "phone-impossible"),
        ("011112345678", "phone-impossible"),
        ("1795113904700001", "phone-carrier-prefix"),
        ("17951 0470 8221234", "phone-carrier-prefix"),
    ],
)
def test_refused(raw: str, code: str) -> None:
    """What cannot be dialled is refused with the reason, as a BadInput."""
    with pytest.raises(Unusable) as caught:
        PLAN.normalise(raw)
    assert caught.value.reason.code == code
    assert isinstance(caught.value, BadInput)


def test_an_extension_is_named() -> None:
    """The words say what was taken for the number and what for its extension, however it was written."""
    for raw in ("8221234-8001", "8221234 转8001", "8221234,8001"):
        for plan in (PLAN, NumberPlan()):
            with pytest.raises(Unusable) as caught:
                plan.normalise(raw)
            said = caught.value.reason.text("en")
            assert "8001' after 8221234 looks like an extension" in said


def test_local_numbers_need_the_area_code() -> None:
    """Without a configured area code a local number is refused, and the error says so."""
    with pytest.raises(Unusable, match="区号") as caught:
        NumberPlan().normalise("8221234")
    assert "area code" in caught.value.reason.text("en")
    assert NumberPlan("470").normalise("8221234").number == "04708221234"


def test_allowed_short_numbers() -> None:
    """Configured patterns let short and test numbers pass, as a whole number only."""
    plan = NumberPlan("0470", allow=[r"^10\d{3}$", r"7\d{3}"])
    assert plan.normalise("1０ 086") == Number("10086")
    assert plan.normalise("7001") == Number("7001")
    with pytest.raises(Unusable):
        plan.normalise("70011")


@pytest.mark.parametrize(("area", "allow"), [("abc", []), ("", ["("])], ids=["area", "allow"])
def test_wrong_settings(area: str, allow: list[str]) -> None:
    """A plan that makes no sense is a settings error."""
    with pytest.raises(SettingsError):
        NumberPlan(area, allow)


@given(st.from_regex(r"\+?[0-9 ()\-]{5,16}", fullmatch=True))
def test_stored_numbers_are_stable(raw: str) -> None:
    """What was stored, read again, is the same number; and it is possible by the numbering plan."""
    try:
        stored = PLAN.normalise(raw)
    except Unusable:
        return
    assert PLAN.normalise(stored.number) == stored
    parsed = phonenumbers.PhoneNumber(country_code=86, national_number=int(stored.number.removeprefix("0")))
    assert phonenumbers.is_possible_number(parsed)
    assert stored.doubtful == (not phonenumbers.is_valid_number(parsed))


@given(
    st.sampled_from(["13904700001", "04708221234", "0470-8221234", "8221234", "88881234", "4008001234"]),
    st.sampled_from(["-", " ", "/", "(", "转", "#", ",", "–", "."]),
    st.from_regex(r"[0-9]{1,11}", fullmatch=True),
)
def test_nothing_after_a_number_becomes_part_of_it(number: str, separator: str, rest: str) -> None:
    """Whatever stands after a whole number is refused, however it was separated."""
    assume((separator, rest) != (".", "0"))  # a number that a spreadsheet took for one with a fraction
    with pytest.raises(Unusable):
        PLAN.normalise(number + separator + rest)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_mobiles_agree_with_the_library(raw: str) -> None:
    """For a plain mobile our shape check changes nothing of what libphonenumber says of it."""
    parsed = phonenumbers.parse(raw, "CN")
    stored = PLAN.normalise(raw)
    assert stored.number == str(parsed.national_number)
    assert stored.doubtful == (not phonenumbers.is_valid_number(parsed))


@pytest.mark.parametrize("piece", ["1 ", "0470-", "(1)", "1·", "+86 ", "１３"])
def test_a_number_has_a_length(piece: str) -> None:
    """A cell full of digits is refused for its length, without a look at every way to divide it."""
    with pytest.raises(Unusable) as refused:
        PLAN.normalise(piece * 8000)
    assert refused.value.reason.code == "text-too-long"
