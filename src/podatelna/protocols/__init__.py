"""Talking to mail servers: IMAP client, SMTP client. No ORM."""
