#!/bin/sh
# What the tests of the pages need beside .venv: Chromium with Chinese letters from the system's packages, and axe-core
# from npm (checked against its hash) in .venv/browser. Does nothing when all of it is there.
set -eu
cd "$(dirname "$0")/.."
packages=

fail() { printf 'make test: %s\n' "$@" >&2; exit 1; }

command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null ||
    packages='chromium chromium-l10n fonts-noto-cjk'
command -v npm >/dev/null || packages="$packages npm"
if [ -n "$packages" ]; then
    wanted="apt-get install -y --no-install-recommends $packages"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "the tests of the pages need a browser, and npm for axe-core; missing here: $packages." \
            "On Debian and Ubuntu this brings them:  sudo $wanted"
    fi
    printf 'make test: installing %s\n' "$packages"
    export DEBIAN_FRONTEND=noninteractive
    # shellcheck disable=SC2086 - several words on purpose
    $wanted >/dev/null 2>&1 || { apt-get update >/dev/null && $wanted >/dev/null; } ||
        fail "the packages could not be installed (see above); try it by hand:  $wanted"
fi

folder=.venv/browser
cmp -s requirements/package-lock.json "$folder/package-lock.json" && [ -f "$folder/node_modules/axe-core/axe.min.js" ] && exit 0
mkdir -p "$folder"
cp requirements/package.json "$folder/"
cp requirements/package-lock.json "$folder/package-lock.json.new"
mv "$folder/package-lock.json.new" "$folder/package-lock.json"
# npm knows only the authorities that it was built with; a site with one of its own has told the system of it.
system_authorities=/etc/ssl/certs/ca-certificates.crt
[ -n "${NODE_EXTRA_CA_CERTS:-}" ] || [ ! -r "$system_authorities" ] || export NODE_EXTRA_CA_CERTS="$system_authorities"
npm ci --prefix "$folder" --no-audit --no-fund --loglevel=error >/dev/null || {
    rm -f "$folder/package-lock.json"
    fail "axe-core could not be installed (see above); the network and npm's registry setting are the usual causes."
}
