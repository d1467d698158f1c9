"""The house keeps its shape: import directions, file sizes, nothing of one machine in the repository."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dialer"

# Adapters know the rules and nothing of each other.
ADAPTER = {"campaign", "people", "errors", "clock", "callid", "formulas", "language", "section"}
# What a room may import of dialer besides itself; a dotted name allows that one module only.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "clock": set(),
    "callid": set(),
    "formulas": set(),
    "language": set(),
    "section": set(),
    "logs": {"errors", "section"},
    "campaign": {"errors", "callid", "language"},
    "people": {"errors", "campaign"},
    "ami": ADAPTER,
    "store": ADAPTER,
    "web": ADAPTER | {"people"},
    "notices": ADAPTER,
    "recording": ADAPTER,
    "audit": ADAPTER,
    "lists": ADAPTER,
    "demo": ADAPTER | {"logs", "ami.pbxconfig"},
    # Puts together the sections that stand with what they are for.
    "settings": {
        "campaign",
        "errors",
        "language",
        "section",
        "logs",
        "ami.config",
        "lists.config",
        "notices.config",
        "recording.config",
        "store.config",
        "web.kit.config",
    },
    "app": ADAPTER
    | {"settings", "logs", "ami", "store", "people", "web", "notices", "recording", "audit", "lists"}
    | {"rehearsal"},
    # The command line starts the app; besides that it prints what pure renderers write, and asks a PBX about itself.
    "cli": {
        "app",
        "settings",
        "logs",
        "clock",
        "errors",
        "language",
        "campaign",
        "audit",
        "demo",
        "ami.pbxconfig",
        "ami.check",
    },
    "__main__": {"cli"},
    "__init__": set(),
}
# Libraries that belong to one place; what is not listed is free for every room but campaign.
OWNERS: dict[str, set[str]] = {
    "panoramisk": {"ami"},
    "sqlalchemy": {"store"},
    "alembic": {"store"},
    "aiosqlite": {"store"},
    "sqlite3": {"store"},
    "aiohttp": {"web", "notices"},
    "aiohttp_jinja2": {"web"},
    "aiohttp_sse": {"web"},
    "apprise": {"notices"},
    "standardwebhooks": {"notices"},
    "soundfile": {"recording"},
    "typer": {"cli"},
    "pydantic_settings": {"settings"},
    "tests": set(),
    "playwright": set(),
}
# Parts of the standard library that do I/O or read a clock: nothing for pure rules (asyncio serves the engine's loop).
IMPURE = {
    "http",
    "urllib",
    "socket",
    "ssl",
    "subprocess",
    "shutil",
    "sqlite3",
    "tempfile",
    "time",
    "random",
    "threading",
}

# Why a Python file may be longer than LONGEST lines: {"dialer/room/file.py": "reason"}.
LONGEST = 400
REASONS: dict[str, str] = {}

# Built so that this file does not find itself.
OF_ONE_MACHINE = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror\.com|mirrors\.(?:aliyun|ustc|tuna)|tuna\.tsinghua"
    r"|--(?:extra-)?index-url|--find-links"
    r"|(?<![\w.])/(?:work/(?:main|shared)|root/|opt/(?:pypi|wheels)|tmp/brief|home/\w)"
)
# The lock is made without an index: these lines say so, or say how.
INDEX_IS_SPOKEN_OF = {"Makefile", "tests/test_structure.py"}


def room_of(module: str) -> str:
    """`dialer.store.tables` is in the room `store`, `dialer` itself is `__init__`."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def module_of(path: Path) -> str:
    """The dotted name of a file of the package."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def imports_in(tree: ast.Module, module: str, *, is_package: bool) -> Iterator[tuple[int, str]]:
    """Each (line, dotted name) that the module imports, wherever in it; names from packages come with their package."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((node.lineno, alias.name) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=level):
                base = module.split(".")[: len(module.split(".")) - level + is_package] if level else []
                whole = ".".join([*base, *([source] if source else [])])
                yield from ((node.lineno, f"{whole}.{alias.name}") for alias in names)
            case ast.Call(
                func=ast.Name(id="__import__" | "import_module") | ast.Attribute(attr="import_module"),
                args=[ast.Constant(value=str(name)), *_],
            ):
                yield node.lineno, name


def is_allowed(importer: str, imported: str) -> bool:
    """Whether a module of dialer may import that dotted name (a module, or a name in one)."""
    room, top = room_of(importer), imported.split(".", maxsplit=1)[0]
    if top != "dialer":
        if importer == "dialer.campaign.engine" and top == "structlog":
            return True  # the one module of the room that does I/O says what it does
        if room == "campaign" and (top not in sys.stdlib_module_names or top in IMPURE):
            return False
        return room in OWNERS.get(top, {room})
    if imported in ("dialer", "dialer.__version__") or room_of(imported) == room:
        return True
    inner = imported.removeprefix("dialer.")
    return any(inner == name or inner.startswith(f"{name}.") for name in MAY_IMPORT[room])


def wrong_imports(source: str, module: str, *, is_package: bool = False) -> list[str]:
    """The imports of a module's source that go against the directions."""
    found = imports_in(ast.parse(source), module, is_package=is_package)
    return [f"line {line}: {module} imports {name}" for line, name in found if not is_allowed(module, name)]


def python_files(*tops: str) -> list[Path]:
    """Every Python file under these folders."""
    return sorted(path for top in tops for path in (ROOT / top).rglob("*.py"))


@cache
def tracked_texts() -> dict[str, str]:
    """Path -> text of each file under version control; outside a checkout, of the files that a release carries."""
    # safe.directory: a checkout that belongs to somebody else is read all the same.
    git = subprocess.run(
        ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"],
        capture_output=True,
        text=True,
        check=False,
    )
    if git.returncode == 0:
        names = [name for name in git.stdout.split("\0") if name]
    else:
        tops = (ROOT / top for top in ("dialer", "tests", "config", "docs", "requirements"))
        paths = [*(path for top in tops for path in top.rglob("*")), *ROOT.glob("*")]
        names = [path.relative_to(ROOT).as_posix() for path in paths if "__pycache__" not in path.parts]
    texts = {}
    for name in names:
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content:
            texts[name] = content.decode("utf-8", errors="replace")
    return texts


@pytest.mark.parametrize("path", python_files("dialer"), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_imports_run_one_way(path: Path) -> None:
    """A module imports only what its room may know."""
    module = module_of(path)
    assert room_of(module) in MAY_IMPORT, (
        f"dialer/{room_of(module)} is a new room: say in MAY_IMPORT what it may import"
    )
    wrong = wrong_imports(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dialer.campaign.rules", "import aiohttp"),
        ("dialer.campaign.rules", "import structlog"),
        ("dialer.campaign.rules", "import time"),
        ("dialer.campaign.engine", "from dialer.store import tables"),
        ("dialer.campaign.engine", "from ..store import tables"),
        ("dialer.errors", "from dialer.campaign import visit"),
        ("dialer.ami.link", "from dialer.store.books import Books"),
        ("dialer.ami.link", "def f():\n    import dialer.web"),
        ("dialer.ami.link", "from dialer import settings"),
        ("dialer.web.kit.api", "import sqlalchemy as sa"),
        ("dialer.web.kit.api", "import importlib\nimportlib.import_module('sqlalchemy')"),
        ("dialer.app", "from panoramisk import Manager"),
        ("dialer.app", "from dialer.cli import main"),
        ("dialer.recording.ingester", "from aiohttp import web"),
        ("dialer.cli.status", "from dialer.store.books import Books"),
        ("dialer.demo.rig", "from dialer.ami.link import Link"),
        ("dialer.app", "from tests.virtual.simulated import SimulatedPbx"),
    ],
)
def test_a_wrong_import_is_found(module: str, source: str) -> None:
    """The check itself sees each kind of import that it forbids."""
    assert wrong_imports(source, module)


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("dialer.campaign.rules", "import heapq\nfrom dialer.errors import DialerError\nfrom .visit import Visit"),
        ("dialer.ami.link", "import panoramisk\nfrom dialer.campaign.ports import Pbx\nimport structlog"),
        ("dialer.store.books", "from sqlalchemy.ext.asyncio import AsyncEngine"),
        ("dialer.app", "from dialer.web.server import Server\nfrom dialer import __version__"),
        ("dialer.cli.config", "from dialer.ami.pbxconfig import manager_conf\nfrom dialer.ami import pbxconfig"),
    ],
)
def test_a_right_import_passes(module: str, source: str) -> None:
    """The check forbids no more than it should."""
    assert wrong_imports(source, module) == []


def test_no_file_is_too_long() -> None:
    """A Python file over the limit has its reason written down, and a reason that is no longer needed goes."""
    lengths = {name: text.count("\n") for name, text in tracked_texts().items() if name.endswith(".py")}
    too_long = {name for name, lines in lengths.items() if lines > LONGEST}
    assert sorted(too_long) == sorted(REASONS)


def test_nothing_of_one_machine_is_tracked() -> None:
    """No tracked file names a package registry or a path that exists on one machine only."""
    found = [
        f"{name}:{number}: {line.strip()[:120]}"
        for name, text in tracked_texts().items()
        if name not in INDEX_IS_SPOKEN_OF
        for number, line in enumerate(text.splitlines(), start=1)
        if OF_ONE_MACHINE.search(line)
    ]
    assert not found, "\n".join(found)


def test_locks_carry_hashes() -> None:
    """Each locked requirement is one exact version with hashes, and what runs in service is locked for tests too."""
    locked = {}
    for name in ("runtime", "dev"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert [
            line for line in lines if not re.match(r"[\w.\-\[\]]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", line)
        ] == []
        locked[name] = {line.split(" --hash", maxsplit=1)[0].strip() for line in lines}
    assert locked["runtime"] <= locked["dev"]


def test_every_test_says_what_it_shows() -> None:
    """Each test function has a docstring."""
    silent = [
        f"{path.relative_to(ROOT)}:{node.lineno}: {node.name}"
        for path in python_files("tests")
        if path.name.startswith("test_")
        for node in ast.walk(parse(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert not silent, "\n".join(silent)
