#!/bin/bash
# Write the configuration of Postfix, Dovecot and Rspamd from the templates beside this file.
#
#     deploy/mailserver/render.sh [SETTINGS]      SETTINGS: a file like settings.env, which is the default
#
# Writes to POSTFIX_ETC, DOVECOT_ETC and RSPAMD_LOCAL of the settings. Nothing else is touched, nothing is started.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
settings=${1:-$here/settings.env}

declare -A value
while IFS='=' read -r name rest; do
    [[ $name =~ ^[A-Z_]+$ ]] && value[$name]=$rest
done <"$settings"

need() {
    for name in "$@"; do
        [ -n "${value[$name]:-}" ] || { echo "render.sh: $settings does not say $name" >&2; exit 2; }
    done
}
need MAIL_HOST DIRECTORY CERTIFICATE CERTIFICATE_KEY MAIL_STORAGE MAIL_USER POSTFIX_ETC DOVECOT_ETC RSPAMD_LOCAL

if [ "${value[LOG]:-syslog}" = syslog ]; then
    value[DOVECOT_LOG]='# log: syslog'
else
    value[DOVECOT_LOG]="log_path = ${value[LOG]}"
fi
# Postfix 3.9 and the releases mended for it (Debian's 3.7.10 and newer) know this; on others it would be an unknown name.
value[SMUGGLING]='# this Postfix does not know smtpd_forbid_bare_newline'
if postconf -d smtpd_forbid_bare_newline 2>/dev/null | grep -q =; then
    value[SMUGGLING]='smtpd_forbid_bare_newline = normalize'
fi

render() { # template, target
    local text name
    text=$(<"$1")
    for name in "${!value[@]}"; do
        text=${text//"@$name@"/"${value[$name]}"}
    done
    if [[ $text =~ @[A-Z_]+@ ]]; then
        echo "render.sh: ${BASH_REMATCH[0]} in $1 is not set" >&2
        exit 2
    fi
    install -d "$(dirname "$2")"
    printf '%s\n' "$text" >"$2.new"
    mv "$2.new" "$2"
}

for file in "$here"/postfix/*; do render "$file" "${value[POSTFIX_ETC]}/$(basename "$file")"; done
templates=dovecot
[[ $(dovecot --version 2>/dev/null) != 2.[4-9]* ]] || templates="dovecot-2.4"
for file in "$here/$templates"/*; do render "$file" "${value[DOVECOT_ETC]}/$(basename "$file")"; done
for file in "$here"/rspamd/*; do render "$file" "${value[RSPAMD_LOCAL]}/$(basename "$file")"; done
