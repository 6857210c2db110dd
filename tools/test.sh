#!/bin/bash
# Run the tests: on SQLite, then the browser's, then on PostgreSQL. Called by services.sh, which says what is there.
#
#     ONLY=sqlite   leaves the browser and PostgreSQL out (a second Python version needs no more)
set -uo pipefail
cd "$(dirname "$0")/.."
pytest=${VENV:-.venv}/bin/pytest
log=$(mktemp)
trap 'rm -f "$log"' EXIT
failed=0

run() { # title, then pytest's arguments
    printf '\n=== %s\n' "$1"
    shift
    "$pytest" -q "$@" 2>&1 | tee -a "$log"
    [ "${PIPESTATUS[0]}" = 0 ] || failed=1
}

without() { [ -n "$1" ] || printf ' and not %s' "$2"; }

# Outside a run of ours, DATABASE_URL may name something real: no test may ever touch that.
unset DATABASE_URL
run "SQLite" -n 2 -m "not browser$(without "${TEST_DOVECOT:-}" dovecot)"
if [ "${ONLY:-}" != sqlite ]; then
    [ -z "${TEST_CHROMIUM:-}" ] || run "Chromium" -m "browser$(without "${TEST_MAILSERVER:-}" mailserver)"
    if [ -n "${TEST_POSTGRESQL_URL:-}" ]; then
        # mail, protocols and the extractor know no database; these commands' own processes choose SQLite themselves.
        export DATABASE_URL=$TEST_POSTGRESQL_URL
        run "PostgreSQL" -n 2 -m "not browser and not sqlite$(without "${TEST_DOVECOT:-}" dovecot)" \
            --ignore tests/mail --ignore tests/protocols --ignore tests/fuzz --ignore tests/extractor \
            --ignore tests/run/demo --ignore tests/run/test_run_command.py --ignore tests/run/test_supervisor.py
    fi
fi

count() { grep -E '^[0-9=].* in [0-9.]+s' "$log" | grep -oE "[0-9]+ $1" | awk '{ n += $1 } END { print n + 0 }'; }
printf '\n%s passed, %s failed, %s skipped\n' "$(count passed)" "$(($(count failed) + $(count error)))" "$(count skipped)"
exit $failed
