"""The tables of the index and the triggers that keep them true, as statements of each database.

The index is `archive_search`; while it is made anew, `archive_search_new` stands beside it. Which scopes a message has
stands in the index too, as marks, so that a search for a few messages among a million need not pass by all others.
Triggers see to those marks: whoever gives or takes a scope, by whatever way, need not think of the index.
"""

from __future__ import annotations

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

ACTIVE = "archive_search"
NEW = "archive_search_new"
OLD = "archive_search_old"
WORDS = "archive_search_words"  # SQLite: which words have which stem
UNMARKED = "archive_search_unmarked"  # SQLite: messages whose scopes changed since they were put in
FIND = "archive_search_find"  # PostgreSQL: a function that gives the places of a tsquery
TERMS = "archive_search_terms"  # SQLite: the words of the index, for looking at them

# The body first: FTS5 writes the number of the column beside each place of a word, but for the first column.
COLUMNS = ("body", "attached", "subject", "sender", "recipients", "files", "flags")


def create(table: str) -> tuple[str, ...]:
    """Make an empty index of this name."""
    if _on_postgresql():
        return (
            f"CREATE TABLE {table} (search_id bigint PRIMARY KEY, document tsvector NOT NULL)",
            # fastupdate off: a pending list makes every search slower by what was written lately.
            f"CREATE INDEX {table}_document ON {table} USING gin (document) WITH (fastupdate = off)",
        )
    return (
        # Contentless: only the words are kept, texts are in the archive. Words come folded, so the tokenizer only
        # parts them at spaces. Sizes of columns are for bm25, which counts every hit there is.
        f"""CREATE VIRTUAL TABLE {table} USING fts5({", ".join(COLUMNS)}, content='', columnsize=0,
            tokenize="unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'")""",
        # What was written together lies together until it is merged: `tidy` merges as soon as there are two of a size.
        f"INSERT INTO {table} ({table}, rank) VALUES ('usermerge', 2)",  # noqa: S608  # own name
    )


def create_helpers() -> tuple[str, ...]:
    """Make what is needed beside the index itself."""
    if _on_postgresql():
        return (
            f"""CREATE FUNCTION {FIND}(tsquery) RETURNS SETOF bigint LANGUAGE sql STABLE SET enable_seqscan = off
                AS $$ SELECT search_id FROM {ACTIVE} WHERE document @@ $1 $$""",  # noqa: S608  # own name
        )
    return (
        f"CREATE TABLE {WORDS} (stem text NOT NULL, plain text NOT NULL, PRIMARY KEY (stem, plain)) WITHOUT ROWID",
        f"""CREATE TABLE {UNMARKED} (message_id bigint, scope_id bigint, PRIMARY KEY (message_id, scope_id))
            WITHOUT ROWID""",
        f"CREATE VIRTUAL TABLE {TERMS} USING fts5vocab({ACTIVE}, instance)",
    )


def create_triggers() -> tuple[str, ...]:
    """Keep the index true to the scopes of messages, and to what is deleted."""
    return _POSTGRESQL_TRIGGERS if _on_postgresql() else (*_SQLITE_MARKS, _SQLITE_LEFT)


def drop_triggers() -> tuple[str, ...]:
    """Undo create_triggers, whether they are there or not."""
    return _POSTGRESQL_BACK if _on_postgresql() else tuple(f"DROP TRIGGER IF EXISTS {name}" for name in _TRIGGERS)


def exists() -> bool:
    """Whether the database has come so far as to have an index like this."""
    with connection.cursor() as cursor:
        present = set(connection.introspection.table_names(cursor))
    return {ACTIVE, "archive_indexbuild"} <= present


def missing_triggers() -> set[str]:
    """Those that are gone. On SQLite, altering a table can take its triggers along."""
    sql = "SELECT tgname FROM pg_trigger" if _on_postgresql() else "SELECT name FROM sqlite_master WHERE type='trigger'"
    with connection.cursor() as cursor:
        cursor.execute(sql)
        present = {name for (name,) in cursor.fetchall()}
    return set(_POSTGRESQL_NAMES if _on_postgresql() else _TRIGGERS) - present


def mend_triggers() -> bool:
    """Make those anew that are gone; whether there were any. What happened without them is found by index check."""
    if not missing_triggers():
        return False
    run((*drop_triggers(), *create_triggers()))
    return True


def tidy(pages: int = 40) -> bool:
    """Merge some of what SQLite's index holds in pieces, so that a word is looked up in few; False: all is merged.

    A step takes some milliseconds. A beginning of many words is met in a third of the time afterwards.
    """
    if _on_postgresql():
        return False
    connection.ensure_connection()
    before = connection.connection.total_changes
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {ACTIVE} ({ACTIVE}, rank) VALUES ('merge', %s)", [pages])  # noqa: S608  # own name
    # sqlite.org/fts5.html 6.8: less than two changes say that there was nothing to merge.
    return bool(connection.connection.total_changes - before >= 2)


def swap() -> tuple[str, ...]:
    """The new index takes the place of the old one, which is OLD from then on."""
    if _on_postgresql():
        return (
            f"ALTER TABLE {ACTIVE} RENAME TO {OLD}",
            f"ALTER INDEX {ACTIVE}_pkey RENAME TO {OLD}_pkey",
            f"ALTER INDEX {ACTIVE}_document RENAME TO {OLD}_document",
            f"ALTER TABLE {NEW} RENAME TO {ACTIVE}",
            f"ALTER INDEX {NEW}_pkey RENAME TO {ACTIVE}_pkey",
            f"ALTER INDEX {NEW}_document RENAME TO {ACTIVE}_document",
        )
    # Without its triggers: a renaming would rename what they speak of.
    return (
        *drop_triggers(),
        f"ALTER TABLE {ACTIVE} RENAME TO {OLD}",
        f"ALTER TABLE {NEW} RENAME TO {ACTIVE}",
        *create_triggers(),
    )


def run(statements: tuple[str, ...], editor: BaseDatabaseSchemaEditor | None = None) -> None:
    """Execute them one after another, in the caller's transaction."""
    if editor is not None:
        for statement in statements:
            editor.execute(statement)
        return
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _on_postgresql() -> bool:
    return connection.vendor == "postgresql"


# --- SQLite ------------------------------------------------------------------------------------------------

_TRIGGERS = ("archive_search_scoped", "archive_search_unscoped", "archive_search_left")

# Only what is our own may be named in them: a migration that alters one table by copying it breaks on triggers of
# another that speak of it. So the trigger takes down what changed, and marks.py brings it into the index.
_SQLITE_MARKS = (
    f"""CREATE TRIGGER archive_search_scoped AFTER INSERT ON archive_deliveryscope
        BEGIN INSERT OR IGNORE INTO {UNMARKED} VALUES (NEW.message_id, NEW.scope_id); END""",  # noqa: S608  # own name
    f"""CREATE TRIGGER archive_search_unscoped AFTER DELETE ON archive_deliveryscope
        BEGIN INSERT OR IGNORE INTO {UNMARKED} VALUES (OLD.message_id, OLD.scope_id); END""",  # noqa: S608
)
_SQLITE_LEFT = """CREATE TRIGGER archive_search_left AFTER DELETE ON archive_message
    BEGIN
        INSERT OR IGNORE INTO archive_leftoverdocument (search_id, also_new)
            SELECT OLD.search_id, EXISTS (SELECT 1 FROM archive_indexbuild) WHERE OLD.search_id IS NOT NULL;
        INSERT INTO archive_search (archive_search)
            SELECT 'delete-all' WHERE NOT EXISTS (SELECT 1 FROM archive_message);
        DELETE FROM archive_leftoverdocument WHERE NOT EXISTS (SELECT 1 FROM archive_message);
    END"""

# --- PostgreSQL --------------------------------------------------------------------------------------------

_POSTGRESQL_NAMES = ("archive_search_scoped", "archive_search_left", "archive_search_emptied")

# The message's row is locked as indexing.py locks it: a scope given while it is put into the index must not be missed.
_POSTGRESQL_TRIGGERS = (
    f"""CREATE FUNCTION archive_search_mark() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            link record;
            place bigint;
            mark text;
        BEGIN
            IF TG_OP = 'INSERT' THEN link := NEW; ELSE link := OLD; END IF;
            SELECT search_id INTO place FROM archive_message WHERE id = link.message_id FOR NO KEY UPDATE;
            IF place IS NULL THEN RETURN NULL; END IF;
            mark := '+s' || link.scope_id;
            IF EXISTS (SELECT 1 FROM archive_deliveryscope
                    WHERE message_id = link.message_id AND scope_id = link.scope_id) THEN
                UPDATE {ACTIVE} SET document = document || quote_literal(mark)::tsvector
                    WHERE search_id = place AND NOT document @@ quote_literal(mark)::tsquery;
                IF to_regclass('{NEW}') IS NOT NULL THEN
                    UPDATE {NEW} SET document = document || quote_literal(mark)::tsvector
                        WHERE search_id = place AND NOT document @@ quote_literal(mark)::tsquery;
                END IF;
            ELSE
                UPDATE {ACTIVE} SET document = ts_delete(document, mark) WHERE search_id = place;
                IF to_regclass('{NEW}') IS NOT NULL THEN
                    UPDATE {NEW} SET document = ts_delete(document, mark) WHERE search_id = place;
                END IF;
            END IF;
            RETURN NULL;
        END $$""",  # noqa: S608  # own names
    """CREATE TRIGGER archive_search_scoped AFTER INSERT OR DELETE ON archive_deliveryscope
        FOR EACH ROW EXECUTE FUNCTION archive_search_mark()""",
    f"""CREATE FUNCTION archive_search_forget() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            DELETE FROM {ACTIVE} WHERE search_id = OLD.search_id;
            IF to_regclass('{NEW}') IS NOT NULL THEN
                DELETE FROM {NEW} WHERE search_id = OLD.search_id;
            END IF;
            RETURN NULL;
        END $$""",  # noqa: S608
    """CREATE TRIGGER archive_search_left AFTER DELETE ON archive_message
        FOR EACH ROW EXECUTE FUNCTION archive_search_forget()""",
    f"""CREATE FUNCTION archive_search_empty() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN TRUNCATE {ACTIVE}; RETURN NULL; END $$""",
    """CREATE TRIGGER archive_search_emptied AFTER TRUNCATE ON archive_message
        FOR EACH STATEMENT EXECUTE FUNCTION archive_search_empty()""",
)
_POSTGRESQL_BACK = (
    "DROP TRIGGER IF EXISTS archive_search_scoped ON archive_deliveryscope",
    "DROP TRIGGER IF EXISTS archive_search_left ON archive_message",
    "DROP TRIGGER IF EXISTS archive_search_emptied ON archive_message",
    "DROP FUNCTION IF EXISTS archive_search_mark()",
    "DROP FUNCTION IF EXISTS archive_search_forget()",
    "DROP FUNCTION IF EXISTS archive_search_empty()",
)
