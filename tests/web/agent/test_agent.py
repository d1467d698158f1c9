"""The agent's page as the server gives it: card, count, phrases, remarks."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

from dialer.web.agent.cards import Cards
from dialer.web.parts import ROUTES
from tests.virtual.fates import Fate, Turn
from tests.web.people import People, open_people

ROWS = (
    "客户代码,店铺名称,负责人,主访销电话,电访员,结算方式,客户经理,送货线路",
    "C0001,惠民店,张三,13904700000,001,电子结算,李经理,三号线",
    "C0002,顺发店,,13904700003,001,现金,,",
)


async def begin(people: People, *rows: str) -> str:
    """Import a list and let agent 001 talk to its first customer; the call's id."""
    system = people.system
    data = "\n".join(rows or ROWS).encode()
    await system.ask("POST", "/visits", params={"filename": "list.csv"}, data=data)
    await people.api("agent", "PUT", "/agents/001/presence", {"presence": "ready"})
    await system.until(lambda: any(a.connected_at for a in system.attempts.values()))
    return next(a.id for a in system.attempts.values() if a.connected_at)


async def test_before_the_first_call(people: People) -> None:
    """The page says how to begin, in both languages."""
    page = await people.get("agent", "/agent")
    assert "按 N 键开始" in page
    await people.speak("agent", "en")
    assert "Press N to start" in await people.get("agent", "/agent")


async def test_the_card(people: People) -> None:
    """Known fields, those that only this list has, the greeting, and what to say to this customer."""
    attempt = await begin(people)
    now = await people.get("agent", "/pages/agent/now")
    for part in (
        "C0001",
        "惠民店",
        "张三",
        "13904700000",
        "李经理",
        "送货线路",
        "三号线",
        "001号",
        f'data-attempt="{attempt}"',
    ):
        assert part in now, part
    assert 'data-talking="1"' in now
    assert 'data-when="deposit"' in now
    assert "这是第一次通话" in now


async def test_the_card_comes_although_the_books_have_the_call_at_another_time(people: People) -> None:
    """The clock was set back during the call: its time was moved in memory, and stands in the books as it was."""
    attempt, services = await begin(people), people.system.services
    state = services.engine.state
    state.attempts[attempt].placed_at -= timedelta(hours=1)
    card = await Cards(services.calls, services.remarks, services.order_store).of(
        state.agents["001"], state, services.clock.now().date()
    )
    assert card is not None
    assert (card.attempt.id, card.customer.shop_name, card.visit.customer) == (attempt, "惠民店", "C0001")


async def test_an_account_without_a_phone(people: People) -> None:
    """Somebody who is no agent of the dialer yet is told what is missing."""
    people.system.engine.state.agents.pop("002")
    assert "工号 002 还没有设置话机" in await people.get("other", "/agent")
    await people.get("other", "/pages/agent/now", status=404)


async def test_remarks_survive_a_reload(people: People) -> None:
    """What was typed during a call is there again on the page, and on that of a second window."""
    attempt = await begin(people)
    answer = await people.api("agent", "PUT", f"/attempts/{attempt}/remarks", {"text": "下午<送>货"})
    assert json.loads(answer)["by"] == "001"
    assert 'data-remarks="下午&lt;送&gt;货"' in await people.get("agent", "/agent")
    await people.api("agent", "PUT", f"/attempts/{attempt}/remarks", {"text": ""})
    assert 'data-remarks=""' in await people.get("agent", "/agent")


async def test_remarks_are_those_of_ones_own_call(people: People) -> None:
    """Another agent cannot write them, and a call that is not there has none; the log names each writer once."""
    attempt = await begin(people)
    await people.api("other", "PUT", f"/attempts/{attempt}/remarks", {"text": "x"}, status=404)
    await people.api("agent", "PUT", "/attempts/none/remarks", {"text": "x"}, status=404)
    for text in ("a", "ab", "abc"):
        await people.api("agent", "PUT", f"/attempts/{attempt}/remarks", {"text": text})
    await people.api("leader", "PUT", f"/attempts/{attempt}/remarks", {"text": "abc!"})
    log = json.loads(await people.api("administrator", "GET", "/audit-log?what=set_remarks"))
    entries = log if isinstance(log, list) else next(value for value in log.values() if isinstance(value, list))
    assert len(entries) == 2
    assert any((route.method, route.path) == ("PUT", "/attempts/{attempt}/remarks") for route in ROUTES)


async def test_the_day_is_counted(people: People) -> None:
    """Calls, conversations, orders and what is left follow each result at once; the last call can still get one."""
    system = people.system
    attempt = await begin(people)
    await people.api("agent", "POST", f"/attempts/{attempt}/hang-up", status=204)
    await system.until(lambda: system.attempts[attempt].ended_at)
    now = await people.get("agent", "/pages/agent/now")
    assert 'data-presence="wrap_up"' in now
    assert "未登记结果" in now
    result = {"result": "ordered", "order": "N77", "quantity": "3", "amount": "450"}
    await people.api("agent", "PUT", f"/attempts/{attempt}/disposition", result)
    await people.api("agent", "PUT", "/agents/001/presence", {"presence": "paused", "reason": "meal"})
    now = await people.get("agent", "/pages/agent/now")
    assert dict(re.findall(r"<dt>(?:<button[^>]*>)?(\w+)(?: <kbd.*</button>)?</dt><dd>(\d+)</dd>", now)) == {
        "拨打": "1",
        "通话数": "1",
        "已订货": "1",
        "待拨": "1",
    }
    assert "N77" in now
    assert "用餐" in now
    assert 'data-result="ordered"' in now


async def test_earlier_calls_are_on_the_card(folder: Path) -> None:
    """A customer who is called again comes with what came of it before, and what was written down."""

    def engaged_once(_channel: str, nth: int) -> Turn:
        return Turn(Fate.ANSWERS if nth else Fate.BUSY, ring_s=0.05, talk_s=60)

    async with open_people(folder, people=engaged_once, gap_s=0.5) as people:
        system = people.system
        await system.ask("POST", "/visits", params={"filename": "list.csv"}, data="\n".join(ROWS[:2]).encode())
        await people.api("agent", "PUT", "/agents/001/presence", {"presence": "ready"})
        await system.until(lambda: any(a.ended_at for a in system.attempts.values()))
        first = next(iter(system.attempts))
        await people.api("agent", "PUT", f"/attempts/{first}/remarks", {"text": "下午再打"})
        await system.until(lambda: any(a.connected_at for a in system.attempts.values()))
        now = await people.get("agent", "/pages/agent/now")
        for part in ("占线", "下午再打", "第 2 次拨打", "今天"):
            assert part in now, part


async def test_a_busy_customer_is_the_last_call(people: People) -> None:
    """Between calls the page says whom it called last, and what came of it."""
    system = people.system
    rows = (ROWS[0], "C0009,顺风店,,13904700001,001,现金,,")
    await system.ask("POST", "/visits", params={"filename": "list.csv"}, data="\n".join(rows).encode())
    await people.api("agent", "PUT", "/agents/001/presence", {"presence": "ready"})
    await system.until(lambda: any(a.ended_at for a in system.attempts.values()))
    now = await people.get("agent", "/pages/agent/now")
    assert "顺风店" in now
    assert "占线" in now
    assert 'data-shown="0"' in now
