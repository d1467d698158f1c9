"""Reading the stream: any bytes, cut anywhere."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from dialer.ami.protocol import LONGEST_MESSAGE, LONGEST_VALUE, MOST_MESSAGES, AmiProtocol, Fields, Splitter, parse
from tests.ami import events
from tests.ami.server import GREETING, wire
from tests.ami.test_traps import protocol_for

STREAM = GREETING + wire({"Response": "Success", "ActionID": "1", "Message": "张三丰"}, *events.CONNECTED_CALL)
NAMES = st.from_regex(r"\A[A-Za-z][A-Za-z0-9-]{0,12}\Z")
VALUES = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"])).filter(
    lambda v: not v.startswith(" ")
)


def heard_from(*chunks: bytes) -> list[Fields]:
    heard: list[Fields] = []
    protocol = protocol_for(heard)
    for chunk in chunks:
        protocol.data_received(chunk)
    return heard


def test_a_whole_call_is_read_the_same_however_it_is_cut() -> None:
    """Cut in two at every position, and byte by byte."""
    whole = heard_from(STREAM)
    assert len(whole) == len(events.CONNECTED_CALL) + 1
    for cut in range(len(STREAM)):
        assert heard_from(STREAM[:cut], STREAM[cut:]) == whole
    assert heard_from(*(STREAM[at : at + 1] for at in range(len(STREAM)))) == whole


@given(
    st.lists(st.dictionaries(NAMES, VALUES, min_size=1, max_size=6), max_size=6),
    st.lists(st.integers(0, 2000), max_size=8),
    st.booleans(),
)
def test_what_is_written_is_read(messages: list[Fields], cuts: list[int], extra: bool) -> None:
    """Any headers survive any split, with and without the extra line end that follows some events."""
    stream = GREETING + (b"\r\n" if extra else b"").join(wire(each) for each in messages)
    splitter, places = Splitter(), [0, *sorted(cuts), len(stream)]
    raws = [raw for begin, end in pairwise(places) for raw in splitter.feed(stream[begin:end])]
    assert [parse(raw.lstrip(b"\r\n")) for raw in raws] == messages


@given(st.lists(st.binary(max_size=200), max_size=20))
def test_no_bytes_raise(chunks: list[bytes]) -> None:
    """Whatever comes over the socket, reading it raises nothing."""
    heard_from(*chunks)


def test_bytes_that_are_not_utf8_are_replaced() -> None:
    """A GB18030 name is unreadable, the rest of its message is not."""
    raw = wire({"Response": "Error", "Message": "x", "ActionID": "1"}).replace(b"x", "张".encode("gb18030"))
    assert heard_from(raw)[0]["ActionID"] == "1"
    assert "�" in heard_from(raw)[0]["Message"]


def test_of_a_repeated_header_the_first_counts() -> None:
    """What a dialplan adds to a UserEvent cannot replace the channel's own headers."""
    raw = b"Event: UserEvent\r\nUserEvent: DialerX\r\nAttempt: a\r\nAttempt: b\r\nNoColon\r\n\r\n"
    assert heard_from(raw) == [{"Event": "UserEvent", "Attempt": "a", "UserEvent": "DialerX"}]
    assert parse(raw.strip())["Attempt"] == "a"


@pytest.mark.parametrize("name", ["HangupRequest", "Newchannel", "hangup", "", "VarSet"])
def test_events_that_nobody_wants_are_dropped(name: str) -> None:
    """By the whole name: HangupRequest is not Hangup."""
    assert heard_from(wire({"Event": name, "Uniqueid": "1"})) == []


def test_only_the_dialers_own_user_events_pass() -> None:
    """Other dialplans' UserEvents are not for us."""
    assert heard_from(wire({"Event": "UserEvent", "UserEvent": "Queue"})) == []
    assert len(heard_from(wire({"Event": "UserEvent", "UserEvent": "DialerEnded"}))) == 1


class Recorder:
    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


def test_a_message_without_an_end_is_not_collected_for_ever() -> None:
    """Something that is no manager interface is dropped, with a line in the log."""
    protocol: AmiProtocol = protocol_for([])
    protocol.transport = recorder = Recorder()
    with structlog.testing.capture_logs() as logs:
        protocol.data_received(b"x" * (LONGEST_MESSAGE + 1))
    assert recorder.aborted
    assert logs[0]["action"] == "ami.garbage"


def test_a_message_in_pieces_costs_what_it_is_long() -> None:
    """A message of a megabyte that comes byte by byte is not copied, nor searched, from its beginning each time."""
    splitter = Splitter()
    splitter.feed(b"Event: x\r\nX: " + b"x" * (LONGEST_MESSAGE // 2))
    began = time.process_time()
    for _ in range(LONGEST_MESSAGE // 4):
        assert splitter.feed(b"x") == []
    assert time.process_time() - began < 30  # a second; to copy half a megabyte so often takes minutes
    assert len(splitter.feed(b"\r\n\r\nEvent: y\r\n\r\nEv")) == 2


def test_the_values_of_events_have_a_length() -> None:
    """Of a value of a megabyte its beginning is read; the headers behind it are there."""
    raw = b"Event: Hangup\r\nUniqueid: " + b"u" * 900_000 + b"\r\nLinkedid: l\r\nCause: 16\r\n\r\n"
    heard = heard_from(raw)[0]
    assert (len(heard["Uniqueid"]), heard["Cause"]) == (LONGEST_VALUE, "16")


class Pending:
    """An action whose list never ends."""

    def __init__(self) -> None:
        self.responses = [None] * MOST_MESSAGES

    def add_message(self, _message: object) -> bool:
        return False


def test_an_answer_without_an_end_is_not_collected_for_ever() -> None:
    """A list that goes on and on ends the link, and not the memory."""
    protocol: AmiProtocol = protocol_for([])
    protocol.transport = recorder = Recorder()
    protocol.responses = {"1": Pending()}
    protocol.data_received(wire({"Event": "CoreShowChannel", "ActionID": "1"}))
    assert recorder.aborted
