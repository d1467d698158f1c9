"""One target's changes, made and tried by Cosmic Ray in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.targets import OPERATORS, Target

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "mutants"
TIMEOUT_S = 300
"""For the tests of one change, when they wait for what never comes; those that work for ever are ended sooner."""
_WANTED = ("dialer", "tests", "config", "docs", "pyproject.toml", "README.md", "README.zh.md", "CHANGELOG.md")
_NO_RULE = re.compile(r"@dataclass\(|(async )?def .*\*,")
"""How a record is made and that an argument is named is for mypy to see to."""
_SERVER = ("tests/mutants/server.py", "tests.sock")


@dataclass(frozen=True, slots=True, order=True)
class Survivor:
    """A change that no test noticed: the line before and after it, without its indent."""

    module: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """What came of a target's changes: how many were made, and which of them survived."""

    target: str
    made: int
    survivors: frozenset[Survivor]


def tried(target: Target, say: Callable[[str], None]) -> Found:
    """Make each change of the target and run its tests. Raises RuntimeError when the tests fail without any change."""
    tree = FOLDER / target.name
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in _WANTED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(ROOT / name, tree)
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "ci", "PYTHONPATH": "."}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # the first run leaves compiled tests to those that follow
    (tree / "session.toml").write_text(_configuration(target), encoding="utf-8")
    _cosmic_ray("cosmic-ray", "init", "session.toml", "session.sqlite", cwd=tree, environment=environment)
    _leave_out(tree)
    with _served(target, tree, environment):
        _cosmic_ray("cosmic-ray", "exec", "session.toml", "session.sqlite", cwd=tree, environment=environment)
    results = list(_results(_cosmic_ray("cosmic-ray", "dump", "session.sqlite", cwd=tree, environment=environment)))
    found = Found(target.name, len(results), frozenset(each for each in results if each is not None))
    say(f"{target.name}: {found.made} changes, {len(found.survivors)} survived")
    return found


@contextmanager
def _served(target: Target, tree: Path, environment: dict[str, str]) -> Iterator[None]:
    """The target's tests can be asked for meanwhile. Raises RuntimeError when they fail unchanged, or break down."""
    said = tree / "tests.log"
    with (
        said.open("w") as log,
        subprocess.Popen(
            (sys.executable, *_SERVER, *target.tests), cwd=tree, env=environment, stdout=log, stderr=log
        ) as server,
    ):
        try:
            while server.poll() is None and not (tree / _SERVER[1]).exists():
                time.sleep(0.1)
            if server.returncode is None:
                yield
            if server.poll() is not None:
                raise RuntimeError(f"{target.name}: the tests fail without a change:\n{said.read_text()[-4000:]}")
        finally:
            server.terminate()


def _leave_out(tree: Path) -> None:
    """Forget the changes that are none of a rule."""
    wanted = re.compile(rf"core/({'|'.join(OPERATORS)})")
    with closing(sqlite3.connect(tree / "session.sqlite")) as books, books:
        for job, operator, module, row in books.execute(
            "SELECT job_id, operator_name, module_path, start_pos_row FROM mutation_specs"
        ).fetchall():
            line = (tree / module).read_text(encoding="utf-8").splitlines()[row - 1]
            if wanted.fullmatch(operator) is None or _NO_RULE.match(line.strip()) is not None:
                for table in ("mutation_specs", "work_items"):
                    books.execute(f"DELETE FROM {table} WHERE job_id = ?", (job,))  # noqa: S608 - names of our own


def _configuration(target: Target) -> str:
    text = json.dumps
    return "\n".join((
        "[cosmic-ray]",
        f"module-path = {text(target.code)}",
        f"timeout = {TIMEOUT_S}",
        "excluded-modules = []",
        f"test-command = {text(shlex.join((sys.executable, '-SE', *_SERVER)))}",
        '[cosmic-ray.distributor]\nname = "local"',
    ))  # fmt: skip


def _cosmic_ray(program: str, *arguments: str, cwd: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        [FOLDER / "venv" / "bin" / program, *arguments],
        cwd=cwd, env=environment, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)}: {done.stderr[-2000:]}")
    return done.stdout


def _results(dump: str) -> Iterator[Survivor | None]:
    """For each change that was made None, or what survived."""
    for line in dump.splitlines():
        work, result = json.loads(line)
        if result["test_outcome"] != "survived":
            yield None
            continue
        changed = [each for each in result["diff"].splitlines() if re.match(r"[-+](?![-+]{2} )", each)]
        before, after = ([each[1:].strip() for each in changed if each[0] == sign] for sign in "-+")
        yield Survivor(work["mutations"][0]["module_path"], " ".join(before), " ".join(after))
