"""One target's changes, made and tried by Cosmic Ray in a copy of the tree."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.targets import OPERATORS, Target

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "var" / "mutants"
TIMEOUT_S = 300
"""For the tests of one change; one that makes them run on for ever is noticed by this, after several minutes."""
_WANTED = ("dialer", "tests", "config", "docs", "pyproject.toml", "README.md", "README.zh.md", "CHANGELOG.md")
_NO_RULE = re.compile(r"@dataclass\(|(async )?def .*\*,")
"""How a record is made and that an argument is named is for mypy to see to."""
_PYTEST = ("-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not pbx and not soak")


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
    command = [sys.executable, *_PYTEST, *target.tests]
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "ci"}
    # It also leaves compiled tests, which the runs to come only read.
    unchanged = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if unchanged.returncode != 0:
        said = unchanged.stdout[-2000:] + unchanged.stderr[-2000:]
        raise RuntimeError(f"{target.name}: the tests fail already without a change:\n{said}")
    (tree / "session.toml").write_text(_configuration(target, command), encoding="utf-8")
    for step in (("init", "session.toml", "session.sqlite"), ("exec", "session.toml", "session.sqlite")):
        _cosmic_ray("cosmic-ray", *step, cwd=tree, environment=environment)
        if step[0] == "init":
            _cosmic_ray("cr-filter-operators", "session.sqlite", "session.toml", cwd=tree, environment=environment)
    results = list(_results(_cosmic_ray("cosmic-ray", "dump", "session.sqlite", cwd=tree, environment=environment)))
    found = Found(target.name, len(results), frozenset(each for each in results if each is not None))
    say(f"{target.name}: {found.made} changes, {len(found.survivors)} survived")
    return found


def _configuration(target: Target, command: list[str]) -> str:
    others = f"(?!core/({'|'.join(OPERATORS)})$)"
    text = json.dumps
    return "\n".join((
        "[cosmic-ray]",
        f"module-path = {text(target.code)}",
        f"timeout = {TIMEOUT_S}",
        "excluded-modules = []",
        f"test-command = {text(' '.join(_quoted(each) for each in command))}",
        '[cosmic-ray.distributor]\nname = "local"',
        f"[cosmic-ray.filters.operators-filter]\nexclude-operators = [{text(others)}]",
    ))  # fmt: skip


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word else word


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
        if result is None or result["worker_outcome"] != "normal":
            continue
        if result["test_outcome"] != "survived":
            yield None
            continue
        changed = [each for each in result["diff"].splitlines() if re.match(r"[-+](?![-+]{2} )", each)]
        before, after = ([each[1:].strip() for each in changed if each[0] == sign] for sign in "-+")
        if _NO_RULE.match(before[0]) is None:
            yield Survivor(work["mutations"][0]["module_path"], " ".join(before), " ".join(after))
