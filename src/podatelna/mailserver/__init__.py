"""Mail provided with the system: whose domains, mailboxes and aliases a Postfix and a Dovecot of ours serve."""
