#!/bin/sh
# Cosmic Ray for `make mutants`, from requirements/mutants.txt, in an environment of its own: one of its packages comes as
# source only. Does nothing when that was done already for this very lock.
set -eu
cd "$(dirname "$0")/.."
folder=var/mutants/venv
wanted=$(pwd -P; cksum <requirements/mutants.txt)
[ -x "$folder/bin/cosmic-ray" ] && [ "$(cat "$folder/.installed" 2>/dev/null)" = "$wanted" ] && exit 0
printf 'make mutants: installing the locked packages\n'
.venv/bin/python -m venv --clear "$folder"
"$folder/bin/python" -m pip install --quiet --require-hashes -r requirements/mutants.txt
printf '%s\n' "$wanted" >"$folder/.installed"
