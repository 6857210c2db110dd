#!/bin/bash
# What the container runs: the configuration from MAIL_HOST, then the three programs; when one ends, all end.
set -euo pipefail
settings=$(mktemp)
sed -e "s|^MAIL_HOST=.*|MAIL_HOST=$MAIL_HOST|" \
    -e 's|^DIRECTORY=.*|DIRECTORY=/directory|' \
    -e 's|^CERTIFICATE=.*|CERTIFICATE=/certificates/fullchain.pem|' \
    -e 's|^CERTIFICATE_KEY=.*|CERTIFICATE_KEY=/certificates/privkey.pem|' \
    -e 's|^LOG=.*|LOG=/dev/stderr|' -e 's|^MAIL_LOG=.*|MAIL_LOG=/dev/stdout|' \
    /mailserver/settings.env >"$settings"
id vmail >/dev/null 2>&1 || adduser --system --group --no-create-home --home /var/vmail vmail >/dev/null
install -d -o vmail -g vmail -m 0750 /var/vmail
# Podatelna's worker writes there, as the user that PODATELNA_UID names by number.
install -d -o "${PODATELNA_UID:-1000}" -g postfix -m 2755 /directory/postfix
install -d -o "${PODATELNA_UID:-1000}" -g dovecot -m 2750 /directory/dovecot
install -d -o "${PODATELNA_UID:-1000}" -g _rspamd -m 2750 /directory/rspamd
/mailserver/render.sh "$settings"
sievec /etc/dovecot/podatelna-spam.sieve
rspamd -f -u _rspamd -g _rspamd &
dovecot -F &
postfix start-fg &
wait -n
exit 1
