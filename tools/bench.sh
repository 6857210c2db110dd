#!/bin/sh
# `make bench` (quick) and `make bench-full` (full): one table for each topic. All are run; any goal missed fails the whole.
set -u
cd "$(dirname "$0")/.."
python=${VENV:-.venv}/bin/python
size=$1
shift
missed=

topic() {
    name=$1
    shift
    printf '\n=== %s\n\n' "$name"
    "$python" "$@" || missed="$missed, $name"
}

stored() {
    if [ -x /usr/lib/dovecot/imap ]; then
        topic 'stored bytes' bench/stored.py "$@"
    else
        printf '\n=== stored bytes\n\nnot measured: Dovecot is not installed (Debian: dovecot-imapd)\n'
    fi
}

case $size in
quick)
    topic 'reading' bench/parse.py --messages 300 "$@"
    topic 'taking in' bench/ingest.py --messages 2000
    topic 'searching' bench/search.py --messages 2000
    # Fewer ordinary letters say little: what is alike in them is learnt from the first hundreds.
    stored --messages 1000 --mix ordinary
    stored --messages 200 --mix attachments
    ;;
full)
    topic 'reading' bench/parse.py "$@"
    topic 'taking in' bench/ingest.py --messages 20000
    topic 'taking in, memory' bench/ingest.py --memory 1000000
    topic 'searching' bench/search.py --messages 115000
    topic 'searching at 1,000,000' bench/search.py --scale 1000000
    stored --messages 3000 --real
    topic 'importing real mail' bench/import_spam.py
    ;;
*)
    echo "bench.sh: quick or full, not $size" >&2
    exit 2
    ;;
esac

[ -z "$missed" ] || { printf '\ngoals missed: %s\n' "${missed#, }" >&2; exit 1; }
