"""Recordings: found, drawn, annotated, protected; each opening on record."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from dialer.campaign.views.recording_words import WRONG, absences, wrong
from dialer.language import translator
from dialer.people.audit_log import AuditQuery
from dialer.recording.faults import Fault
from dialer.recording.orders import NO_CALL, SEVERAL
from dialer.web.recordings.pages import told
from dialer.web.recordings.search import search_of
from dialer.web.recordings.wave import draw
from tests.web.people import People
from tests.web.system import ZONE

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)


async def recorded(people: People, attempt: str = "") -> str:
    """A conversation with a recording of 2 s and an order; ``attempt`` if it goes on already."""
    attempt = attempt or await people.system.conversation()
    await people.system.record(attempt)
    await people.system.finish(attempt)
    order = {"number": "DD-7", "customer": "C0001", "quantity": "20", "amount": "2620", "attempt": attempt}
    await people.system.ask("POST", "/orders", json=order)
    return attempt


@pytest.mark.parametrize(
    "query", ["", "q=DD-7", "q=C0001", "q=惠民", "q=139 0470 0000", "agent=001", "min=2&max=0:02", "kind=all"]
)
async def test_a_recording_is_found(people: People, query: str) -> None:
    """By order number, code, shop, phone, agent and length, in the last month unless said otherwise."""
    attempt = await recorded(people)
    page = await people.get("supervisor", f"/recordings?{query}")
    assert f"/recordings/{attempt}" in page
    assert "惠民店" in page
    assert "DD-7" in page


@pytest.mark.parametrize(
    "query", ["q=DD-8", "agent=002", "min=3", "kind=held", "kind=without", "to=2025-01-01", "result=refused"]
)
async def test_what_does_not_fit_is_not_found(people: People, query: str) -> None:
    """The page says so, and what to do."""
    attempt = await recorded(people)
    page = await people.get("supervisor", f"/recordings?{query}")
    assert attempt not in page
    assert "没有符合的通话" in page


async def test_the_agents_remarks_stand_beside_the_recording(people: People) -> None:
    """What the agent wrote down while talking helps whoever listens."""
    attempt = await recorded(people)
    assert "电访员备注" not in await people.get("supervisor", f"/recordings/{attempt}")
    await people.system.ask("PUT", f"/attempts/{attempt}/remarks", json={"text": "要软包 <两条>"})
    page = await people.get("supervisor", f"/recordings/{attempt}")
    assert "电访员备注" in page
    assert "要软包 &lt;两条&gt;" in page


async def test_a_recording_of_nothing_is_not_complete(people: People) -> None:
    """The customer answered, the agent did not: there is a file, and nothing in it to hear."""
    attempt = await people.system.conversation()
    await people.system.record(attempt, 0.0)
    page = await people.get("supervisor", "/recordings")
    assert f"/recordings/{attempt}" in page
    assert '<td class="n">–</td>' in page
    assert "完整" not in page
    await people.system.record(attempt)
    page = await people.get("supervisor", "/recordings")
    assert '<td class="n">0:02</td>' in page
    assert "完整" in page


async def test_a_field_that_makes_no_sense_is_marked(people: People) -> None:
    """It is left out of the search instead of ending it."""
    page = await people.get("supervisor", "/recordings?from=tomorrow&min=long")
    assert page.count('aria-invalid="true"') == 2


async def test_a_call_is_shown_whole(people: People) -> None:
    """Both sides drawn, the order beside it; the opening is in the audit log before anything was played."""
    attempt = await recorded(people)
    await people.speak("supervisor", "en")
    page = await people.get("supervisor", f"/recordings/{attempt}?q=DD-7")
    assert page.count("<path class=") == 2
    for text in ("DD-7", "2620", "惠民店", "C0001", "城区营销部", "Add mark at", "None yet."):
        assert text in page, text
    log = await people.system.services.accounts.audit.search(AuditQuery(target=attempt, what="show_recording"))
    assert [entry.who for entry in log][:1] == ["910 supervisor 王"]


async def test_neighbours_follow_the_search(people: People) -> None:
    """Next and previous stay in what was searched for."""
    first = await recorded(people)
    await people.system.import_rows(
        "C0001,惠民店,13904700000,001,城区营销部", "C0002,兴盛店,13904700010,001,城区营销部"
    )
    await people.system.ask("PUT", "/agents/001/presence", json={"presence": "ready"})
    await people.system.until(lambda: sum(a.connected_at is not None for a in people.system.attempts.values()) == 2)
    second = list(people.system.attempts)[1]
    await people.system.record(second)
    page = await people.get("supervisor", f"/recordings/{second}?agent=001")
    assert f'rel="next" href="/recordings/{first}?agent=001"' in page
    assert 'rel="prev"' not in page
    page = await people.get("supervisor", f"/recordings/{first}?agent=001")
    assert f'rel="prev" href="/recordings/{second}?agent=001"' in page
    page = await people.get("supervisor", f"/recordings/{first}?q=DD-7")
    assert 'rel="prev"' not in page


async def test_a_hold_has_a_reason_and_is_lifted_again(people: People) -> None:
    """Both are on record."""
    attempt = await recorded(people)
    path = f"/recordings/{attempt}/hold"
    assert (await people.ask("supervisor", "POST", path, data={"hold": "yes", "reason": " "})).status == 422
    answer = await people.ask("supervisor", "POST", path, data={"hold": "yes", "reason": "投诉"})
    assert "投诉" in answer.text
    assert "设为保护" in answer.text
    assert attempt in await people.get("supervisor", "/recordings?kind=held")
    answer = await people.ask("supervisor", "POST", path, data={"hold": "no"})
    assert "解除保护" in answer.text
    assert attempt not in await people.get("supervisor", "/recordings?kind=held")


async def test_notes_and_marks(people: People) -> None:
    """They are in the fragment, by position, as text and never as markup; only one's own can be removed."""
    attempt = await recorded(people)
    await people.api(
        "supervisor", "POST", f"/recordings/{attempt}/marks", {"position_s": 1, "text": "<b>数量</b>"}, 201
    )
    fragment = await people.get("supervisor", f"/pages/recordings/{attempt}/marks")
    assert "&lt;b&gt;数量&lt;/b&gt;" in fragment
    assert "data-remove=" in fragment
    assert "data-remove=" not in await people.get("hearing_administrator", f"/pages/recordings/{attempt}/marks")


async def test_calls_without_a_recording_say_why(people: People) -> None:
    """No player, no note; the call is shown all the same."""
    attempt = await people.system.conversation()
    page = await people.get("supervisor", f"/recordings/{attempt}")
    assert "此次呼叫没有录音" in page
    assert "<audio" not in page
    assert attempt in await people.get("supervisor", "/recordings?kind=all")


async def test_a_file_that_is_gone_is_told(people: People) -> None:
    """The page stands, and says what is wrong."""
    attempt = await recorded(people)
    next(people.system.library.rglob("*.wav")).unlink()
    assert "录音无法显示" in await people.get("supervisor", f"/recordings/{attempt}")


@pytest.mark.parametrize("who", ["agent", "leader", "team_leader", "administrator"])
async def test_nobody_else_opens_one(people: People, who: str) -> None:
    """Not by a guessed address either; that they tried is on record."""
    attempt = await recorded(people)
    for path in ("/recordings", f"/recordings/{attempt}", f"/pages/recordings/{attempt}/marks"):
        await people.get(who, path, 403)
    assert await people.system.services.accounts.audit.search(AuditQuery(target=attempt, what="show_recording")) != []


def test_what_is_wrong_is_told_in_words() -> None:
    """Codes of the books become words, figures stay, and what is no code of ours stays as it is."""
    t = translator("zh")
    assert (
        wrong(["too_short: 12.0 s of 33.2 s", "agent_silent"], t) == "比通话短（12.0 秒，通话 33.2 秒）；听不到电访员"
    )
    assert wrong(["no_file: nothing came within 60 s of the call's end"], t) == "交换机没有送来文件"
    slip = "001 entered this order for customer C1; it is C2's"
    assert wrong([slip], t) == "001 登记给客户 C1，订单系统记为 C2"
    assert wrong(["the books know no such call"], t) == "账册中没有这次呼叫"
    assert wrong(["somebody's own words"], t) == "somebody's own words"


async def test_seconds_that_are_not_heard_are_marked(people: People) -> None:
    """Where in the waveform, on that side's line, and in words that lead there."""
    attempt = await recorded(people)
    await people.system.record(
        attempt, 100, "customer_lost: 12–95 s", "agent_gaps: 30–32 s", "too_short: 100 s of 110 s"
    )
    page = await people.get("supervisor", f"/recordings/{attempt}")
    agent, customer = page.split('<rect id="played"')[0].split("<svg x=")[1:]
    assert re.findall(r'class="absent" x="([\d.]+)" y="4" width="([\d.]+)"', agent) == [("300.0", "20.0")]
    assert re.findall(r'class="absent" x="([\d.]+)" y="4" width="([\d.]+)"', customer) == [("120.0", "830.0")]
    words = re.findall(r'data-seek="(\d+)"><b>([\d:–]+)</b> ([^<]+)<', page)
    assert words == [("12", "0:12–1:35", "没有客户的声音"), ("30", "0:30–0:32", "电访员的声音有间断")]


def test_what_is_not_heard_ends_with_the_recording() -> None:
    """Whole seconds may reach past the end; a recording of both sides in one has no line for either."""
    lost = absences(["customer_lost: 8–11 s, …", "agent_lost: 70–80 s", "somebody's own: 1–2 s"])
    assert [(each.side, each.since_s, each.until_s) for each in lost] == [("customer", 8, 11), ("agent", 70, 80)]
    assert draw([bytes(100), bytes(100)], 10.5, lost).gaps == ((), ((76.2, 23.8),))
    assert draw([bytes(100)], 10, lost).gaps == ((),)


def test_every_fault_has_words() -> None:
    """A new code must be told too."""
    assert {*map(str, Fault), NO_CALL, SEVERAL} <= WRONG.keys()


def test_parts_of_one_listening_are_one_access() -> None:
    """Ranges fetched one after the other are told once, at the time of the first."""
    parts = [
        (AT + timedelta(minutes=30), "甲", "play 0-9", "a", "::1"),
        (AT + timedelta(seconds=9), "甲", "play 100-200", "a", "::1"),
        (AT, "甲", "play 0-99", "a", "::1"),
        (AT, "乙", "download", "a", "::1"),
    ]
    found = [(access.at - AT, access.who, access.what) for access in told(parts)]
    nothing = timedelta()
    assert found == [(timedelta(minutes=30), "甲", "play"), (nothing, "甲", "play"), (nothing, "乙", "download")]


def test_a_search_without_days_means_the_last_month() -> None:
    """Days that were emptied on purpose are no limit; a last day is in it whole."""
    today = date(2026, 11, 23)
    assert search_of({}, today).since == date(2026, 10, 24)
    assert search_of({"from": ""}, today).since is None
    search = search_of({"from": "2026-11-23", "to": "2026-11-23"}, today)
    from dialer.campaign.model.query import Page

    query = search.query(ZONE, Page())
    assert query.since is not None
    assert query.until is not None
    assert query.until - query.since == timedelta(days=1)


def test_a_silent_recording_is_drawn_flat() -> None:
    """No division by nothing; the axis ends with the recording and has few labels."""
    wave = draw([bytes(1000)], 0)
    assert (wave.paths, wave.ticks) == (("",), ())
    assert [seconds for _, seconds in draw([b"\x00\xff"], 61).ticks] == [0, 10, 20, 30, 40, 50, 60]
    assert draw([b"\x00\xff"], 61).paths == ("M1.5 2V98",)
    assert len(draw([b"\xff"], 90_000).ticks) <= 30
