#!/bin/sh
# A SIP phone of another make for the tests: baresip from the system's packages. Does nothing when it is there; without
# it one test is skipped.
set -eu

command -v baresip >/dev/null && exit 0
wanted='apt-get install -y --no-install-recommends baresip-core'
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    printf 'make test: %s\n' 'there is no baresip here, so the test with a phone of another make is skipped.' \
        "On Debian and Ubuntu this brings it:  sudo $wanted" >&2
    exit 0
fi
printf 'make test: installing baresip-core\n'
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 - several words on purpose
$wanted >/dev/null 2>&1 || { apt-get update >/dev/null && $wanted >/dev/null; } ||
    printf 'make test: it could not be installed (see above), so its test is skipped; by hand:  %s\n' "$wanted" >&2
