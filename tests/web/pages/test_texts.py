"""Every word of the pages in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from babel.messages.extract import extract_from_file
from babel.messages.pofile import read_po

import dialer.web
from dialer.web.pages.routes import PAGES
from dialer.web.pages.templates import environment
from dialer.web.pages.texts import catalogues, chinese, look_up, refusal, translator

WEB = Path(dialer.web.__file__).parent
TEMPLATES = sorted((WEB / "templates" / "pages").rglob("*.html"))
MODULES = [*sorted(WEB.rglob("*.py")), WEB.parent / "campaign" / "customer.py", WEB.parent / "lists" / "wording.py"]
SPEAKERS = {"t", "mark", "look_up", "_", "N_"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|javascript:|https?://(?!www\.w3\.org)")
_PLACE = re.compile(r"%\((\w+)\)[sd]")


def spoken(path: Path) -> Iterator[str]:
    """The sentences that a Python module gives to t() or mark(), and the names of pages."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = node.args[:1] if name in SPEAKERS else [k.value for k in node.keywords if k.arg == "nav"]
        yield from (str(a.value) for a in given if isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value)


def written(path: Path) -> Iterator[str]:
    """The sentences of a template."""
    for _, message, _, _ in extract_from_file("jinja2.ext:babel_extract", path, options={"trimmed": "true"}):
        yield message[0] if isinstance(message, tuple) else str(message)


def said() -> set[str]:
    """Everything that the pages say in English."""
    found = {sentence for path in MODULES for sentence in spoken(path)}
    return found | {sentence for path in TEMPLATES for sentence in written(path)} | {p.nav for p in PAGES if p.nav}


def test_every_sentence_has_its_chinese() -> None:
    """Nothing of the pages is missing in the catalogues."""
    assert len(said()) > 50
    assert sorted(said() - chinese().keys()) == []


def test_nothing_stale_is_in_the_catalogues() -> None:
    """Each sentence of the catalogues is still said somewhere."""
    assert sorted(chinese().keys() - said()) == []


def test_no_two_catalogues_contradict_each_other() -> None:
    """A sentence has one Chinese, whatever file it is in; none is fuzzy or empty."""
    found: dict[str, str] = {}
    for name in catalogues():
        with files("dialer").joinpath("locale", "zh", "LC_MESSAGES", name).open("rb") as file:
            for message in read_po(file):
                if message.id:
                    assert message.string, (name, message.id)
                    assert not message.fuzzy, (name, message.id)
                    assert found.setdefault(str(message.id), str(message.string)) == message.string, (name, message.id)


def test_both_languages_name_the_same_places() -> None:
    """A translation fills in exactly what the English sentence fills in."""
    for english, translated in chinese().items():
        assert sorted(_PLACE.findall(english)) == sorted(_PLACE.findall(translated)), english
        assert "{" not in translated, english


def test_templates_can_be_read_and_have_nothing_inline() -> None:
    """Each is good Jinja, in both languages, and keeps to the policy: no inline script, style or handler."""
    for path in TEMPLATES:
        name = path.relative_to(WEB / "templates").as_posix()
        assert environment("zh").get_template(name) is not environment("en").get_template(name)
        text = path.read_text(encoding="utf-8")
        found = re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|javascript:|https?://(?!www\.w3\.org)", text
        )
        assert found is None, (path.name, found)


def test_no_chinese_stands_in_templates() -> None:
    """Words are in the catalogues; but for the name of the language itself."""
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8").replace("中文", "")
        assert not re.search(r"[\u4e00-\u9fff]", text), path.name


def test_scripts_keep_to_the_rules() -> None:
    """Small modules of our own: no address of elsewhere, no eval, no words in Chinese, each import is there."""
    static = WEB / "static"
    for path in sorted(static.glob("*.js")):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|\beval\(|new Function|[\u4e00-\u9fff]", text), path.name
        for name in re.findall(r"""(?:from|import) ["']\./([\w.]+)["']""", text):
            assert (static / name).exists(), (path.name, name)
    assert not re.search(r"https?://|@import", (static / "app.css").read_text(encoding="utf-8"))


def test_words_fill_in_their_places() -> None:
    """In either language; a sentence that nobody has translated stays English, an unknown code is a plain refusal."""
    assert translator("zh")("Page %(number)s", number=3) == "第 3 页"
    assert translator("en")("Page %(number)s", number=3) == "Page 3"
    assert look_up("zh", "Nobody has translated this.") == "Nobody has translated this."
    assert refusal("no-such-code", translator("zh")) == "无法执行此操作。"
