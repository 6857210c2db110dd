#!/bin/sh
# Format, lint, types, layers, migrations and messages; each says its own problems, all are run, any fails the whole.
set -u
cd "$(dirname "$0")/.."
bin=${VENV:-.venv}/bin
failed=

step() {
    name=$1
    shift
    if output=$("$@" 2>&1); then
        printf '%-12s ok\n' "$name"
    else
        printf '%-12s FAILED\n%s\n' "$name" "$output"
        failed="$failed $name"
    fi
}

migrations() {
    folder=$(mktemp -d)
    DJANGO_SETTINGS_MODULE=podatelna.settings PODATELNA_DATA="$folder" DATABASE_URL='' \
        "$bin/django-admin" makemigrations --check --dry-run
    code=$?
    rm -rf "$folder"
    return $code
}

step format "$bin/ruff" format --check .
step lint "$bin/ruff" check .
step types "$bin/mypy"
step layers "$bin/lint-imports"
step migrations migrations
step messages "$bin/python" tools/messages.py --check
[ -z "$failed" ] || { echo "style: failed:$failed" >&2; exit 1; }
