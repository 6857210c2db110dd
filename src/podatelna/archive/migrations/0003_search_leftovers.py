"""A digest of what stands in the index of each message; a deleted one leaves nothing that another could inherit."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models

SQLITE = (
    "DROP TRIGGER IF EXISTS archive_search_emptied",
    # A place whose words are still there must not be given to another message; an empty archive has an empty index.
    """CREATE TRIGGER archive_search_left AFTER DELETE ON archive_message
        BEGIN
            INSERT OR IGNORE INTO archive_leftoverdocument (search_id)
                SELECT OLD.search_id WHERE OLD.search_id IS NOT NULL;
            INSERT INTO archive_search (archive_search)
                SELECT 'delete-all' WHERE NOT EXISTS (SELECT 1 FROM archive_message);
            DELETE FROM archive_leftoverdocument WHERE NOT EXISTS (SELECT 1 FROM archive_message);
        END""",
)
SQLITE_BACK = ("DROP TRIGGER archive_search_left",)

POSTGRESQL = (
    """CREATE FUNCTION archive_search_forget() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN DELETE FROM archive_search WHERE search_id = OLD.search_id; RETURN NULL; END $$""",
    """CREATE TRIGGER archive_search_left AFTER DELETE ON archive_message
        FOR EACH ROW EXECUTE FUNCTION archive_search_forget()""",
)
POSTGRESQL_BACK = ("DROP TRIGGER archive_search_left ON archive_message", "DROP FUNCTION archive_search_forget()")


def make(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL if editor.connection.vendor == "postgresql" else SQLITE:
        editor.execute(statement)


def remove(apps: Any, editor: Any) -> None:
    for statement in POSTGRESQL_BACK if editor.connection.vendor == "postgresql" else SQLITE_BACK:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("archive", "0002_search")]
    operations = [
        migrations.CreateModel(
            name="LeftoverDocument",
            fields=[("search_id", models.BigIntegerField(primary_key=True, serialize=False))],
        ),
        migrations.AddField(
            model_name="message",
            name="search_digest",
            field=models.BinaryField(max_length=16, null=True),
        ),
        migrations.RunPython(make, remove),
    ]
