"""Every word of the pages in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import dialer.campaign
from dialer.errors import Refused
from dialer.language import look_up, translator
from dialer.web.kit.page.refusals import REFUSALS, refusal
from dialer.web.kit.page.templates import FOR_SCRIPTS, environment
from tests.catalogue import chinese, template

PACKAGE = Path(dialer.__file__).parent
TEMPLATES = sorted(PACKAGE.rglob("*.html"))
CHINESE = re.compile(r"[\u3400-\u9fff]")


def test_labels_are_written_in_one_way() -> None:
    """No two texts of the templates differ in capitals only and say the same in Chinese."""
    found: dict[tuple[str, str], str] = {}
    for path in TEMPLATES:
        with path.open("rb") as file:
            for _, _, message, _ in template(file, (), (), {}):
                context, english = message if isinstance(message, tuple) else (None, message)
                other = found.setdefault((english.casefold(), chinese()[context, english]), english)
                assert other == english, (path.name, other, english)


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
    scripts = "".join(path.read_text(encoding="utf-8") for path in (PACKAGE / "web").glob("*/static/*.js"))
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


def test_each_refusal_of_the_day_has_its_sentence() -> None:
    """Whatever the campaign refuses, an agent is told in a sentence of its own; one page asks back instead."""
    for module in walk_packages(dialer.campaign.__path__, "dialer.campaign."):
        import_module(module.name)
    codes = {error.code for error in refusals(Refused) if error.__module__.startswith("dialer.campaign.")}
    assert codes - REFUSALS.keys() == {"withdraws-many"}


def refusals(error: type[Refused]) -> Iterator[type[Refused]]:
    """It and its kinds."""
    yield error
    for kind in error.__subclasses__():
        yield from refusals(kind)
