"""Finding customers by pinyin: what fits, and that no search costs more than its length."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialer.campaign.model.customer import Customer
from dialer.errors import BadInput
from dialer.web.kit.http.leaving import aside
from dialer.web.kit.search import LONGEST, Word, that_fit
from tests.web.people import People

SHOPS = ("惠民店", "黄山超市", "重庆长安行", "A1 store 乐园", "西安银行", "a a a a", "女儿店")


def customer(shop: str) -> Customer:
    return Customer("C1", shop, "", "13904700000")


def spells(word: str, syllables: tuple[tuple[str, ...], ...]) -> bool:
    """What a spelling is, as it would be told: by initials or whole syllables in turn, the last one begun."""
    if not word:
        return True
    if not syllables:
        return False
    first, rest = syllables[0], syllables[1:]
    return any(
        reading.startswith(word)
        or (word.startswith(reading) and spells(word[len(reading) :], rest))
        or (word[0] == reading[0] and spells(word[1:], rest))
        for reading in first
    )


@given(
    st.lists(st.lists(st.text("abn", min_size=1, max_size=3), min_size=1, max_size=2), max_size=5),
    st.text("abn", min_size=1, max_size=7),
)
def test_a_spelling_is_found_wherever_it_begins(names: list[list[str]], word: str) -> None:
    """The same is found as by trying every way."""
    syllables = tuple(tuple(readings) for readings in names)
    expected = any(spells(word, syllables[start:]) for start in range(len(syllables)))
    assert Word(word).spells_part_of(syllables) == expected


@pytest.mark.parametrize(
    ("word", "shops"),
    [
        ("hmd", {"惠民店"}),
        ("huimin", {"惠民店"}),
        ("hshanchaosh", {"黄山超市"}),
        ("zhongqing", {"重庆长安行"}),
        ("chongqingca", {"重庆长安行"}),
        ("xiany", {"西安银行"}),
        ("xayh", {"西安银行"}),
        ("xayx", {"西安银行"}),
        ("storely", {"A1 store 乐园"}),
        ("nve", {"女儿店"}),
        ("nvx", set()),
        ("zzz", set()),
    ],
)
def test_what_is_found(word: str, shops: set[str]) -> None:
    """Initials, whole syllables, both mixed, every reading of a character."""
    assert {shop for shop in SHOPS if Word(word).fits(customer(shop), "")} == shops


def calls_of(work: Callable[[], object]) -> int:
    """How many functions were called in it: what it costs on any machine."""
    count = 0

    def seen(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(seen)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    ("piece", "name"), [("huangshan", "黄山"), ("a", "啊"), ("huan", "欢"), ("ang", "昂"), ("n", "嗯"), ("xia", "西安")]
)
def test_twice_as_long_costs_twice_as_much(piece: str, name: str) -> None:
    """A word that almost fits in countless ways, longer and longer, and names likewise: the work grows as they do."""

    def cost(pieces: int, names: int) -> int:
        fits = partial(Word(piece * pieces + "x").fits, customer(name * names + "超市"), "")
        fits()  # the readings of the name are looked up once
        return calls_of(partial(Word(piece * pieces + "x").fits, customer(name * names + "超市"), ""))

    assert cost(16, 8) < 2.5 * cost(8, 8)
    assert cost(8, 64) < 2.5 * cost(8, 32)
    assert cost(80 // len(piece), 100) < 10_000


async def test_a_search_has_a_length(people: People) -> None:
    """What is longer is refused with a sentence, on the page and by the API; the longest is looked for."""
    with pytest.raises(BadInput, match="at most 80"):
        await that_fit(aside, "a" * (LONGEST + 1), [], lambda _row: (customer(""), ""))
    await people.system.import_rows("C1,黄山超市,13904700011,001,城区营销部")
    for path in ("/floor/customers", "/api/v1/visits"):
        assert (await people.ask("leader", "GET", f"{path}?q={'a' * LONGEST}")).status == 200
        assert (await people.ask("leader", "GET", f"{path}?q={'a' * (LONGEST + 1)}")).status == 422


async def test_the_api_finds_what_the_pages_find(people: People) -> None:
    """By pinyin of a name and of an address, among visits and among calls."""
    system = people.system
    head = "客户代码,店铺名称,主访销电话,电访员,经营地址"
    data = f"{head}\nC1,黄山超市,13904700010,001,胜利大街12号\nC2,惠民店,13904700020,002,河西路7号".encode()
    await system.ask("POST", "/visits", params={"filename": "list.csv"}, data=data)
    await system.agent("001")
    await system.until(lambda: any(a.connected_at for a in system.attempts.values()))
    for asked in ("hscs", "huangshan", "shenglida", "sldj"):
        visits = await system.ask("GET", "/visits", params={"q": asked})
        assert [line["customer"]["code"] for line in visits["visits"]] == ["C1"], asked
        for when in ({}, {"day": system.today.isoformat()}):
            calls = await system.ask("GET", "/recordings", params={"text": asked, **when})
            assert [call["customer"]["code"] for call in calls] == ["C1"], (asked, when)
    assert await system.ask("GET", "/recordings", params={"text": "hexilu"}) == []
    assert "惠民店" in await people.get("leader", "/floor/customers?q=hexilu")


async def test_the_list_of_customers_ends_with_its_sum(people: People) -> None:
    """Of all that were found, also on other pages of the list: how many, in which states, and their calls."""
    rows = [f"C{n},店{n},139047{n:05},001,城区营销部" for n in range(60)]
    await people.system.import_rows(*rows)
    await people.api("leader", "POST", "/customers/C7/withdraw", {"reason": "x"})
    for page in ("", "?page=2"):
        text = await people.get("leader", f"/floor/customers{page}")
        total = " ".join(text.partition("<tfoot>")[2].partition("</tfoot>")[0].split())
        assert "合计 60" in total
        assert "待拨打 59" in total
        assert "已撤销 1<" in total
