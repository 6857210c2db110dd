"""The search index: FTS5 on SQLite, tsvector under GIN on PostgreSQL. An archive without messages has an empty one."""

from __future__ import annotations

from typing import Any

from django.db import migrations

SQLITE = (
    # Contentless: only the words are kept, texts are in the archive. Words come folded and stemmed, so the tokenizer
    # only parts them at spaces.
    """CREATE VIRTUAL TABLE archive_search USING fts5(
        subject, sender, recipients, files, body, flags, content='',
        tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'")""",
    # FTS5 rows cannot be deleted by a plain DELETE; when the last message goes (tests do that) all of them go.
    """CREATE TRIGGER archive_search_emptied AFTER DELETE ON archive_message
        WHEN NOT EXISTS (SELECT 1 FROM archive_message)
        BEGIN INSERT INTO archive_search (archive_search) VALUES ('delete-all'); END""",
)
SQLITE_BACK = ("DROP TRIGGER archive_search_emptied", "DROP TABLE archive_search")

POSTGRESQL = (
    "CREATE TABLE archive_search (search_id bigint PRIMARY KEY, document tsvector NOT NULL)",
    # fastupdate off: a pending list makes every search slower by what was written lately.
    "CREATE INDEX archive_search_document ON archive_search USING gin (document) WITH (fastupdate = off)",
    """CREATE FUNCTION archive_search_empty() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN TRUNCATE archive_search; RETURN NULL; END $$""",
    """CREATE TRIGGER archive_search_emptied AFTER TRUNCATE ON archive_message
        FOR EACH STATEMENT EXECUTE FUNCTION archive_search_empty()""",
)
POSTGRESQL_BACK = (
    "DROP TRIGGER archive_search_emptied ON archive_message",
    "DROP FUNCTION archive_search_empty()",
    "DROP TABLE archive_search",
)


def make(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def remove(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("archive", "0001_initial")]
    operations = [migrations.RunPython(make, remove)]
