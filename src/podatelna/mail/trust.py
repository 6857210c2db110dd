"""Whether a message is from whom it says: SPF, DKIM, DMARC and ARC put together, with reasons that can be shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from .addresses import read_header_addresses
from .arc import Chain, check_chain
from .authentication_results import AuthenticationResults, MethodResult, read_results
from .canonical import body_start, split_message
from .dkim_signatures import Signature, Signed, check_signatures
from .dmarc import Alignment, aligned, check_alignment, strictest
from .fields import Field, read_header
from .headers import named, unfolded
from .received import MAX_HOPS, Client, count_own, find_client, read_hop
from .resolver import Questions, Resolver, Unanswered, plain_name, table_resolver
from .sender_policy import SenderPolicy, check_sender

__all__ = ["CODES", "Reason", "Resolver", "Unanswered", "Verdicts", "judge", "summary", "table_resolver"]

MAX_OWN_RESULTS = 20

CODES = {
    "spf-pass": "the domain of the envelope's sender lets this server send",
    "spf-fail": "that domain says that this server may not send for it",
    "spf-softfail": "that domain says that this server probably may not send for it",
    "spf-neutral": "that domain says nothing about this server",
    "spf-none": "that domain has no list of its servers",
    "spf-temperror": "DNS did not answer; asking again may help",
    "spf-permerror": "that domain's list of servers has a mistake",
    "client-unknown": "no trace field says which server the message came from",
    "envelope-unknown": "the envelope's sender is not written in the message",
    "signature-good": "signed, and as it was signed",
    "signature-wrong": "header fields were changed since it was signed, or another key made the signature",
    "body-changed": "the body was changed since it was signed",
    "body-shorter": "the body is shorter than what was signed",
    "body-partly-signed": "the end of the body is not signed: anybody may have added it",
    "signature-expired": "the signature was for a time that is over",
    "signature-future": "the signature claims to be made in the future",
    "signature-malformed": "the signature is not written as it must be",
    "signature-foreign": "a good signature, but of another domain than the sender's",
    "from-unsigned": "the signature leaves the sender's name and address out",
    "from-added": "the sender's field stands there twice, and one was not signed",
    "field-added": "a field was added that is shown in place of the signed one",
    "header-ambiguous": "the header is damaged so that programs see different texts",
    "algorithm-old": "signed with SHA-1, which proves nothing any more (RFC 8301)",
    "algorithm-unknown": "signed in a way that is not known",
    "key-short": "the key is so short that anybody can break it (RFC 8301)",
    "key-revoked": "the key was revoked by its owner",
    "key-missing": "the domain has no such key (any more)",
    "key-invalid": "what the domain publishes as its key is none, or is for something else",
    "key-unanswered": "DNS did not answer; asking again may help",
    "key-testing": "the domain's owner says that it is only trying signatures",
    "unsigned": "no signature",
    "dmarc-pass": "the domain of the sender's address vouches for the message",
    "dmarc-fail": "nothing proves that the message is from the domain of the sender's address, which says it would be",
    "dmarc-none": "that domain does not say how its mail can be known",
    "dmarc-temperror": "DNS did not answer; asking again may help",
    "dmarc-permerror": "the sender's address has no domain",
    "several-from": "more than one sender's field or domain: programs show different ones",
    "chain-good": "those who passed it on vouch for what they had got",
    "chain-broken": "the list of those who passed it on is not whole",
    "chain-failed-before": "somebody on the way already found it broken",
    "inside": "made by one's own server, or inside one's own net",
    "signed-in": "handed to one's own server by somebody who had signed in there",
    "server-said": "found by one's own server when the message came",
}
"""Every code of a reason, and what it means. Stable: the web has sentences for them in each language."""


@dataclass(frozen=True)
class Reason:
    """Why a verdict is what it is. `detail` is a domain, mostly: whom the reason is about."""

    method: str  # "spf", "dkim", "dmarc", "arc"
    code: str  # a key of CODES
    detail: str = ""


_NO_CHAIN = Chain("none")


@dataclass(frozen=True)
class Verdicts:
    """What is proven. Each verdict is pass, fail, softfail, neutral, none, temperror or permerror (RFC 8601 2.7)."""

    spf: str
    dkim: str  # pass when any signature holds
    dmarc: str
    arc: str
    reasons: tuple[Reason, ...] = ()
    signatures: tuple[Signature, ...] = ()  # checked here; () when one's own server had done it
    chain: Chain = _NO_CHAIN
    from_domains: tuple[str, ...] = ()
    spf_domain: str = ""
    aligned: bool = False  # something that passed is about the domain of From
    policy: str = ""  # what the domain of From asks to do with its mail that fails: "none", "quarantine", "reject"
    server: str = ""  # one's own server whose Authentication-Results were used
    inside: bool = False  # it never came from outside, or whoever sent it has an account at one's own server


@dataclass(frozen=True)
class _Proofs:
    """What SPF and DKIM found, whoever looked."""

    spf: str
    spf_domain: str
    dkim: str
    dkim_domains: tuple[str, ...]  # that a signature which covers the whole message holds for
    reasons: tuple[Reason, ...]
    signatures: tuple[Signature, ...]


def judge(
    raw: bytes,
    *,
    resolver: Resolver,
    client_ip: str | None = None,
    helo: str | None = None,
    mail_from: str | None = None,
    trusted: frozenset[str] = frozenset(),
    now: datetime | None = None,
) -> Verdicts:
    """The verdicts on a message. Never raises; the signatures looked at and the questions asked are bounded.

    `client_ip`, `helo` and `mail_from` are the SMTP session's when they are known; else what one's own server wrote
    into the header is used. `trusted` are the names of one's own servers: what they say in Authentication-Results is
    believed and not computed again; what others say is ignored, because anybody can write it. "" among them is for
    servers that leave their name out (Exchange Online). `now` (aware) is when the message came.
    """
    fields, start = read_header(raw)
    trusted = frozenset(plain_name(name) for name in trusted)
    said = _own_results(fields, trusted)
    client = _client(fields, trusted, client_ip, helo, mail_from)
    signed_fields, body = split_message(raw)
    # A header that ends elsewhere for those who read than for those who sign could show a text that nobody signed.
    ambiguous = start != body_start(raw)
    message = Signed(signed_fields, body, now or datetime.now(UTC), Questions(resolver), ambiguous)
    domains, damaged = _from_domains(fields)
    proofs = _proofs(message, client, said, domains)
    alignments = check_alignment(domains, proofs.spf_domain, proofs.dkim_domains, message.resolver)
    unsure = "temperror" in (proofs.spf, *(each.result for each in proofs.signatures))
    dmarc, policy, reasons = _dmarc(alignments, said, damaged=damaged, unsure=unsure)
    chain = check_chain(message)
    if len(named(fields, "from")) > 1 or len(domains) > 1:
        reasons.append(Reason("dmarc", "several-from", ", ".join(domains[:5])))
    return Verdicts(
        spf=proofs.spf,
        dkim=proofs.dkim,
        dmarc=dmarc,
        arc=said.of("arc") or chain.result,
        reasons=(*proofs.reasons, *reasons, *_chain_reasons(chain)),
        signatures=proofs.signatures,
        chain=chain,
        from_domains=domains,
        spf_domain=proofs.spf_domain,
        aligned=_all_aligned(domains, proofs),
        policy=policy,
        server=said.server,
        # What one's own server says of the sender goes before where it was: it may pass on what came from outside.
        inside=client.signed_in or (client.inside and not said.of("dmarc")),
    )


def _client(
    fields: Sequence[Field], trusted: frozenset[str], address: str | None, helo: str | None, mail_from: str | None
) -> Client:
    found = find_client(fields, trusted)
    if address is not None and address != found.address:
        # The name that another host gave says nothing about this one.
        found = Client(address, "", found.mail_from)
    return Client(
        found.address,
        helo if helo is not None else found.helo,
        mail_from.strip("<> ") if mail_from is not None else found.mail_from,
        found.signed_in,
        found.inside,
    )


def _own_results(fields: Sequence[Field], trusted: frozenset[str]) -> AuthenticationResults:
    """What one's own servers wrote, all together. Fields below the trace of a stranger's server are the stranger's."""
    results: list[MethodResult] = []
    server, hops = "", 0
    trace = [read_hop(field.value) for field in fields if field.key == "received"][:MAX_HOPS] if trusted else []
    own = count_own(trace, trusted)
    for field in fields if trusted else ():
        if field.key == "received":
            hops += 1
            if hops > own:
                break
        elif field.key == "authentication-results":
            said = read_results(field.value)
            if said is not None and plain_name(said.server) in trusted:
                server = server or said.server
                results.extend(said.results)
    return AuthenticationResults(server, tuple(results[:MAX_OWN_RESULTS]))


def _from_domains(fields: Sequence[Field]) -> tuple[tuple[str, ...], bool]:
    """The domains of the addresses in From, and whether there is one that cannot be read."""
    domains: dict[str, None] = {}
    damaged = False
    for value in named(list(fields), "from")[:10]:
        good, bad = read_header_addresses(unfolded(value))
        domains.update((plain_name(person.address.rpartition("@")[2]), None) for person in good)
        damaged = damaged or bool(bad) or not good
    return tuple(domains), damaged


def _proofs(message: Signed, client: Client, said: AuthenticationResults, domains: Sequence[str]) -> _Proofs:
    reasons: list[Reason] = []
    if client.signed_in:
        # Where somebody sits who writes through one's own server says nothing about the domain.
        spf = SenderPolicy("none", "", "mailfrom", "signed-in")
        reasons.append(Reason("spf", "signed-in"))
    elif said.of("spf"):
        spf = _said_spf(said)
        reasons.append(Reason("spf", "server-said", said.server))
    elif client.inside:
        spf = SenderPolicy("none", "", "mailfrom", "inside")
        reasons.append(Reason("spf", "inside"))
    else:
        spf = check_sender(client.address, client.mail_from, client.helo, message.resolver)
        reasons.append(Reason("spf", spf.code, spf.domain))
    spf_domain = spf.domain if spf.result == "pass" else ""
    if said.of("dkim"):
        reasons.append(Reason("dkim", "server-said", said.server))
        return _Proofs(spf.result, spf_domain, said.of("dkim"), _said_domains(said), tuple(reasons), ())
    signatures = check_signatures(message)
    reasons.extend(_signature_reasons(signatures, domains))
    whole = tuple(each.domain for each in signatures if each.covers_all)
    return _Proofs(spf.result, spf_domain, _worst_of(signatures), whole, tuple(reasons), signatures)


def _said_spf(said: AuthenticationResults) -> SenderPolicy:
    found = [each for each in said.results if each.method == "spf"]
    best = next((each for each in found if each.result == "pass"), found[0])
    envelope = best.about("smtp.mailfrom", "smtp.mail", "smtp.from", "envelope-from")
    identity = "mailfrom" if envelope else "helo"
    name = envelope or best.about("smtp.helo")
    return SenderPolicy(best.result, plain_name(name.rpartition("@")[2].strip("<>")), identity, "server-said")


def _said_domains(said: AuthenticationResults) -> tuple[str, ...]:
    good = [each for each in said.results if each.method == "dkim" and each.result == "pass"]
    names = [each.about("header.d") or each.about("header.i").rpartition("@")[2] for each in good]
    return tuple(plain_name(name) for name in names if name)


def _worst_of(signatures: Sequence[Signature]) -> str:
    """One verdict for all: a good one is enough; else what may still become good goes first."""
    found = {each.result for each in signatures}
    return next((result for result in ("pass", "temperror", "fail", "permerror") if result in found), "none")


def _signature_reasons(signatures: Sequence[Signature], domains: Sequence[str]) -> Iterable[Reason]:
    if not signatures:
        yield Reason("dkim", "unsigned")
    for each in signatures:
        yield Reason("dkim", each.code, each.domain)
        if each.result != "pass":
            continue
        if not any(aligned(each.domain, domain, strict=False) for domain in domains):
            yield Reason("dkim", "signature-foreign", each.domain)
        if each.unsigned_body:
            yield Reason("dkim", "body-partly-signed", each.domain)
        if each.added_field:
            yield Reason("dkim", "field-added", each.added_field)
        if each.testing:
            yield Reason("dkim", "key-testing", each.domain)


def _dmarc(
    alignments: Sequence[Alignment], said: AuthenticationResults, *, damaged: bool, unsure: bool
) -> tuple[str, str, list[Reason]]:
    """(verdict, policy, reasons). `unsure`: what would have proven it could not be looked up."""
    worst = strictest(alignments)
    policy = worst.policy.wanted if worst is not None and worst.policy is not None else ""
    if said.of("dmarc"):
        return said.of("dmarc"), policy, [Reason("dmarc", "server-said", said.server)]
    if worst is None:
        result = "permerror" if damaged else "none"
        return result, "", [Reason("dmarc", f"dmarc-{result}")]
    result = "temperror" if worst.result == "fail" and unsure else worst.result
    return result, policy, [Reason("dmarc", f"dmarc-{result}", worst.domain)]


def _all_aligned(domains: Sequence[str], proofs: _Proofs) -> bool:
    proven = [name for name in (proofs.spf_domain, *proofs.dkim_domains) if name]
    return bool(domains) and all(any(aligned(name, domain, strict=False) for name in proven) for domain in domains)


def _chain_reasons(chain: Chain) -> list[Reason]:
    if chain.result == "none":
        return []
    return [Reason("arc", chain.code or "chain-good", chain.sealer)]


def summary(verdicts: Verdicts) -> str:
    """One word for the reader's mark beside the sender.

    "verified": the domain in From vouches for the message. "own": one's own server made it, or got it from somebody who
    had signed in there. "mailing-list": it cannot any more, but those who passed the
    message on prove that it did. "failed": the domain in From says that its mail would be provable, and this is not; or
    there are several senders. "uncertain": DNS did not answer. "unverified": nothing is proven either way.
    """
    codes = {(reason.method, reason.code) for reason in verdicts.reasons}
    several = ("dmarc", "several-from") in codes
    if verdicts.dmarc == "pass" or (verdicts.dmarc == "none" and verdicts.aligned):
        return "failed" if several else "verified"
    if verdicts.inside and not several:
        return "own"
    if verdicts.arc == "pass" and _was_good(verdicts) and not several:
        return "mailing-list"
    if several or verdicts.dmarc == "fail":
        return "failed"
    if "temperror" in (verdicts.dmarc, verdicts.spf, verdicts.dkim):
        return "uncertain"
    return "failed" if verdicts.spf == "fail" and verdicts.dmarc != "permerror" else "unverified"


def _was_good(verdicts: Verdicts) -> bool:
    """Whether the first who sealed it had found the sender in order."""
    origin = verdicts.chain.origin
    if origin is None:
        return False
    if origin.of("dmarc"):
        return origin.of("dmarc") == "pass"
    names = _said_domains(origin)
    return any(aligned(name, domain, strict=False) for name in names for domain in verdicts.from_domains)
