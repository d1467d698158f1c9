"""The command line speaks the language that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import typer

from dialer.cli.commandline import build, one_paragraph
from tests.catalogue import chinese
from tests.cli.conftest import run_command


def helped(command: Any) -> Iterator[str]:
    """The help texts of a command and of those below it."""
    yield from (one_paragraph(text) for name in ("help", "epilog") if (text := getattr(command, name, None)))
    yield from (text for parameter in command.params if (text := getattr(parameter, "help", None)))
    for below in getattr(command, "commands", {}).values():
        yield from helped(below)


def test_every_help_text_has_its_chinese() -> None:
    """What typer shows is in the catalogue, as it shows it."""
    texts = set(helped(typer.main.get_command(build())))
    assert len(texts) > 100
    assert sorted(text for text in texts if (None, text) not in chinese()) == []


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
