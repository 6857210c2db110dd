"""SPF on the zone of RFC 7208 Appendix A, its limits, and records that nobody should publish."""

import pytest

from podatelna.mail.resolver import MAX_QUESTIONS, Questions, table_resolver
from podatelna.mail.sender_policy import check_sender

# RFC 7208 A.1
ZONE: dict[str, dict[str, list[str]]] = {
    "example.com": {"MX": ["10 mail-a.example.com", "20 mail-b.example.com"], "A": ["192.0.2.10", "192.0.2.11"]},
    "amy.example.com": {"A": ["192.0.2.65"]},
    "bob.example.com": {"A": ["192.0.2.66"]},
    "mail-a.example.com": {"A": ["192.0.2.129"]},
    "mail-b.example.com": {"A": ["192.0.2.130"]},
    "www.example.com": {"CNAME": ["example.com"]},
    "mail-c.example.org": {"A": ["192.0.2.140"]},
    "example.org": {"MX": ["10 mail-c.example.org"]},
    "10.2.0.192.in-addr.arpa": {"PTR": ["example.com"]},
    "11.2.0.192.in-addr.arpa": {"PTR": ["example.com"]},
    "65.2.0.192.in-addr.arpa": {"PTR": ["amy.example.com"]},
    "66.2.0.192.in-addr.arpa": {"PTR": ["bob.example.com"]},
    "129.2.0.192.in-addr.arpa": {"PTR": ["mail-a.example.com"]},
    "130.2.0.192.in-addr.arpa": {"PTR": ["mail-b.example.com"]},
    "140.2.0.192.in-addr.arpa": {"PTR": ["mail-c.example.org"]},
    "4.0.0.10.in-addr.arpa": {"PTR": ["bob.example.com"]},
}


def spf(client: str, record: object = None, sender: str = "jana@example.com", **more: object) -> str:
    zone: dict[str, object] = {**ZONE, **more}
    if record is not None:
        zone["example.com"] = {**ZONE["example.com"], "TXT": record}
    return check_sender(client, sender, "mail.example.com", Questions(table_resolver(zone))).result


@pytest.mark.parametrize(
    ("record", "client", "result"),
    [
        # RFC 7208 A.1, one line each with a client that it is for and one that it is not
        ("v=spf1 +all", "203.0.113.1", "pass"),
        ("v=spf1 a -all", "192.0.2.10", "pass"),
        ("v=spf1 a -all", "192.0.2.65", "fail"),
        ("v=spf1 a:example.org -all", "192.0.2.10", "fail"),
        ("v=spf1 mx -all", "192.0.2.129", "pass"),
        ("v=spf1 mx -all", "192.0.2.140", "fail"),
        ("v=spf1 mx:example.org -all", "192.0.2.140", "pass"),
        ("v=spf1 mx:example.org -all", "192.0.2.129", "fail"),
        ("v=spf1 mx mx:example.org -all", "192.0.2.130", "pass"),
        ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.131", "pass"),
        ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.143", "pass"),
        ("v=spf1 mx/30 mx:example.org/30 -all", "192.0.2.144", "fail"),
        ("v=spf1 ptr -all", "192.0.2.65", "pass"),
        ("v=spf1 ptr -all", "192.0.2.140", "fail"),
        ("v=spf1 ptr -all", "10.0.0.4", "fail"),
        ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.129", "pass"),
        ("v=spf1 ip4:192.0.2.128/28 -all", "192.0.2.65", "fail"),
        # What else there is
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db8::1", "pass"),
        ("v=spf1 ip6:2001:db8::/32 ~all", "2001:db9::1", "softfail"),
        ("v=spf1 ip4:192.0.2.1 -all", "::ffff:192.0.2.1", "pass"),
        ("v=spf1 ?all", "192.0.2.1", "neutral"),
        ("v=spf1", "192.0.2.1", "neutral"),
        ("V=SPF1 -ALL", "192.0.2.1", "fail"),
        ('"v=spf1 ip4:192.0.2.1" " -all"', "192.0.2.1", "pass"),
        ([["v=spf1 ip4:192.0.2", ".1 -all"]], "192.0.2.1", "pass"),
        (["google-site-verification=x", "v=spf1 -all"], "192.0.2.1", "fail"),
        ("v=spf10 -all", "192.0.2.1", "none"),
        (["v=spf1 -all", "v=spf1 +all"], "192.0.2.1", "permerror"),
        ("v=spf1 ip4:192.0.2.1 -all nesmysl", "192.0.2.1", "permerror"),
        ("v=spf1 a:ž -all", "192.0.2.1", "permerror"),
        ("v=spf1 include:example.com -all", "192.0.2.1", "permerror"),
        ("v=spf1 redirect=example.com", "192.0.2.1", "permerror"),
        ("v=spf1 include:neni.cz -all", "192.0.2.1", "permerror"),
        ("v=spf1 exists:%{ir}.%{l}.povoleno.cz -all", "192.0.2.1", "pass"),
        ("v=spf1 exists:%{ir}.%{l}.povoleno.cz -all", "192.0.2.2", "fail"),
        ("v=spf1 exists:%{x} -all", "192.0.2.2", "permerror"),
        ("v=spf1 include:_spf.acme.cz -all", "192.0.2.7", "pass"),
        ("v=spf1 redirect=_spf.acme.cz", "192.0.2.8", "softfail"),
        ("v=spf1 a:a.cz a:b.cz a:c.cz -all", "192.0.2.1", "permerror"),  # three look-ups that find nothing
        ("v=spf1 a:a.cz a:b.cz -all", "192.0.2.1", "fail"),
        ("v=spf1 " + "a:www.example.com " * 11 + "-all", "192.0.2.1", "permerror"),
        ("v=spf1 " + "a:www.example.com " * 10 + "-all", "192.0.2.1", "fail"),
        ("TIMEOUT", "192.0.2.1", "temperror"),
        ([], "192.0.2.1", "none"),
    ],
)
def test_what_a_record_says_of_a_client(record: object, client: str, result: str) -> None:
    more: dict[str, object] = {
        "1.2.0.192.jana.povoleno.cz": {"A": ["127.0.0.2"]},
        "_spf.acme.cz": ["v=spf1 ip4:192.0.2.7 ~all"],
    }

    assert spf(client, record, **more) == result


def test_the_null_sender_is_asked_about_by_its_helo() -> None:
    resolver = Questions(table_resolver({"mail.acme.cz": "v=spf1 ip4:192.0.2.1 -all"}))

    found = check_sender("192.0.2.1", "", "mail.acme.cz", resolver)

    assert (found.result, found.domain, found.identity) == ("pass", "mail.acme.cz", "helo")


@pytest.mark.parametrize(
    ("client", "sender", "helo", "code"),
    [
        ("", "jana@example.com", "h", "client-unknown"),
        ("300.1.1.1", "jana@example.com", "h", "client-unknown"),
        ("list", "jana@example.com", "h", "client-unknown"),
        ("192.0.2.1", None, "h.cz", "envelope-unknown"),
        ("192.0.2.1", "jana", "h.cz", "envelope-unknown"),
        ("192.0.2.1", "", "localhost", "envelope-unknown"),
        ("192.0.2.1", "", "[192.0.2.1]", "envelope-unknown"),
        ("192.0.2.1", "jana@a..b", "h.cz", "envelope-unknown"),
        ("192.0.2.1", "jana@" + "a" * 64 + ".cz", "h.cz", "envelope-unknown"),
    ],
)
def test_without_a_client_or_a_sender_there_is_nothing_to_ask(
    client: str, sender: str | None, helo: str, code: str
) -> None:
    found = check_sender(client, sender, helo, Questions(table_resolver({})))

    assert (found.result, found.code) == ("none", code)


def test_records_that_call_each_other_for_ever_end() -> None:
    zone = {f"{n}.cz": f"v=spf1 include:{n + 1}.cz include:{n + 2}.cz ptr mx redirect={n + 3}.cz" for n in range(500)}
    asked: list[str] = []

    def resolve(name: str, kind: str, /) -> list[str]:
        asked.append(name)
        return list(table_resolver(zone)(name, kind))

    assert check_sender("192.0.2.1", "a@0.cz", "h.cz", Questions(resolve)).result == "permerror"
    assert len(asked) <= MAX_QUESTIONS


def test_a_resolver_that_breaks_is_one_that_does_not_answer() -> None:
    def resolve(name: str, kind: str, /) -> list[str]:
        raise OSError(name, kind)

    assert check_sender("192.0.2.1", "a@acme.cz", "h.cz", Questions(resolve)).result == "temperror"
