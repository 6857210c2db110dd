#!/bin/bash
# Set up a mail server for Podatelna on this Debian machine: Postfix, Dovecot and Rspamd from Debian's packages.
#
#     sudo deploy/mailserver/setup.sh [SETTINGS]     SETTINGS: a file like settings.env, which is the default
#
# Run it again after a change of SETTINGS or after an upgrade. The former configuration of Postfix is kept beside the new one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
settings=$(realpath "${1:-$here/settings.env}")

[ "$(id -u)" = 0 ] || { echo "setup.sh: run it as root" >&2; exit 2; }
command -v apt-get >/dev/null || { echo "setup.sh: this is for Debian; elsewhere use render.sh with the packages you have" >&2; exit 2; }

said() { sed -n "s/^$1=//p" "$settings" | tail -n 1; }
host=$(said MAIL_HOST) directory=$(said DIRECTORY) user=$(said PODATELNA_USER)
storage=$(said MAIL_STORAGE) mail_user=$(said MAIL_USER)
for file in "$(said CERTIFICATE)" "$(said CERTIFICATE_KEY)"; do
    [ -r "$file" ] || { echo "setup.sh: $file is not there. Get a certificate for $host first (certbot certonly --standalone -d $host)." >&2; exit 2; }
done

echo "setup.sh: installing Postfix, Dovecot and Rspamd"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends postfix postfix-sqlite dovecot-imapd dovecot-lmtpd dovecot-sqlite \
    dovecot-sieve rspamd redis-server >/dev/null

id "$user" >/dev/null 2>&1 || adduser --system --group --home /var/lib/podatelna "$user" >/dev/null
id "$mail_user" >/dev/null 2>&1 || adduser --system --group --no-create-home --home "$storage" "$mail_user" >/dev/null
install -d -o "$mail_user" -g "$mail_user" -m 0750 "$storage"

# Each program reads its own folder. The set-group bit gives new files the program's group.
install -d -o "$user" -g "$user" -m 0711 "$directory"
install -d -o "$user" -g postfix -m 2755 "$directory/postfix"
install -d -o "$user" -g dovecot -m 2750 "$directory/dovecot"
install -d -o "$user" -g _rspamd -m 2750 "$directory/rspamd"

for file in /etc/postfix/main.cf /etc/postfix/master.cf /etc/dovecot/dovecot.conf; do
    [ ! -e "$file" ] || [ -e "$file.before-podatelna" ] || cp -a "$file" "$file.before-podatelna"
done
"$here/render.sh" "$settings"
sievec /etc/dovecot/podatelna-spam.sieve
# A password learned by Redis is none of the network's business: it listens on loopback, as Debian sets it up.
printf 'servers = "127.0.0.1";\n' >/etc/rspamd/local.d/redis.conf

postfix check
doveconf >/dev/null
rspamadm configtest >/dev/null
if [ -d /run/systemd/system ]; then
    systemctl restart redis-server rspamd dovecot postfix
    # Certificates are renewed under their feet: have them read again.
    install -d /etc/letsencrypt/renewal-hooks/deploy
    printf '#!/bin/sh\nsystemctl reload postfix dovecot\n' >/etc/letsencrypt/renewal-hooks/deploy/podatelna-mailserver
    chmod +x /etc/letsencrypt/renewal-hooks/deploy/podatelna-mailserver
fi

cat <<END
setup.sh: done. Now
  1. give Podatelna these settings and restart it:
         PODATELNA_MAILSERVER=$directory
         PODATELNA_MAILSERVER_NAME=$host
  2. open the ports 25, 465, 587 and 993 in the firewall;
  3. add your domain under Administration, Mail server; publish the DNS records that it shows, and check them there.
END
