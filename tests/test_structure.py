"""The tree keeps its shape: sizes of files and folders, nothing of one machine in the repository.

Which way imports run is held by import-linter, whose contracts stand in ``pyproject.toml``; ``make lint`` runs it.
"""

import ast
import re
import subprocess
import tomllib
from collections import Counter
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "dialer"

# Why a Python file may be longer than LONGEST lines: {"dialer/package/file.py": "reason"}.
LONGEST = 400
MOST_MODULES = 15
REASONS: dict[str, str] = {}

# Built so that this file does not find itself.
OF_ONE_MACHINE = re.compile(
    r"pypi\.org|pythonhosted\.org|registry\.npmjs|npmmirror\.com|mirrors\.(?:aliyun|ustc|tuna)|tuna\.tsinghua"
    r"|--(?:extra-)?index-url|--find-links"
    r"|(?<![\w.])/(?:work/(?:main|shared)|root/|opt/(?:pypi|wheels)|tmp/brief|home/\w)"
)
# The lock is made without an index: these lines say so, or say how.
INDEX_IS_SPOKEN_OF = {"Makefile", "tests/test_structure.py"}


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


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


def test_no_file_is_too_long() -> None:
    """A Python file over the limit has its reason written down, and a reason that is no longer needed goes."""
    lengths = {name: text.count("\n") for name, text in tracked_texts().items() if name.endswith(".py")}
    too_long = {name for name, lines in lengths.items() if lines > LONGEST}
    assert sorted(too_long) == sorted(REASONS)


def test_no_folder_is_crowded() -> None:
    """A folder has at most fifteen modules; migrations are a history, of which none goes."""
    modules = Counter(
        Path(name).parent.as_posix()
        for name in tracked_texts()
        if name.endswith(".py") and not name.endswith("/__init__.py") and "/versions/" not in name
    )
    assert {folder: count for folder, count in modules.items() if count > MOST_MODULES} == {}


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
    for name in ("runtime", "dev", "npm"):
        text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
        lines = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
        assert [
            line for line in lines if not re.match(r"[\w.\-\[\]]+==[\w.]+ .*--hash=sha256:[0-9a-f]{64}", line)
        ] == []
        locked[name] = {line.split(" --hash", maxsplit=1)[0].strip() for line in lines}
    assert locked["runtime"] <= locked["dev"]


NOT_IMPORTED = {
    "tzdata": "zoneinfo reads it where the machine has no zones",
    "import-linter": "make lint",
    "mypy": "make types",
    "pytest-timeout": "the timeout of every test",
    "pytest-xdist": "make test runs several workers",
    "ruff": "make lint",
    "types-openpyxl": "mypy reads it",
    "editables": "an editable install without build isolation",
    "hatchling": "builds the wheel",
}
"""What stands in pyproject.toml and no file imports, and what needs it."""


def test_every_dependency_is_used() -> None:
    """What the package depends on it imports, what the tests depend on they do; what else there is has its reason."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    more = project["optional-dependencies"]
    assert _names(project["dependencies"]) - _imported("dialer") - set(NOT_IMPORTED) == set()
    assert _names(more["test"] + more["build"]) - _imported("tests") - set(NOT_IMPORTED) == set()
    everything = _names(project["dependencies"] + more["test"] + more["build"])
    assert set(NOT_IMPORTED) <= everything - _imported("dialer")


def _names(requirements: list[str]) -> set[str]:
    return {_plain(re.split(r"[\[<>=~! ]", each)[0]) for each in requirements}


def _imported(top: str) -> set[str]:
    """The distributions of which files below ``top`` import something."""
    belongs = packages_distributions()
    modules = set()
    for path in python_files(top):
        for node in ast.walk(parse(path)):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    return {_plain(name) for module in modules for name in belongs.get(module, ())}


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


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
