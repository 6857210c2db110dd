"""What can go wrong between us and a mail server, as one error tree; every error has a code that pages put into words.

| code | what happened | what to do |
| --- | --- | --- |
| name-not-found | the name of the server has no address in DNS | correct the server's name; check this machine's DNS |
| refused | nothing listens on that port | correct the port; check that the server runs and lets this machine in |
| unreachable | the network has no way to the server | check the network and the firewall of this machine |
| timeout | the server did not answer in time | try again; check the firewall; a wrong port often just stays silent |
| certificate | the server's certificate was not trusted; the detail says why | use the name in it, or have it renewed |
| certificate-expired | the server's certificate has run out, or is not valid yet | have it renewed; check the clock |
| certificate-name | the server's certificate was made for another name | use a name that stands in it |
| certificate-unknown | nobody that is trusted has signed the server's certificate | add the company's own authority |
| client-certificate | the server wants a client certificate, or refused ours | upload the right one |
| tls | the encrypted connection could not be set up | choose the other of TLS and STARTTLS for this port |
| plaintext-refused | no encryption was chosen and the server is not this very machine | choose TLS or STARTTLS |
| starttls-missing | the server offers no STARTTLS on this port | choose TLS and its port (993 or 465) |
| login-refused | login or password were refused | correct them; many providers want an app password |
| token-refused | the server refused a fresh token of the provider | allow IMAP and SMTP; sign in as the right account |
| sign-in-missing | nobody has signed in at the provider yet | sign in |
| sign-in-dead | the provider's permission has ended; nothing is tried until then | sign in again |
| consent-refused | the provider gave no permission | sign in again and allow it |
| application-refused | the provider refused the company's application | renew its secret |
| provider | the provider's sign-in service did not answer as it should | nothing: it is asked again |
| login-disabled | no way to sign in with a password here | allow IMAP or SMTP in the provider's settings |
| folder-missing | the chosen folder is not on the server | choose another one, or make it |
| cannot-move | messages could not be moved; they are safe here | check the processed folder's rights and the quota |
| virtual-folder | the folder shows messages of others (All Mail), or is emptied there (Trash) | choose another |
| sender-refused | the server does not let this login send from this address | allow the address on the server |
| server-no | the server refused a command; the detail has its words | read its words; ask the provider |
| busy | the server has too much to do, or too many connections of this login | nothing: it is tried again, slower |
| server-bye | the server ended the session; the detail has its words | nothing: it is dialled again |
| connection-lost | the connection broke | nothing: it is dialled again |
| protocol | the server answered something that is not understood | report it with the detail |
| uncertain | the connection broke after a message was handed over: it may have been sent | look into Sent and decide |
"""

from __future__ import annotations

from typing import ClassVar

_LONGEST_DETAIL = 500


class ServerError(Exception):
    """A mail server could not be reached, or did not do what was asked. `detail` has its words, never a secret."""

    code: ClassVar[str] = "server-error"

    def __init__(self, detail: str = "") -> None:
        self.detail = _printable(detail)
        super().__init__(f"{self.code}: {self.detail}" if self.detail else self.code)


class NameNotFound(ServerError):
    """DNS knows no such host."""

    code = "name-not-found"


class Refused(ServerError):
    """Nothing listens on that port."""

    code = "refused"


class Unreachable(ServerError):
    """The network has no way there."""

    code = "unreachable"


class TimedOut(ServerError):
    """No answer in time."""

    code = "timeout"


class CertificateRefused(ServerError):
    """The certificate was not trusted; the detail is the reason."""

    code = "certificate"


class CertificateExpired(CertificateRefused):
    """The certificate has run out, or is not valid yet."""

    code = "certificate-expired"


class CertificateOfAnother(CertificateRefused):
    """The certificate was made for other names than the one that was dialled."""

    code = "certificate-name"


class CertificateUnknown(CertificateRefused):
    """Signed by itself, or by nobody that is trusted here."""

    code = "certificate-unknown"


class ClientCertificateRefused(ServerError):
    """The server wants a certificate of ours, or another one."""

    code = "client-certificate"


class TlsFailed(ServerError):
    """The TLS handshake failed for another reason than the certificate."""

    code = "tls"


class PlaintextRefused(ServerError):
    """No encryption was chosen, and the server is not on loopback."""

    code = "plaintext-refused"


class StarttlsMissing(ServerError):
    """STARTTLS was chosen, and the server does not offer it (or somebody in between hides it)."""

    code = "starttls-missing"


class LoginRefused(ServerError):
    """The server did not accept login and password."""

    code = "login-refused"


class TokenRefused(LoginRefused):
    """The server did not accept a provider's token."""

    code = "token-refused"


class ApplicationRefused(LoginRefused):
    """The provider did not accept the company's application: its secret has run out, or it was removed."""

    code = "application-refused"


class SignInMissing(ServerError):
    """The gateway signs in with a provider, and nobody has given it the permission yet."""

    code = "sign-in-missing"


class SignInDead(SignInMissing):
    """The provider's permission has ended (invalid_grant): a person must sign in again; nothing else helps."""

    code = "sign-in-dead"


class ConsentRefused(ServerError):
    """Signing in at the provider came to nothing: refused by the person, or too late."""

    code = "consent-refused"


class ProviderFailed(ServerError):
    """The provider's sign-in service could not be reached or understood; the permission is not touched by that."""

    code = "provider"


class LoginDisabled(ServerError):
    """The server offers no sign-in with a password."""

    code = "login-disabled"


class FolderMissing(ServerError):
    """The folder is not on the server."""

    code = "folder-missing"


class CannotMove(ServerError):
    """The server refused to move messages."""

    code = "cannot-move"


class VirtualFolder(CannotMove):
    """The folder is a view of others (RFC 6154 \\All, \\Flagged), or one that servers empty by themselves."""

    code = "virtual-folder"


class SenderRefused(ServerError):
    """The SMTP server refused MAIL FROM."""

    code = "sender-refused"


class ServerSaidNo(ServerError):
    """A command was answered NO or BAD (IMAP), or 4xx or 5xx (SMTP)."""

    code = "server-no"


class ServerBusy(ServerError):
    """The server is there and has no time, or no more connections, for us (RFC 5530 UNAVAILABLE, LIMIT, INUSE)."""

    code = "busy"


class ServerSaidBye(ServerError):
    """The server ended the session."""

    code = "server-bye"


class ConnectionLost(ServerError):
    """The connection broke."""

    code = "connection-lost"


class ProtocolBroken(ServerError):
    """The server answered something that is not understood."""

    code = "protocol"


class Uncertain(ServerError):
    """The connection broke after the message was handed over and before the server's answer (RFC 5321 4.5.3.2.6)."""

    code = "uncertain"


def _printable(text: str) -> str:
    # What a stranger's server says ends on a page and in a database: no control characters, no NUL, no endless text.
    shown = "".join(c if c.isprintable() else " " for c in text[: 2 * _LONGEST_DETAIL])
    return " ".join(shown.split())[:_LONGEST_DETAIL]
