"""A call's id says whose call it is and of which kind, and nobody else's looks like one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer import callid

AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("channel", "ours"),
    [
        ("t1-7-1-abc", True),
        ("hq-north-12345-5-l0k3j2", True),
        ("office-1795294363.12", False),
        ("1795294363.12", False),
        ("t1-7-1-abc;2", False),
        ("t1-7-1-abc\n", False),
        ("t1-x-1-abc", False),
        ("", False),
    ],
)
def test_ours_are_told_from_asterisks(channel: str, ours: bool) -> None:
    """By their form."""
    assert callid.is_attempt(channel) is callid.is_ours(channel) is ours


def test_a_test_call_is_never_taken_for_an_attempt() -> None:
    """So that no survey, journal or audit does; both are ours."""
    one, other = callid.for_test(), callid.for_test()
    assert one != other
    assert callid.is_test(one)
    assert callid.is_ours(one)
    assert not callid.is_attempt(one)
    assert not callid.is_test("dx-1-1-abc")


@given(
    st.from_regex(r"[a-z0-9]{2,6}(-[a-z]{2,4})?", fullmatch=True),
    st.integers(0, 10**15 - 1),
    st.integers(1, 10**9 - 1),
    st.integers(0, 36**7 - 1),
)
def test_what_an_id_was_made_of_can_be_read(installation: str, visit: int, seq: int, seconds: int) -> None:
    """A recording tells so, when the books know nothing of it."""
    at = datetime.fromtimestamp(seconds, UTC)
    made = callid.for_attempt(installation, visit, seq, at + timedelta(milliseconds=999))
    assert callid.read(made) == callid.AttemptId(installation, visit, seq, at)
    assert callid.installation_of(made) == installation
    assert callid.is_attempt(made)


@pytest.mark.parametrize("name", ["", "test-0123456789ab", "dx-1-1-zzzzzzzz", "dx-1-1-a.wav", "1-1-a"])
def test_what_was_never_made_says_nothing(name: str) -> None:
    """Other names, and a time that is in no calendar."""
    assert callid.read(name) is None


def test_the_form_stays() -> None:
    """Ids are in databases and names of files for years."""
    assert callid.for_attempt("k3x9pq", 1207, 2, AT) == "k3x9pq-1207-2-toy3k0"
    assert (callid.base36(0), callid.base36(35), callid.base36(36)) == ("0", "z", "10")


def test_the_halves_of_a_local_channel() -> None:
    """The first has the call's own id; call records tell both by what stands behind it."""
    assert callid.second_half("dx-1-1-abc;2") == "dx-1-1-abc"
    assert callid.second_half("test-0123456789ab;2") == "test-0123456789ab"
    assert [callid.second_half(other) for other in ("dx-1-1-abc", "dx-1-1-abc;1", "1795294363.12;2")] == [None] * 3
    assert {callid.whole(f"dx-1-1-abc{half}") for half in ("", ";1", ";2")} == {"dx-1-1-abc"}
