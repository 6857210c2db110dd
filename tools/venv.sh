#!/bin/sh
# Build .venv from a hashed lock file: tools/venv.sh run|dev. Needs python3 >= 3.11, nothing else.
set -eu
cd "$(dirname "$0")/.."
kind=$1
venv=${VENV:-.venv}
python=${PYTHON:-python3}

say() { printf 'podatelna: %s\n' "$*" >&2; }

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    say "Python 3.11 or newer is needed; '$python' is $("$python" --version 2>&1 || echo missing)."
    say "Name another with PYTHON=/path/to/python3 make …"
    exit 1
}

# Debian ships Python without ensurepip; the package python3-venv brings it.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ]; then
        say "installing python3-venv from Debian"
        apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
    else
        say "Debian's package python3-venv is missing: run 'sudo apt-get install python3-venv', then this command again."
        exit 1
    fi
fi

wanted=$( (cat lock/build.txt "lock/$kind.txt" pyproject.toml hatch_build.py; "$python" --version) | sha256sum | cut -d' ' -f1)
have=$(cat "$venv/.$kind" 2>/dev/null || true)
if [ "$wanted" != "$have" ]; then
    say "building $venv (lock/$kind.txt)"
    [ -x "$venv/bin/python" ] && "$venv/bin/python" -c 'import pip' 2>/dev/null || "$python" -m venv --clear "$venv"
    # --no-deps: the lock names everything; a constraint set on the machine must not change it. What builds packages
    # that come as source is locked too: pip's own build isolation would fetch it without a hash.
    install="$venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input --no-deps"
    PIP_CONSTRAINT='' $install --require-hashes -r lock/build.txt
    PIP_CONSTRAINT='' $install --no-build-isolation --use-pep517 --require-hashes -r "lock/$kind.txt"
    $install --no-build-isolation --editable .
    printf '%s\n' "$wanted" > "$venv/.$kind"
fi
# Catalogues change without anything above changing.
"$venv/bin/python" tools/messages.py --compile
