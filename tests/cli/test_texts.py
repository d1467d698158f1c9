"""Every word of the command line in both languages."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

import dialer.cli
from dialer.cli.main import build, one_paragraph
from dialer.cli.texts import chinese, words
from tests.cli.conftest import run_command

SOURCES = sorted(Path(dialer.cli.__file__).parent.rglob("*.py"))


def spoken(path: Path) -> Iterator[str]:
    """The English sentences that a module translates: what it gives to t(), to tables and to checks."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        named = [keyword.value for keyword in node.keywords if keyword.arg == "title"]
        given = {"t": node.args[:1], "_t": node.args[:1], "table": [*node.args, *named]}
        given |= dict.fromkeys(("ok", "warn", "fail"), node.args[:1])
        for argument in given.get(name, []):
            if isinstance(argument, ast.Constant) and argument.value:
                yield str(argument.value)


def helped(command: Any) -> Iterator[str]:
    """The help texts of a command and of those below it."""
    yield from (one_paragraph(text) for name in ("help", "epilog") if (text := getattr(command, name, None)))
    yield from (text for parameter in command.params if (text := getattr(parameter, "help", None)))
    for below in getattr(command, "commands", {}).values():
        yield from helped(below)


def test_every_sentence_has_its_chinese() -> None:
    """What the commands say and what their help says is in the catalogue."""
    said = {sentence for path in SOURCES for sentence in spoken(path)} | set(helped(typer.main.get_command(build())))
    assert len(said) > 200
    assert sorted(said - chinese().keys()) == []


def test_nothing_stale_is_in_the_catalogue() -> None:
    """Each sentence of the catalogue still stands somewhere in the code."""
    constants = {
        str(node.value)
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
    }
    known = constants | set(helped(typer.main.get_command(build())))
    assert sorted(chinese().keys() - known) == []


def test_both_languages_name_the_same_values() -> None:
    """A translation fills in exactly what the English sentence fills in."""
    parse = string.Formatter().parse
    for english, translated in chinese().items():
        names = [
            sorted({f"{name}:{form}" for _, name, form, _ in parse(text) if name}) for text in (english, translated)
        ]
        assert names[0] == names[1], english


def test_an_unknown_sentence_stays_english() -> None:
    """Nothing is lost when a translation is missing."""
    assert words("zh")("No such {what}.", what="thing") == "No such thing."


@pytest.mark.parametrize(("lang", "says"), [("zh", "当天的访销名单"), ("en", "The day's visit lists")])
def test_help_speaks_the_language(lang: str, says: str) -> None:
    """Help comes in the language asked for, and names the exit codes."""
    ran = run_command("--lang", lang, "--help")
    assert ran.code == 0
    assert says in ran.out


def test_help_is_chinese_by_default() -> None:
    """Without any settings the department's own language is spoken."""
    assert "当天的访销名单" in run_command("--help").out
    assert "客户代码" in run_command("visits", "withdraw", "--help").out


def test_no_command_of_the_chinese_help_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal of 80 columns: a line breaks at blanks only, so a long sentence needs one after its comma."""
    monkeypatch.setenv("COLUMNS", "80")
    assert "…" not in run_command("--lang", "zh", "--help").out
