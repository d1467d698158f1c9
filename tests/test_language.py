"""One way to word a sentence: English in the code, Chinese in one catalogue, and neither lacks anything."""

from __future__ import annotations

import ast
import re
import string
import tomllib

import pytest
from babel.messages.pofile import read_po

from dialer.language import N_, Text, look_up, reword, translator
from tests.catalogue import CATALOGUE, METHODS, ROOT, chinese, said

CHINESE = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")
# Python files with Chinese outside of comments and docstrings, and why.
SPEAKS_CHINESE = {
    "dialer/campaign/model/customer.py": "heads of columns in the files that people bring",
    "dialer/lists/headers.py": "heads of columns in the files that people bring",
    "dialer/lists/reader.py": "the blank of a Chinese font, which may stand around a value",
    "dialer/web/kit/http/query.py": "what the department calls a parameter, in the description of the API",
    "dialer/lists/phones.py": "what people write between the digits of a number",
    "dialer/formulas.py": "full-width signs with which a formula may begin",
    "dialer/web/kit/localtime.py": "the times that people type",
    "dialer/web/recordings/search.py": "the full-width colon that people type",
    "dialer/web/kit/page/format.py": "the pattern of a Chinese date",
}


def places(text: str) -> list[str]:
    """The places of a sentence, with how each is shown."""
    return sorted({f"{name}:{form}" for _, name, form, _ in string.Formatter().parse(text) if name is not None})


def test_every_sentence_has_its_chinese() -> None:
    """What the code and the templates say, the help of the commands and the errors that people see."""
    assert len(said()) > 1500
    missing = {message for message in said() if not chinese().get(message)}
    assert sorted(missing, key=str) == [], "python -m tests.catalogue puts them into the catalogue; write their Chinese"


def test_nothing_stale_is_in_the_catalogue() -> None:
    """Each sentence of the catalogue is still said somewhere."""
    assert sorted(chinese().keys() - said(), key=str) == [], "python -m tests.catalogue takes them out"


def test_the_catalogue_is_sound() -> None:
    """Nothing fuzzy, the same places in both languages, no Chinese in a key; sorted, with a line for each."""
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert [message.id for message in messages if message.fuzzy] == []
    for (_, english), translated in chinese().items():
        assert places(english) == places(translated), english
        assert not CHINESE.search(english), english
        assert "context:" not in places(english), english  # it is t's own parameter
    keys = [(str(message.id), message.context or "") for message in messages]
    assert keys == sorted(set(keys))


def test_no_chinese_stands_in_the_code() -> None:
    """Chinese is in the catalogue; but for what people bring, and for tools of ours."""
    found = set()
    for path in sorted((ROOT / "dialer").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith("dialer/demo/"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in bare]
        if any(isinstance(node.value, str) and CHINESE.search(node.value) for node in texts):
            found.add(name)
    assert found == SPEAKS_CHINESE.keys()


def test_babel_finds_the_same_by_the_settings() -> None:
    """``pybabel extract -F pyproject.toml`` uses the methods of the test."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    mappings = [(each["pattern"], each["method"]) for each in settings["tool"]["babel"]["mappings"]]
    assert mappings == METHODS


def test_a_sentence_is_filled_in() -> None:
    """Places are filled in in either language; what nobody has translated stays English, also with strange values."""
    assert translator("zh")("agent {number}", number="001") == "电访员 001"
    assert translator("en")("agent {number}", number="{x}") == "agent {x}"
    assert translator("zh")("No such {what}.", what="thing") == "No such thing."
    assert look_up("zh", "Nobody says {this}.") == "Nobody says {this}."


def test_a_context_tells_two_apart() -> None:
    """The same English has two Chinese; a marked text keeps its context and is plain English otherwise."""
    marked = N_("paused", context="presence")
    assert marked == "paused"
    assert translator("zh")(marked) == translator("zh")("paused", context="presence") == "暂停"
    assert translator("zh")("paused") != "暂停"
    assert translator("en")(marked) == "paused"


def test_a_text_is_worded_when_it_is_shown() -> None:
    """Also what stands in its places."""
    text = Text("{days} loaded, {calls} up", days=Text("{count} days", count=2), calls=Text("{count} call", count=1))
    assert text.said(translator("en")) == "2 days loaded, 1 call up"
    assert text.said(translator("zh")) == "已载入 2 天，当前 1 个通话"


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("customer C1 is not on the list of 2026-11-23", "客户 C1 不在 2026-11-23 的名单上"),
        ("the dialer is still starting", "系统仍在启动"),
        ("nothing was changed: there is no file /a: b", "未做任何改动：没有文件 /a: b"),
        ("Order 7: there is no call 'x'.", "订单 7：没有通话 'x'。"),
        ("disk I/O error", "disk I/O error"),
    ],
)
def test_an_error_is_worded_again(english: str, translated: str) -> None:
    """What an error says in English, here or in the service's answer, has its Chinese; a driver's words stay."""
    assert reword(english, "zh") == translated
    assert reword(english, "en") == english


def test_what_is_too_long_for_a_sentence_stays_as_it_is() -> None:
    """Somebody's text of a megabyte is not divided in every way that could fit one of ours."""
    english = "'{}' is not TOML: {}".format("a is not TOML: " * 70_000, "x")
    assert reword(english, "zh") == english


def test_the_catalogue_is_read_as_babel_reads_it() -> None:
    """Which writes it; so is a sentence that goes over several lines, or has quotes and line ends in it."""
    with CATALOGUE.open("rb") as file:
        expected = {(m.context, str(m.id)): str(m.string) for m in read_po(file) if m.id and not m.fuzzy}
    assert {key: look_up("zh", key[1], key[0]) for key in expected} == expected
    assert any(len(english) > 200 for _, english in expected)
    assert any('"' in english for _, english in expected)
