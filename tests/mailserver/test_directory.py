"""What the mail server is given: the right addresses, to each program its own, at once and whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from podatelna.mailserver import domains
from podatelna.mailserver.directory import write_due
from podatelna.mailserver.models import Mailbox, MailDomain
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
SECRET = "a password of some length"


@pytest.fixture
def domain(cast: Cast) -> MailDomain:
    """A domain with two mailboxes and an alias for one of them and somebody elsewhere."""
    made = domains.add_domain("company.example", cast.dan)
    domains.add_mailbox(made, "alice", SECRET, cast.dan, quota_megabytes=500)
    domains.add_mailbox(made, "bob", SECRET, cast.dan)
    domains.add_alias(made, "all", "alice@company.example bob@elsewhere.example", cast.dan)
    return made


def rows(path: Path, query: str) -> list[tuple[str, ...]]:
    """What a program reads there."""
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
        return sorted(file.execute(query))


def test_postfix_learns_addresses_and_who_may_send_from_them(domain: MailDomain, tmp_path: Path) -> None:
    assert write_due(tmp_path, NOON)
    path = tmp_path / "postfix" / "directory.sqlite3"
    assert rows(path, "SELECT name FROM domains") == [("company.example",)]
    assert rows(path, "SELECT address FROM mailboxes") == [("alice@company.example",), ("bob@company.example",)]
    assert rows(path, "SELECT target FROM aliases WHERE address = 'all@company.example'") == [
        ("alice@company.example",), ("bob@elsewhere.example",),
    ]  # fmt: skip
    assert rows(path, "SELECT login FROM senders WHERE address = 'all@company.example'") == [("alice@company.example",)]


def test_only_dovecots_file_has_hashes_of_passwords(domain: MailDomain, tmp_path: Path) -> None:
    write_due(tmp_path, NOON)
    found = rows(tmp_path / "dovecot" / "directory.sqlite3", "SELECT address, password, quota_rule FROM mailboxes")
    assert found[0][0] == "alice@company.example"
    assert found[0][1].startswith("{ARGON2ID}$argon2id$")
    assert [row[2] for row in found] == ["*:storage=500M", "*:storage=0"]
    assert b"argon2" not in (tmp_path / "postfix" / "directory.sqlite3").read_bytes()
    assert (tmp_path / "dovecot" / "directory.sqlite3").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "rspamd" / "company.example.podatelna.key").stat().st_mode & 0o777 == 0o640


def test_rspamd_gets_the_keys_and_their_names(cast: Cast, domain: MailDomain, tmp_path: Path) -> None:
    write_due(tmp_path, NOON)
    assert (tmp_path / "rspamd" / "selectors.map").read_text() == "company.example podatelna\n"
    assert (tmp_path / "rspamd" / "company.example.podatelna.key").read_text() == domain.private_key()
    domains.renew_key(domain, cast.dan)
    write_due(tmp_path, NOON)
    names = sorted(path.name for path in (tmp_path / "rspamd").iterdir())
    assert names == ["company.example.podatelna2.key", "selectors.map"]


def test_nothing_is_written_when_nothing_has_changed(domain: MailDomain, tmp_path: Path) -> None:
    assert write_due(tmp_path, NOON)
    assert not write_due(tmp_path, NOON)


def test_what_was_deleted_there_is_written_anew(domain: MailDomain, tmp_path: Path) -> None:
    write_due(tmp_path, NOON)
    (tmp_path / "postfix" / "directory.sqlite3").unlink()
    assert write_due(tmp_path, NOON)
    assert rows(tmp_path / "postfix" / "directory.sqlite3", "SELECT name FROM domains") == [("company.example",)]


def close_alice(cast: Cast, domain: MailDomain) -> None:
    domains.close_mailbox(Mailbox.objects.get(local_part="alice"), cast.dan)


def remove_all(cast: Cast, domain: MailDomain) -> None:
    domains.remove_alias(domain.aliases.get(), cast.dan)


@pytest.mark.parametrize(("change", "address"), [(close_alice, "alice"), (remove_all, "all")])
def test_what_is_gone_is_gone_there_too(
    cast: Cast, domain: MailDomain, tmp_path: Path, change: Callable[[Cast, MailDomain], None], address: str
) -> None:
    write_due(tmp_path, NOON)
    change(cast, domain)
    assert write_due(tmp_path, NOON)
    path = tmp_path / "postfix" / "directory.sqlite3"
    query = f"SELECT address FROM {{}} WHERE address = '{address}@company.example'"
    assert rows(path, query.format("mailboxes")) == rows(path, query.format("aliases")) == []


def test_a_reader_in_the_middle_sees_the_former_state_whole(cast: Cast, domain: MailDomain, tmp_path: Path) -> None:
    write_due(tmp_path, NOON)
    path = tmp_path / "postfix" / "directory.sqlite3"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("DELETE FROM domains")
        assert rows(path, "SELECT name FROM domains") == [("company.example",)]
        writer.execute("ROLLBACK")
