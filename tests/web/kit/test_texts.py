"""Every word of the pages in both languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import nodes

import dialer
from dialer.language import look_up, translator
from dialer.web.kit.page.refusals import refusal
from dialer.web.kit.page.templates import FOR_SCRIPTS, environment
from dialer.web.parts import PAGES

PACKAGE = Path(dialer.__file__).parent
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
CATALOGUE = PACKAGE / "locale" / "zh" / "LC_MESSAGES" / "dialer.po"
SPEAKERS = {"_", "N_", "t", "look_up", "ngettext"}
CHINESE = re.compile(r"[\u3400-\u9fff]")

Message = tuple[str | None, str]
"""(context, English)."""


def marked(path: Path) -> Iterator[Message]:
    """The sentences that a Python module gives to ``N_``, ``t`` or ``look_up``, and the names of pages."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        texts = [*node.args[:2]] if name in SPEAKERS else [given["nav"]] if "nav" in given else []
        context = given.get("context")
        for text in texts:
            if isinstance(text, ast.Constant) and isinstance(text.value, str) and text.value:
                yield context.value if isinstance(context, ast.Constant) else None, text.value  # type: ignore[misc]  # str
                break


def written(path: Path) -> Iterator[Message]:
    """The sentences of a template; of ``ngettext`` the one for one."""
    tree = environment("en").parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in SPEAKERS:
            context = next((str(each.value.as_const()) for each in call.kwargs if each.key == "context"), None)
            for english in chosen(call.args[0]):
                yield context, english


def chosen(text: nodes.Expr) -> Iterator[str]:
    """What an expression may be, as far as the template says."""
    if isinstance(text, nodes.Const):
        yield str(text.value)
    elif isinstance(text, nodes.CondExpr):
        yield from chosen(text.expr1)
        if text.expr2 is not None:
            yield from chosen(text.expr2)


@cache
def catalogue() -> dict[Message, str]:
    """(context, English) -> Chinese."""
    from babel.messages.pofile import read_po

    with CATALOGUE.open("rb") as file:
        return {(m.context, str(m.id)): str(m.string) for m in read_po(file) if m.id}


@cache
def said() -> frozenset[Message]:
    """Everything that the pages say in English."""
    modules = [message for path in sorted((PACKAGE / "web").rglob("*.py")) for message in marked(path)]
    return frozenset([*modules, *(message for path in TEMPLATES for message in written(path))])


def test_every_sentence_has_its_chinese() -> None:
    """Nothing of the pages is missing in the catalogue."""
    assert len(said()) > 500
    assert sorted(map(str, said() - catalogue().keys())) == []


def test_nothing_of_the_pages_has_two_names_in_one_place() -> None:
    """Labels begin with a capital in one way: no two English sentences differ in it only, with the same Chinese."""
    found: dict[tuple[str, str], str] = {}
    for (context, english), chinese in catalogue().items():
        if (context, english) in said():
            other = found.setdefault((english.casefold(), chinese), english)
            assert other == english, (other, english)


def test_templates_can_be_read_and_have_nothing_inline() -> None:
    """Each is good Jinja, in both languages, and keeps to the policy: no inline script, style or handler."""
    for path in TEMPLATES:
        name = path.name
        assert environment("zh").get_template(name) is not environment("en").get_template(name)
        text = path.read_text(encoding="utf-8")
        found = re.search(
            r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=\"|javascript:|https?://(?!www\.w3\.org)", text
        )
        assert found is None, (path.name, found)


def test_templates_say_nothing_without_its_translation() -> None:
    """Words stand in ``_()`` and nowhere else; but for the names of the languages themselves."""
    for path in TEMPLATES:
        text = path.read_text(encoding="utf-8").replace("中文", "")
        assert not CHINESE.search(text), path.name
        outside = re.sub(r"{% block (words|body_class) %}.*?{% endblock %}", " ", text)
        html = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", " ", outside, flags=re.DOTALL)
        bare = re.sub(r"<svg.*?</svg>|<style.*?</style>|<[^>]*>|&\w+;", " ", html, flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]{2,}", bare) == [], path.name


def test_scripts_keep_to_the_rules() -> None:
    """Small modules of our own: no address of elsewhere, no eval, no words in Chinese, each import is there."""
    static = {path.name: path for path in PACKAGE.rglob("static/*.*")}
    for path in (path for path in static.values() if path.suffix == ".js"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://|\beval\(|new Function|[\u4e00-\u9fff]", text), path.name
        for name in re.findall(r"""(?:from|import) ["']\./([\w.]+)["']""", text):
            assert name in static, (path.name, name)
    assert not re.search(r"https?://|@import", static["app.css"].read_text(encoding="utf-8"))


def test_scripts_find_each_of_their_words_in_a_page() -> None:
    """What a script says by name, the templates or the table of every page's words hold."""
    scripts = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "web" / "static").glob("*.js"))
    templates = "".join(path.read_text(encoding="utf-8") for path in TEMPLATES)
    asked = set(re.findall(r"""\bword\("([\w-]+)"\)""", scripts))
    held = set(re.findall(r"data-word-([\w-]+)=", templates)) | FOR_SCRIPTS.keys()
    assert asked - held == set()


def test_words_fill_in_their_places() -> None:
    """In either language; a sentence that nobody has translated stays English, an unknown code is a plain refusal."""
    assert translator("zh")("Page {number}", number=3) == "第 3 页"
    assert translator("en")("Page {number}", number=3) == "Page 3"
    assert look_up("zh", "Nobody has translated this.") == "Nobody has translated this."
    assert refusal("no-such-code", translator("zh")) == "无法执行此操作。"


def test_sentences_of_templates_escape_what_they_are_given() -> None:
    """A place of a sentence is no way into the page; of several forms English has one for each count."""
    words = '{{ _("Page {number}", number="<b>") }} {{ ngettext("{n} day", "{n} days", n) }}'
    made = environment("en").from_string(words)
    assert made.render(n=1) == "Page &lt;b&gt; 1 day"
    assert made.render(n=2) == "Page &lt;b&gt; 2 days"


def test_names_of_pages_are_sentences() -> None:
    """The navigation speaks both languages."""
    assert {(None, page.nav) for page in PAGES if page.nav} <= catalogue().keys()
