#!/bin/sh
# Makes .venv from requirements/dev.txt (every file checked against its hash) and puts the project itself in, editable.
# Does nothing when that was done already for this very lock, project file and folder. PYTHON=... chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."
unset PIP_USER PIP_TARGET PIP_PREFIX PYTHONPATH PYTHONHOME
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

wanted=$(pwd -P; cat requirements/dev.txt pyproject.toml requirements/install.sh | cksum)
stamp=.venv/.installed
is_ready() { [ -x .venv/bin/python ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; }

is_ready && exit 0
# Two makes at once in one folder wait for each other.
exec 9<requirements/install.sh
if command -v flock >/dev/null; then flock 9; fi
is_ready && exit 0

fail() { printf 'make setup: %s\n' "$@" >&2; exit 1; }

# The first Python of 3.11 or newer that can make a virtual environment; names on PATH may be dead shims, so each is tried.
python= incomplete=
for name in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14 /usr/bin/python3}; do
    version=$("$name" -c 'import sys; print("%d.%d" % sys.version_info[:2]); sys.exit(sys.version_info < (3, 11))' 2>/dev/null) || continue
    if "$name" -c 'import ensurepip, venv' 2>/dev/null; then python=$name; break; fi
    incomplete=${incomplete:-$version}
done
if [ -z "$python" ] && [ -n "$incomplete" ]; then
    fail "Python $incomplete is here but cannot make virtual environments (its venv and ensurepip modules are missing)." \
        "On Debian and Ubuntu this brings them:  sudo apt-get install -y python$incomplete-venv"
elif [ -z "$python" ]; then
    fail "no Python 3.11 or newer was found (looked for: ${PYTHON:-python3, python3.11 to python3.14})." \
        "On Debian 12 or newer and Ubuntu 24.04 or newer this brings it:  sudo apt-get install -y python3 python3-venv" \
        "An interpreter elsewhere is chosen with:  make setup PYTHON=/path/to/python3"
fi

# A broken environment, one of another Python, or one that came along with a copied folder is made anew.
if [ ! -x .venv/bin/pip ] || [ "$(head -n 1 "$stamp" 2>/dev/null)" != "$(pwd -P)" ] || ! .venv/bin/python -c '' 2>/dev/null; then
    printf 'make setup: new environment .venv from %s\n' "$("$python" --version)"
    "$python" -m venv --clear .venv
fi
printf 'make setup: installing the locked packages\n'
.venv/bin/python -m pip install --quiet --require-hashes --only-binary :all: -r requirements/dev.txt ||
    fail "the locked packages could not be installed (see above); the network and pip's index settings are the usual causes."
.venv/bin/python -m pip install --quiet --no-deps --no-index --no-build-isolation --editable .
.venv/bin/python -m pip check >/dev/null || fail "the installed packages contradict each other: run .venv/bin/python -m pip check"
printf '%s\n' "$wanted" >"$stamp"
