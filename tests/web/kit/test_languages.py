"""Every page and fragment after a small day, read in both languages: each speaks its own and nothing else."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser

from dialer.web.parts import PAGES
from tests.e2e.walk import DATA, NAMES
from tests.web.kit.test_accessibility import VALUES, WHO, addresses
from tests.web.people import People

PLACE = re.compile(r"{\w+}")
VOID = {"br", "col", "hr", "img", "input", "link", "meta"}
SILENT = {"kbd", "code", "script", "style"}
SPOKEN = re.compile(
    r"title|alt|placeholder|aria-label|aria-valuetext|data-(word-.*|confirm|done|same|told|sure|key-name)"
)
RECORDED = re.compile(
    "客户代码:|主访销电话:|电访员:|"
    r"王芳|惠民店|新新店|城区营销部|电话打不通|\w+ 王(?!芳)|C\d{4}|main|soon|fire drill|ordered online"
    r"|Python/\S+ aiohttp/\S+|trunk"
    "|令牌 (read|operate|orders|recordings|admin)？|吊销 (read|operate|orders|recordings|admin)$"
)
"""What the test has entered itself."""

ROWS = """客户代码,店铺名称,主访销电话,电访员
C0002,新新店,13904700004,002
C0009,新新店,,001
C0008,新新店,13904700008,007
,新新店,1,
"""
REFUSED = (
    ("GET", "/admin", 403),
    ("GET", "/floor/customers/999", 404),
    ("GET", "/reports/log?day=soon", 422),
    ("GET", "/x", 404),
)


class Reader(HTMLParser):
    """Collects what a page says, attributes included; what is marked as another language's or as code is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = [("", False)]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Another language's parts and code are no words of the page."""
        given = {name: value or "" for name, value in attrs}
        elsewhere = ("lang" in given and tag != "html") or "mono" in given.get("class", "").split()
        silent = self._open[-1][1] or tag in SILENT or elsewhere
        if not silent:
            self.texts += [value for name, value in given.items() if SPOKEN.fullmatch(name)]
        if tag not in VOID:
            self._open.append((tag, silent))

    def handle_endtag(self, tag: str) -> None:
        """The innermost element of that name ends, with what was left open in it."""
        while any(name == tag for name, _ in self._open) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        """What stands between the tags."""
        if not self._open[-1][1] and data.strip():
            self.texts.append(" ".join(data.split()))


def foreign(html: str, language: str) -> list[str]:
    """What is not of the page's language."""
    reader = Reader()
    reader.feed(html)
    own = [PLACE.sub("", DATA.sub("", RECORDED.sub("", text))) for text in reader.texts]
    if language == "en":
        return [text for text in own if re.search(r"[\u3000-\u9fff\uff00-\uffef]", text)]
    return [text for text in own if not all(map(NAMES.fullmatch, re.findall(r"[A-Za-z][A-Za-z0-9]+", text)))]


async def test_every_page_speaks_its_own_language(people: People) -> None:
    """Whole pages and fragments, with calls, results, orders, notices, recordings and an audit log behind them."""
    attempt = await small_day(people)
    day = people.system.today.isoformat()
    values: Mapping[str, Sequence[str]] = {**VALUES, "attempt": (attempt,), "day": (day,), "visit": ("1", "2", "3")}
    found: list[str] = []
    for language in ("en", "zh"):
        for who in set(WHO.values()):
            await people.speak(who, language)
        for each in PAGES:
            who = next((WHO[role] for role in WHO if each.policy is not None and role in each.policy.roles), "")
            if each.method != "GET" or not who:
                continue
            for path in addresses(each.path, values):
                answer = await people.ask(who, "GET", path)
                assert answer.status == 200, (path, answer.status, answer.text[:300])
                if answer.headers["Content-Type"].startswith("text/html"):
                    found += [f"{language} {path}: {text}" for text in foreign(answer.text, language)]
        for path in ("/pages/floor/import?day=2099-01-01", "/pages/floor/import?list=second"):
            found += [f"{language} {path}: {text}" for text in foreign(await preview(people, path), language)]
        for method, path, status in REFUSED:
            answer = await people.ask("leader", method, path)
            assert answer.status == status, (path, answer.status)
            found += [f"{language} {path}: {text}" for text in foreign(answer.text, language)]
    assert found == [], "\n".join(dict.fromkeys(found))


async def preview(people: People, path: str) -> str:
    """What the leader is shown of the list."""
    answer = await people.ask(
        "leader", "POST", path, data=ROWS.encode(), headers={"Content-Type": "application/octet-stream"}
    )
    assert answer.status == 200, answer.text
    return answer.text


async def small_day(people: People) -> str:
    """A day on which something of each kind has happened; the id of a recorded conversation."""
    system = people.system
    attempt = await system.conversation()
    rows = ("C0001,惠民店,13904700000,001", "C0002,新新店,13904700004,002", "C0003,新新店,13904700001,002")
    await system.import_rows(*(f"{row},城区营销部" for row in rows))
    await system.record(attempt)
    await system.ask("PUT", f"/attempts/{attempt}/remarks", json={"text": "电话打不通"})
    await system.ask("PUT", f"/attempts/{attempt}/disposition", json={"result": "feedback", "text": "电话打不通"})
    await system.ask(
        "POST", "/orders", json={"number": "N-1", "customer": "C0001", "attempt": attempt, "source": "agent"}
    )
    await system.ask("POST", "/orders", json={"number": "N-1", "customer": "C0002"})
    await system.finish(attempt)
    await system.ask("POST", "/visits/3/withdraw", json={"reason": "ordered online"})
    await people.ask(
        "leader", "POST", "/floor/by-hand", data={"code": "C0002", "result": "", "who": "001", "at": "0001"}
    )
    await people.api(
        "supervisor", "POST", f"/recordings/{attempt}/marks", {"text": "电话打不通", "position_s": 1}, status=201
    )
    await people.ask("supervisor", "POST", f"/recordings/{attempt}/hold", data={"hold": "yes", "reason": "电话打不通"})
    await people.ask("supervisor", "GET", f"/api/v1/recordings/{attempt}/audio")
    await people.api("leader", "POST", "/campaign/pause", {"reason": "fire drill"}, status=204)
    return attempt
