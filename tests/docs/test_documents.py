"""What the documents say is true of the code, as far as a program can tell."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from dialer.campaign.state import RESTORED
from dialer.cli.commandline import build
from dialer.notices.relay import DEAD_ALARM, FAILING_ALARM
from dialer.recording.ingester import FILE_ALARM, FOLDER_ALARM, LIBRARY_ALARM, MISSING_ALARM, STORE_ALARM
from dialer.settings import Settings
from dialer.store.backups.folder import BACKUP_ALARM
from dialer.web.parts import ROUTES
from tests.docs.diagrams import PIECES, refreshed

ROOT = Path(__file__).parents[2]
READMES = [ROOT / "README.md", ROOT / "README.zh.md"]
DOCUMENTS = [*READMES, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def shell_lines(text: str) -> Iterator[str]:
    """The commands in the document's shell blocks, continued lines joined."""
    for kind, block in FENCE.findall(text):
        if kind == "sh":
            yield from (line for line in block.replace("\\\n", " ").splitlines() if line.strip())


def simple_commands(line: str) -> Iterator[list[str]]:
    """The words of each command of a line, without comments and what joins them."""
    tokens = shlex.shlex(line, posix=True, punctuation_chars=True)
    tokens.whitespace_split = True
    words: list[str] = []
    for token in tokens:
        if set(token) <= set(";&|()<>"):
            yield words
            words = []
        else:
            words.append(token)
    yield words


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@every_document
def test_what_is_made_of_tables_is_up_to_date(path: Path) -> None:
    """`make docs` would change nothing."""
    text = path.read_text(encoding="utf-8")
    assert refreshed(text) == text, f"run `make docs`: {path.name} is out of date"


def test_every_piece_is_shown() -> None:
    """Each diagram and table has its place in some document."""
    text = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert [name for name in PIECES if f"<!-- made of {name} -->" not in text] == []


def test_an_unknown_piece_is_refused() -> None:
    """A misspelt place does not stay empty in silence."""
    with pytest.raises(KeyError):
        refreshed("<!-- made of nothing -->\n<!-- end of nothing -->")


@every_document
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link names a file, and its heading where it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", FENCE.sub("", path.read_text(encoding="utf-8"))):
        if "://" in target:
            continue
        name, _, heading = target.partition("#")
        there = (path.parent / name) if name else path
        assert there.is_file(), target
        if heading:
            headings = re.findall(r"^#+ (.*)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in map(anchor, headings), target


@every_document
def test_commands_exist(path: Path) -> None:
    """Each `dialer ...` that a reader is told to run is a command with these options."""
    root: Any = typer.main.get_command(build())
    text = path.read_text(encoding="utf-8")
    told = [line for line in shell_lines(text) if not line.startswith("alias")]
    told += [f"{quoted.replace('…', 'x')} " for quoted in re.findall(r"`(dialer [a-z][^`]*)`", text)]
    for line in told:
        for words in map(without_user, simple_commands(line)):
            if not words or words[0].rpartition("/")[2] != "dialer":
                continue
            command, rest = root, words[1:]
            while rest:
                word = rest.pop(0)
                if word.startswith("--"):
                    known = {option for each in command.params for option in each.opts + each.secondary_opts}
                    assert word.partition("=")[0] in known, f"{line}: {word}"
                    if command is root:
                        rest.pop(0)  # both global options take a value
                elif hasattr(command, "commands"):
                    assert word in command.commands, f"{line}: {word}"
                    command = command.commands[word]


def without_user(words: list[str]) -> list[str]:
    """A command without what runs it as another user: ``runuser -u dialer -- dialer …``."""
    return words[4:] if words[:4] == ["runuser", "-u", "dialer", "--"] else words


@pytest.mark.parametrize("name", sorted(path.name for path in (ROOT / "docs").glob("*.zh.md")))
def test_both_languages_tell_the_same_to_do(name: str) -> None:
    """Block by block what is typed and what is written into files, but for remarks and words in quotes."""
    chinese, english = (
        FENCE.findall((ROOT / "docs" / each).read_text(encoding="utf-8")) for each in (name, name.replace(".zh", ""))
    )
    told = [[(kind, typed(block)) for kind, block in blocks] for blocks in (english, chinese)]
    assert told[0] == told[1]


def typed(block: str) -> list[str]:
    """The lines of a block without remarks, words in quotes and the language."""
    lines = (
        re.sub(r"(^|\s)#( .*|$)", "", line).replace("--lang zh", "--lang en").rstrip() for line in block.splitlines()
    )
    return [re.sub(r'"[^"]*[^\x00-\x7f][^"]*"|"[a-z ]+"', '""', line) for line in lines if line]


@every_document
def test_settings_exist(path: Path) -> None:
    """Each `section.name` of the settings that a document names is one."""
    for section, name in re.findall(r"`([a-z]+)\.([a-z_]+)(?:`| =)", path.read_text(encoding="utf-8")):
        field = Settings.model_fields.get(section)
        if field is not None and section != "web":  # the log has actions that are called web.…
            assert name in field.annotation.model_fields, f"{section}.{name}"  # type: ignore[union-attr]  # a section is a model


def test_routes_exist() -> None:
    """Each path of the API that the documents name is served with that method."""
    served = {(route.method, re.sub(r"\{\w+\}", "{}", route.path)) for route in ROUTES}
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8") + (ROOT / "docs/operations.md").read_text(
        encoding="utf-8"
    )
    named = [(method, path) for method, path in re.findall(r"`(GET|POST|PUT) /api/v1(/[^`?]*)", text)]
    for line in shell_lines(text):
        if found := re.search(r"/api/v1(/[^\"?]*)", line):
            asked = re.search(r"-X (\w+)", line)
            named.append(
                (asked[1] if asked else "POST" if "-d" in line.split() or "--data" in line else "GET", found[1])
            )
    assert len(named) > 10
    for method, path in named:
        patterns = [route for verb, route in served if verb == method]
        assert any(re.fullmatch(route.replace("{}", "[^/]+"), path) for route in patterns), f"{method} {path}"


def test_every_alarm_is_explained() -> None:
    """Operations say what each alarm means."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    keys = ["link", "trunk:NAME", "agent:NUMBER", FAILING_ALARM, DEAD_ALARM]
    keys += [BACKUP_ALARM, RESTORED]
    keys += [FOLDER_ALARM, LIBRARY_ALARM, FILE_ALARM, MISSING_ALARM, STORE_ALARM]
    assert [key for key in keys if f"| `{key}` |" not in text] == []


def test_every_action_is_the_codes() -> None:
    """The log's stable words stand in the code."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "dialer").rglob("*.py"))
    table = text.partition("| action | |")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z]+\.[a-z_]+)`", table)
    assert len(named) > 10
    missing = [name for name in named if f'"{name}"' not in code and f'"{name.partition(".")[2]}"' not in code]
    assert missing == []


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_every_package_has_its_line(path: Path) -> None:
    """Each package has its line in the table, and nothing else has."""
    packages = {each.parent.name for each in (ROOT / "dialer").glob("*/__init__.py")}
    assert set(re.findall(r"^\| `dialer/(\w+)/`", path.read_text(encoding="utf-8"), re.MULTILINE)) == packages


@pytest.mark.parametrize("path", READMES, ids=lambda path: path.name)
def test_the_first_screen_has_two_commands(path: Path) -> None:
    """`make demo` and `make test`, and nothing else to run."""
    first = path.read_text(encoding="utf-8").partition("![")[0]
    assert [line.partition("#")[0].strip() for line in shell_lines(first)] == ["make demo", "make test"]


def test_the_pictures_need_nothing_from_elsewhere() -> None:
    """No font, script or image of another host."""
    for path in (ROOT / "docs").glob("*.svg"):
        drawn = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"//|url\(|@import|@font-face|<script|<image", drawn), path.name
