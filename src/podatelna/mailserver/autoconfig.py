"""What mail programs ask for to set themselves up: Thunderbird's and Outlook's documents, as bytes."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

IMAPS_PORT, SUBMISSIONS_PORT = 993, 465
_ADDRESS = re.compile(r"<EMailAddress>\s*([^<>\s]{1,320})\s*</EMailAddress>", re.IGNORECASE)
MOST_BYTES = 20_000  # of a question

_AUTOCONFIG = """<?xml version="1.0" encoding="UTF-8"?>
<clientConfig version="1.1">
  <emailProvider id="{domain}">
    <domain>{domain}</domain>
    <displayName>{domain}</displayName>
    <incomingServer type="imap">
      <hostname>{host}</hostname>
      <port>{imap}</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </incomingServer>
    <outgoingServer type="smtp">
      <hostname>{host}</hostname>
      <port>{smtp}</port>
      <socketType>SSL</socketType>
      <authentication>password-cleartext</authentication>
      <username>%EMAILADDRESS%</username>
    </outgoingServer>
  </emailProvider>
</clientConfig>
"""

_AUTODISCOVER = """<?xml version="1.0" encoding="UTF-8"?>
<Autodiscover xmlns="http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006">
  <Response xmlns="http://schemas.microsoft.com/exchange/autodiscover/outlook/responseschema/2006a">
    <Account>
      <AccountType>email</AccountType>
      <Action>settings</Action>
      <Protocol>
        <Type>IMAP</Type><Server>{host}</Server><Port>{imap}</Port><LoginName>{address}</LoginName>
        <SPA>off</SPA><SSL>on</SSL><AuthRequired>on</AuthRequired>
      </Protocol>
      <Protocol>
        <Type>SMTP</Type><Server>{host}</Server><Port>{smtp}</Port><LoginName>{address}</LoginName>
        <SPA>off</SPA><SSL>on</SSL><AuthRequired>on</AuthRequired>
      </Protocol>
    </Account>
  </Response>
</Autodiscover>
"""


def autoconfig(domain: str, host: str) -> bytes:
    """Thunderbird's config-v1.1.xml (draft-ietf-mailmaint-autoconfig) for a domain of ours."""
    text = _AUTOCONFIG.format(domain=escape(domain), host=escape(host), imap=IMAPS_PORT, smtp=SUBMISSIONS_PORT)
    return text.encode()


def autodiscover(address: str, host: str) -> bytes:
    """Outlook's answer (MS-OXDSCLI 2.2.4) for an address of ours."""
    text = _AUTODISCOVER.format(address=escape(address), host=escape(host), imap=IMAPS_PORT, smtp=SUBMISSIONS_PORT)
    return text.encode()


def asked_address(question: bytes) -> str:
    """The address that Outlook asks about; "" when there is none. No XML of strangers is ever parsed for this."""
    found = _ADDRESS.search(question[:MOST_BYTES].decode("utf-8", "replace"))
    return found[1].lower() if found else ""
