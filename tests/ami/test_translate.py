"""From recorded messages to what the campaign is told."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from datetime import UTC, datetime

import pytest

from dialer.ami.calls import Calls
from dialer.ami.pbxconfig import EVENTS, FILTERS
from dialer.ami.translate import HEADERS, READERS, sip_code, translate
from dialer.campaign.messages import CallEvent, CallProgress
from dialer.campaign.model.evidence import Side
from tests.ami import events
from tests.ami.events import LEG, A, event, hangup, response, user
from tests.ami.server import T0, Headers
from tests.kit.waiting import until

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
S = CallProgress


class Listener:
    """Translation and memory together, as the adapter uses them."""

    def __init__(self, wait_s: float = 0.05) -> None:
        self.events: list[CallEvent] = []
        self.calls = Calls(self.events.append, trunk_leg_wait_s=wait_s, customer_wait_s=wait_s, unheard_s=60)

    def placed(self) -> Listener:
        """The call is one that was placed on this link."""
        self.calls.placed(A, NOW, 30)
        return self

    def hear(self, *messages: Headers) -> Listener:
        for each in messages:
            self.calls.take(translate(each, NOW), NOW)
        return self

    @property
    def progress(self) -> list[CallProgress]:
        return [each.progress for each in self.events]


def hear(messages: Iterable[Headers]) -> Listener:
    return Listener().hear(*messages)


async def test_a_connected_call_says_each_thing_once() -> None:
    """Answer and connection are told twice by the PBX, and passed on once."""
    heard = hear(events.CONNECTED_CALL)
    assert heard.progress == [S.RINGING, S.ANSWERED, S.RESPONDED, S.AGENT_RINGING, S.CONNECTED, S.HUNG_UP]
    end = heard.events[-1]
    assert (end.attempt, end.cause, end.sip, end.text) == (A, 16, 200, "SIP 200 OK")
    assert [e.at.timestamp() for e in heard.events] == pytest.approx([T0 + s for s in (1, 2, 2, 2.2, 3, 200)])
    assert len(heard.calls) == 0


def test_a_busy_call_has_cause_and_sip_code() -> None:
    """DialEnd's status, the hang-up with both codes, the response."""
    heard = hear(events.BUSY_CALL)
    assert heard.progress == [S.RINGING, S.DIALLED, S.HUNG_UP, S.RESPONDED]
    assert heard.events[1].status == "BUSY"
    assert (heard.events[2].cause, heard.events[2].sip) == (17, 486)
    assert heard.events[3].reason == 0


def test_our_own_timeout_shows_the_last_real_answer() -> None:
    """TechCause says 480 for our own Timeout; the PBX's note has what the far end really sent."""
    heard = hear(events.TIMED_OUT_CALL)
    assert heard.progress == [S.RINGING, S.RESPONDED, S.HUNG_UP]
    assert heard.events[1].reason == 3
    assert heard.events[2].sip == 180


def test_a_redirection_is_one_also_if_the_pbx_did_not_take_the_answer_in() -> None:
    """It ends such a call in one thread while another one reads the 302."""
    heard = hear([
        event("DialEnd", 5, DestUniqueid=A, DestChannel="PJSIP/trunk-1", DialStatus="CANCEL", Forward="1@out"),
        user("DialerEnded", 5, Cause="0", State="Down", Tech="SIP 100 Trying", Agent=""),
        hangup(0),
    ])  # fmt: skip
    assert heard.events[-1].sip == 302


async def test_a_local_calls_hang_up_waits_for_the_trunk_legs_code() -> None:
    """403 is on the trunk leg only, which may come after the customer's own channel."""
    heard = Listener(wait_s=5).hear(*events.LOCAL_REJECTED_CALL)
    assert heard.progress == [S.RESPONDED, S.HUNG_UP]
    assert (heard.events[1].cause, heard.events[1].sip) == (21, 403)
    assert len(heard.calls) == 0


async def test_a_route_that_answers_by_itself_is_not_the_customer() -> None:
    """Response and DialEnd of the Local channel say "answered"; the leg's code is what the carrier said."""
    heard = Listener(wait_s=5).hear(*events.LOCAL_INTERCEPTED_CALL)
    assert heard.progress == [S.RINGING, S.RESPONDED, S.INTERCEPTED, S.HUNG_UP]
    assert heard.events[1].reason is None
    assert (heard.events[3].cause, heard.events[3].sip) == (1, 404)
    assert len(heard.calls) == 0


async def test_what_a_route_plays_is_not_the_carriers_progress() -> None:
    """A dead trunk, then an announcement: nothing came back from outside. Without TechCause the leg's cause tells."""
    heard = Listener(wait_s=5).hear(
        event("DialState", 1, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="PROCEEDING"),
        hangup(18, "", 7, uid=LEG),
        event("DialState", 7, DestUniqueid=A, DestChannel="Local/139@routes-1;1", DialStatus="PROGRESS"),
        event("DialEnd", 8, DestUniqueid=A, DestChannel="Local/139@routes-1;1", DialStatus="CONGESTION"),
        user("DialerEnded", 8, Cause="0", State="Down", Tech=""),
        hangup(0, "", 8, channel="Local/139@routes-1;1"),
        response(8, 8),
    )
    assert heard.progress == [S.DIALLED, S.HUNG_UP, S.RESPONDED]
    assert (heard.events[1].cause, heard.events[1].sip) == (18, None)


async def test_a_leg_behind_two_local_channels_is_followed() -> None:
    """The office hands on to another route: what that indicates is its own, what the leg says is the carrier's."""
    inner, first, inside = "Local/139@routes-2;1", "office-1.21", "office-1.22"
    heard = Listener(wait_s=5).hear(
        event("DialState", 1, Uniqueid=f"{A};2", DestLinkedid=A, DestUniqueid=first, DestChannel=inner,
              DialStatus="PROGRESS"),
        event("DialState", 2, Uniqueid=inside, DestLinkedid=A, DestUniqueid=LEG, DialStatus="RINGING"),
        hangup(0, "", 8, channel="Local/139@routes-1;1"),
        hangup(21, "603", 9, uid=LEG),
        response(5, 9),
    )  # fmt: skip
    assert heard.progress == [S.RINGING, S.HUNG_UP, S.RESPONDED]
    assert heard.events[1].sip == 603


def test_an_agents_phone_behind_a_local_channel_is_not_the_customers() -> None:
    """It rings when the customer has answered, with the customer's Linkedid."""
    heard = hear(
        [
            user("DialerAnswered", 2),
            event("DialState", 3, Uniqueid="office-1.22", DestLinkedid=A, DestUniqueid="office-1.23",
                  DestChannel="PJSIP/8001-7", DialStatus="RINGING"),
        ]
    )  # fmt: skip
    assert heard.progress == [S.ANSWERED]


def test_a_voicemail_that_answers_is_no_agent() -> None:
    """The DialEnd of a Local channel to an extension says nothing; only the dialplan says that they are joined."""
    agent = "Local/8001@from-internal-1;1"
    heard = hear(
        [
            user("DialerAnswered", 2),
            event("DialEnd", 3, Uniqueid=A, DestUniqueid=events.AGENT, DestChannel=agent, DialStatus="ANSWER"),
            user("DialerAgentMissed", 4, DialStatus="NOANSWER"),
        ]
    )
    assert heard.progress == [S.ANSWERED, S.AGENT_MISSED]


async def test_a_local_calls_hang_up_does_not_wait_long() -> None:
    """A trunk leg that never hangs up costs a moment, not the event."""
    heard = Listener(wait_s=0.01).hear(*events.LOCAL_REJECTED_CALL[:5])
    assert heard.progress == [S.RESPONDED]
    assert heard.calls.under_way(NOW) == set()
    timer = heard.calls._tracks[A].timer
    assert timer is not None
    await asyncio.sleep(timer.when() - asyncio.get_running_loop().time() + 0.005)
    assert heard.events[1].sip is None


async def test_a_lost_link_lets_go_of_what_was_held() -> None:
    """The hang-up that waits for its code is told before the loss of the link."""
    heard = Listener(wait_s=5).hear(*events.LOCAL_REJECTED_CALL[:5])
    heard.calls.close()
    assert heard.progress == [S.RESPONDED, S.HUNG_UP]
    assert len(heard.calls) == 0


async def test_a_second_trunk_tried_by_the_office_gives_the_code() -> None:
    """The last trunk leg decides."""
    second = "office-1795294363.13"
    heard = Listener(wait_s=5).hear(
        event("DialState", 1, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="PROCEEDING"),
        hangup(34, "503", 1, uid=LEG),
        event("DialState", 2, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=second, DialStatus="PROGRESS"),
        hangup(17, "486", 3, uid=second),
        hangup(17, "", 3, channel="Local/1@x-1;1"),
        response(5, 3),
    )
    assert heard.progress == [S.PROGRESS, S.HUNG_UP, S.RESPONDED]
    assert (heard.events[1].sip, heard.events[1].text) == (486, "SIP 503")


async def test_an_originate_of_which_no_channel_was_made_is_refused() -> None:
    """The trunk is unknown to the PBX: it has a response and nothing else, neither before nor after it."""
    heard = Listener(wait_s=0).placed().hear(response(0))
    assert heard.progress == [S.RESPONDED]
    await until(lambda: S.REFUSED in heard.progress)
    assert len(heard.calls) == 0


@pytest.mark.parametrize("sign", [events.BUSY_CALL[1], events.BUSY_CALL[2]])
async def test_any_other_sign_says_that_there_was_a_channel(sign: Headers) -> None:
    """Before the response, or a moment after it: then something may have left."""
    before = Listener(wait_s=0).placed().hear(sign, response(0))
    after = Listener(wait_s=0).placed().hear(response(0), sign)
    timer = after.calls._tracks[A].timer
    assert (before.calls._tracks[A].timer, timer is None) == (None, False)
    await until(lambda: after.calls._tracks[A].timer is None)
    assert S.REFUSED not in (*before.progress, *after.progress)


def test_a_dead_trunk_behind_a_route_is_refused_too() -> None:
    """Known by its qualify to be away: no leg, and Q.850 3. With a leg the same cause is the carrier's own."""
    end = hangup(3, "", 3, channel="Local/1@x-1;1")
    assert Listener().placed().hear(end).progress == [S.REFUSED]
    dialled = event("DialEnd", 1, Uniqueid=f"{A};2", Linkedid=A, DestUniqueid=LEG, DialStatus="NOANSWER")
    assert Listener().placed().hear(dialled, hangup(3, "404", 1, uid=LEG), end).progress == [S.HUNG_UP]
    assert Listener().hear(end).progress == [S.HUNG_UP]  # who knows what was said before the link was there


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("SIP 486 Busy Here", 486),
        ("SIP cause=480 text", 480),
        ("SIP cause480", 480),
        ("SIP;cause=603", 603),
        ("Q.850 16", None),
    ],
)
def test_the_code_in_what_the_pbx_writes_of_the_technology(line: str, code: int | None) -> None:
    """As today's Asterisk writes it, as later ones do, and without what our dialplan filters out."""
    assert sip_code(line) == code
    assert hear([events.ANSWERED, hangup(16, line)]).events[-1].sip == code


def test_an_agents_phone_says_nothing_about_the_customer() -> None:
    """A busy agent's SIP code is not the customer's; one of several phones not picking up is not a missed call."""
    heard = hear(
        [
            events.ANSWERED,
            event("DialEnd", 3, Uniqueid=A, DestUniqueid=events.AGENT, DialStatus="BUSY"),
            hangup(17, "486", 3, uid=events.AGENT, channel="PJSIP/8001-1"),
            user("DialerAgentMissed", 4, DialStatus="BUSY", Cause="17"),
            hangup(16, "", 5),
        ]
    )
    assert heard.progress == [S.ANSWERED, S.AGENT_MISSED, S.HUNG_UP]
    assert (heard.events[1].text, heard.events[1].cause) == ("BUSY", 17)
    assert heard.events[2].sip is None


def test_an_answer_is_seen_from_any_of_its_three_signs() -> None:
    """DialEnd, the UserEvent, or the response alone."""
    for message in (events.ANSWERED, user("DialerAnswered"), response(4)):
        assert S.ANSWERED in hear([message]).progress


def test_a_ring_that_fell_into_a_gap_of_the_link_is_told_by_the_end() -> None:
    """Told once, however often it is heard of."""
    for heard_ringing in ([events.RINGING], []):
        heard = hear([*heard_ringing, *events.TIMED_OUT_CALL[1:]])
        assert heard.progress == [S.RINGING, S.RESPONDED, S.HUNG_UP]


def test_a_connection_is_seen_from_either_of_its_signs() -> None:
    """The UserEvent or DialEnd."""
    for message in (events.CONNECTED_CALL[5], events.CONNECTED_CALL[6]):
        assert hear([message]).progress == [S.CONNECTED]


def test_a_refusal_has_the_pbxs_words() -> None:
    """The immediate answer to an Originate; a success says nothing."""
    refused = {"Response": "Error", "ActionID": A, "Message": "Originate Access Forbidden: app or data blacklisted"}
    heard = hear([refused, {"Response": "Success", "ActionID": A, "Message": "Originate successfully queued"}])
    assert heard.progress == [S.REFUSED]
    assert heard.events[0].text.startswith("Originate Access Forbidden")
    assert heard.events[0].at == NOW


@pytest.mark.parametrize(
    "message",
    [
        hangup(16, uid="office-1.7") | {"Linkedid": "office-1.7"},
        event("DialState", Uniqueid="office-1.7", DestUniqueid="office-1.8", DialStatus="RINGING"),
        event("DialEnd", Uniqueid="office-1.7", DestUniqueid="office-1.8", DialStatus="ANSWER"),
        event("DialState", DestUniqueid=A, DialStatus="PROCEEDING"),
        response(4) | {"ActionID": "somebody"},
        user("DialerAnswered") | {"Attempt": "office-1.7"},
        user("DialerSomethingNew"),
        event("FullyBooted"),
        {"Response": "Error", "ActionID": "hangup/1", "Message": "No such channel"},
        hangup(16, uid=f"{A};2"),
        hangup(16, "486", uid=LEG),
    ],
)
def test_other_peoples_calls_say_nothing(message: Headers) -> None:
    """Nor do events without a meaning for the customer's call."""
    heard = hear([message])
    assert heard.events == []


FAR_AWAY = ("1e300", "nan", "-inf", "9" * 5000, "0", "4102444800", "253402300799", str(NOW.timestamp() + 90_000))


def test_without_a_timestamp_our_clock_counts() -> None:
    """timestampevents is optional for the administrator; nonsense, or another day, is as good as none."""
    bare = {key: value for key, value in events.RINGING.items() if key != "Timestamp"}
    for message in (bare, bare | {"Timestamp": "soon"}, *(bare | {"Timestamp": at} for at in FAR_AWAY)):
        assert hear([message]).events[0].at == NOW


class Noted(dict[str, str]):
    """Headers that remember which of them were asked for."""

    def __init__(self, headers: Headers) -> None:
        super().__init__(headers)
        self.asked: set[str] = set()

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]  # panoramisk answers any type
        self.asked.add(key)
        return super().get(key, default)


def test_only_the_headers_of_the_table_are_read() -> None:
    """What is not in the table never gets as far as the readers, so they must not ask for it."""
    calls = (events.CONNECTED_CALL, events.BUSY_CALL, events.LOCAL_REJECTED_CALL, events.BLINDLY_TRANSFERRED)
    for message in (*itertools.chain(*calls, events.AFTER_A_CONSULTATION), user("DialerAgentMissed")):
        noted = Noted(message)
        assert list(translate(noted, NOW)) != [] or message["Uniqueid"].endswith(";2")
        assert noted.asked - {"Event"} <= set(HEADERS[message["Event"]])
    assert set(READERS) <= set(HEADERS)


def test_the_pbx_is_asked_for_the_events_that_are_read() -> None:
    """The administrator's event filter and our table name the same events."""
    assert set(HEADERS) == {*EVENTS, *FILTERS}


def test_headers_that_are_not_numbers_are_unknown() -> None:
    """Never an error."""
    for cause in ("", "9" * 5000, "-1", "²", "1e3"):
        end = hear([events.ANSWERED, hangup(16) | {"Cause": cause, "TechCause": "abc"}]).events[-1]
        assert (end.cause, end.sip) == (None, None)


def stopping(cause: int, after: float = 1.0, uid: str = A) -> Headers:
    return event("SoftHangupRequest", after, Uniqueid=uid, Linkedid=A, Cause=str(cause))


ENDED = user("DialerEnded", 1, Cause="0", State="Ringing", Agent="", HangupBy="", Tech="SIP 180 Ringing")


@pytest.mark.parametrize(
    ("stream", "by"),
    [
        ((stopping(32), ENDED, hangup(0), response(0)), Side.PBX),  # `channel request hangup`
        ((response(0), stopping(4), ENDED, hangup(0)), Side.PBX),  # `core restart now`
        ((ENDED, hangup(0), response(0)), Side.PBX),  # without a filter's line for SoftHangupRequest
        ((stopping(32), hangup(0, channel="Local/1@x-1;1"), response(0)), Side.PBX),
        ((hangup(0, channel="Local/1@x-1;1"), response(0)), None),
        ((stopping(1), hangup(16, "486"), response(0)), None),
        ((stopping(32, uid=LEG), hangup(17, "486"), response(0)), None),  # a leg's, not the customer's channel's
        ((user("DialerAnswered"), stopping(32), hangup(16)), None),
    ],
)
async def test_who_ended_a_call_that_nobody_had_answered(stream: tuple[Headers, ...], by: Side | None) -> None:
    """Measured: a person's command, the PBX that stops; the last SIP answer is provisional, and there is no cause."""
    heard = Listener().placed().hear(*stream)
    (end,) = [each for each in heard.events if each.progress is S.HUNG_UP]
    assert end.hung_up_by is by


async def test_an_end_that_the_dialer_asked_for_is_its_own() -> None:
    """It knows that itself."""
    listener = Listener().placed()
    listener.calls.end_asked(A)
    (end,) = [e for e in listener.hear(stopping(32), ENDED, hangup(0)).events if e.progress is S.HUNG_UP]
    assert end.hung_up_by is None
