"""The agent's phone in a call: whose leg it is, when it is out of it, and when it is back."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from dialer.ami.survey import live_calls, read_mark
from dialer.campaign.messages import CallProgress, Stranger
from dialer.campaign.model.evidence import Side
from tests.ami import events
from tests.ami.events import AGENT, COLLEAGUE, A, blind_transfer, event, hangup, picked_up, user
from tests.ami.server import T0, Headers, bench
from tests.ami.test_survey import at, channel
from tests.ami.test_translate import NOW, Listener

S = CallProgress
ON_THE_PHONE = events.CONNECTED_CALL[:7]


def transfers(heard: Listener) -> list[tuple[CallProgress, str, float]]:
    """What was said of the agent's phone: sign, to whom, when."""
    return [
        (each.progress, each.text, each.at.timestamp() - T0)
        for each in heard.events
        if each.progress in (S.TRANSFERRED, S.RETURNED)
    ]


@pytest.mark.parametrize("call", [events.BLINDLY_TRANSFERRED, events.AFTER_A_CONSULTATION], ids=["blind", "attended"])
async def test_a_transfer_is_told_when_the_pbx_says_so(call: tuple[Headers, ...]) -> None:
    """At once, with whom the customer went to; the phone's own end adds nothing."""
    heard = Listener(wait_s=60).hear(*call)
    assert transfers(heard)[0] == (S.TRANSFERRED, "8002", 60)
    assert S.HUNG_UP not in heard.progress


async def test_two_transfers_in_a_row_are_told() -> None:
    """The second is by whom the first went to."""
    heard = Listener(wait_s=60).hear(*events.BLINDLY_TRANSFERRED, blind_transfer(70, "8003", COLLEAGUE))
    heard.hear(hangup(16, after=70, uid=COLLEAGUE, channel="PJSIP/8002-2"))
    assert [(to, at) for _, to, at in transfers(heard)] == [("8002", 60), ("PJSIP/8002", 61), ("8003", 70)]


async def test_a_transfer_that_failed_is_none() -> None:
    """The phone asked for it, the PBX did not do it: the call is where it was."""
    heard = Listener(wait_s=60).hear(*ON_THE_PHONE, blind_transfer(60, "9", result="Invalid"))
    assert transfers(heard) == []


async def test_a_phone_that_leaves_without_a_word_is_told_after_a_moment() -> None:
    """An event filter of an earlier version does not let the PBX speak of transfers."""
    heard = Listener(wait_s=0.01).hear(*ON_THE_PHONE, hangup(16, after=60, uid=AGENT, channel="PJSIP/8001-1"))
    assert transfers(heard) == []
    timer = heard.calls._tracks[A].timer
    assert timer is not None
    await asyncio.sleep(timer.when() - asyncio.get_running_loop().time() + 0.005)
    assert transfers(heard) == [(S.TRANSFERRED, "", 60)]
    heard.hear(picked_up(61, COLLEAGUE, "PJSIP/8002-2"))
    assert transfers(heard)[1:] == [(S.TRANSFERRED, "PJSIP/8002", 61)]


async def test_a_call_that_ends_with_its_phone_is_not_transferred() -> None:
    """The customer's end cancels the wait, and so does a lost link."""
    heard = Listener(wait_s=60).hear(*events.CONNECTED_CALL)
    assert transfers(heard) == []
    assert len(heard.calls) == 0
    lost = Listener(wait_s=60).hear(*ON_THE_PHONE, hangup(16, after=60, uid=AGENT, channel="PJSIP/8001-1"))
    timer = lost.calls._tracks[A].timer
    lost.calls.close()
    assert timer is not None
    assert timer.cancelled()


async def test_a_phone_that_fell_silent_hung_up_on_nobody() -> None:
    """The PBX ended its leg (``rtp_timeout``), whatever the dialplan takes it for."""
    end = user("DialerEnded", 60, Cause="16", State="Up", Tech="SIP 200 OK", Agent="ANSWER", HangupBy="agent")
    for cause, by in ((44, Side.PBX), (16, Side.AGENT)):
        heard = Listener(wait_s=60).hear(*ON_THE_PHONE, hangup(cause, after=60, uid=AGENT, channel="PJSIP/8001-1"))
        heard.hear(end, hangup(16, "200", after=60))
        assert heard.events[-1].hung_up_by is by


async def test_a_call_that_comes_back_to_the_agents_phone_is_told() -> None:
    """By the phone's name: its channel is a new one. It can leave again."""
    heard = Listener(wait_s=60).hear(*events.BLINDLY_TRANSFERRED[:8], hangup(16, uid=AGENT, channel="PJSIP/8001-1"))
    heard.hear(picked_up(75, "office-1.30", "PJSIP/8001-3"))
    assert transfers(heard)[1:] == [(S.RETURNED, "", 75)]
    heard.hear(blind_transfer(80, "8004", "office-1.30"))
    assert transfers(heard)[2:] == [(S.TRANSFERRED, "8004", 80)]


async def test_a_phone_behind_a_local_channel_is_followed_itself() -> None:
    """The channel may be optimised away while they talk: that is nobody's end."""
    local, phone = "office-1.21", "office-1.23"
    heard = Listener(wait_s=60).hear(
        *events.CONNECTED_CALL[:5],
        picked_up(3, phone, "PJSIP/8001-1", by="office-1.22"),
        picked_up(3, local, "Local/8001@from-internal-1;1"),
        hangup(16, after=4, uid=local, channel="Local/8001@from-internal-1;1"),
    )
    assert heard.calls._tracks[A].timer is None
    heard.hear(blind_transfer(60, "8002", phone))
    assert transfers(heard) == [(S.TRANSFERRED, "8002", 60)]


async def test_phones_on_the_way_to_the_customer_are_not_the_agents() -> None:
    """A route of the office that goes through several channels answers before the customer's does."""
    heard = Listener(wait_s=60).hear(picked_up(1, "office-1.9", "PJSIP/trunk-1", by="office-1.8"), *ON_THE_PHONE)
    heard.hear(hangup(16, after=60, uid="office-1.9", channel="PJSIP/trunk-1"))
    track = heard.calls._tracks[A]
    assert track.phone is not None
    assert (track.phone.leg, track.timer) == (AGENT, None)


async def test_a_long_conversation_is_not_forgotten() -> None:
    """Its phone is followed to the end, however much later."""
    heard = Listener(wait_s=60).hear(*ON_THE_PHONE)
    heard.calls.placed("ct-9-1-x", NOW + timedelta(hours=2), 30)
    heard.hear(blind_transfer(7200, "8002"))
    assert transfers(heard) == [(S.TRANSFERRED, "8002", 7200)]


def test_other_peoples_transfers_say_nothing() -> None:
    """Neither calls of the office nor what is no call at all."""
    others = (
        blind_transfer(1, "8002") | {"TransfereeLinkedid": "office-1.7"},
        event("AttendedTransfer", 1, Result="Success", OrigTransfererLinkedid="office-1.7"),
        picked_up(1, "office-1.9", "PJSIP/8002-1", by="office-1.8") | {"DestLinkedid": "office-1.8"},
    )
    assert Listener().hear(*others).events == []


MARK = f"answered={at(0)}|connected={at(5)}|leg={AGENT}"


@pytest.mark.parametrize(
    ("rows", "sign"),
    [
        ([channel(A, 6, bridge="b1"), channel(AGENT, 6, bridge="b1")], S.CONNECTED),
        # In the office's own dialplan, where a colleague's phone rings: a blind transfer.
        ([channel(A, 6) | {"Context": "from-internal"}, channel(COLLEAGUE, 5)], S.TRANSFERRED),
        # Still in ours, but with somebody else: after a consultation.
        ([channel(A, 6, bridge="b2"), channel(COLLEAGUE, 6, bridge="b2")], S.TRANSFERRED),
        # The list is from before the agent picked up, or from the moment in which the call ends.
        ([channel(A, 6) | {"Context": "dialer-connect"}], S.CONNECTED),
    ],
    ids=["connected", "blind", "attended", "not yet"],
)
def test_a_survey_finds_a_transferred_call(rows: list[Headers], sign: CallProgress) -> None:
    """From the agent's leg, which the journal names: it is not among the channels."""
    mark = read_mark(f"/dialer/{A}", MARK)
    assert mark is not None
    assert live_calls(rows, {A: mark}, "dialer-connect")[A].progress is sign


STRANGER = "office-1796039043.4"


async def test_who_answers_under_an_id_that_is_not_ours_is_a_stranger() -> None:
    """Told, found by a survey, and the only channel beside our calls that is ever hung up."""
    async with bench() as b:
        answered = user("DialerAnswered") | {"Uniqueid": STRANGER, "Linkedid": STRANGER, "Attempt": STRANGER}
        await b.pbx.hang_up(STRANGER)
        b.pbx._message(answered)
        assert [each.channel for each in b.messages if isinstance(each, Stranger)] == [STRANGER]
        b.server.channels = [
            channel(STRANGER, 6, STRANGER) | {"Context": "dialer-connect"},
            channel("office-1.9", 6, "office-1.9") | {"Context": "from-internal"},
            channel("office-1.10", 6) | {"Context": "dialer-connect"},
        ]
        await b.pbx.survey()
        assert b.looks()[-1].strangers == (STRANGER,)
        await b.pbx.hang_up(STRANGER)
        await b.pbx.survey()
        assert [each["Channel"] for each in b.server.named("Hangup")] == [STRANGER]
        b.pbx._message(event("Hangup", Uniqueid=STRANGER, Linkedid=STRANGER))
        assert [each.up for each in b.messages if isinstance(each, Stranger)] == [True, False]
