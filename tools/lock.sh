#!/bin/sh
# Make the hashed lock files anew from pyproject.toml (needs uv; used by maintainers only).
set -eu
cd "$(dirname "$0")/.."
compile="uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header $*"
$compile --group pyproject.toml:build -o lock/build.txt
$compile --extra demo --extra msg -c lock/build.txt pyproject.toml -o lock/run.txt
$compile --extra demo --extra msg --extra pst --group dev -c lock/build.txt -c lock/run.txt pyproject.toml -o lock/dev.txt
