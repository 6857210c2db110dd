"""What a delivery report says: which recipients, what became of them, and why."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FailedRecipient:
    """One recipient that a delivery report is about."""

    address: str  # domain in lower case; what the report wrote, where it is no address
    action: str  # RFC 3464 2.3.3: "failed", "delayed", "delivered", "relayed", "expanded"; "" when not said
    status: str  # RFC 3463, "5.1.1"; "" when not said
    reply_code: int | None  # SMTP, 550
    reason: str  # one line for a person, as the servers worded it
    permanent: bool | None  # None: there was no failure, or the report does not tell


@dataclass(frozen=True)
class Bounce:
    """A delivery report."""

    recipients: tuple[FailedRecipient, ...]
    original_message_id: str  # of the message it is about, without <>; "" when not said

    @property
    def failed(self) -> bool:
        """Whether anything failed or is late; False for a report that all went well."""
        if not self.recipients:
            return True
        return any(recipient.action in ("failed", "delayed", "") for recipient in self.recipients)
