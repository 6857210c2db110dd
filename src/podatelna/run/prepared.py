"""`podatelna migrate` and `podatelna version`."""

from __future__ import annotations

from importlib.metadata import version as version_of


def migrate() -> None:
    """Prepare the database: make its tables, or bring them from an older version to this one.

    `podatelna run` does this by itself; call it once before `podatelna web` and `podatelna worker`. Doing it again
    changes nothing.

    Example: DATABASE_URL=postgresql://podatelna@localhost/podatelna podatelna migrate
    """
    from .house import open_house, pending_migrations, prepare

    open_house()
    waiting = pending_migrations()
    prepare()
    print(f"The database is prepared ({len(waiting)} steps done)." if waiting else "The database was prepared already.")


def version() -> None:
    """Print the versions of Podatelna, Python and Django."""
    import platform

    print(f"podatelna {version_of('podatelna')} (Python {platform.python_version()}, Django {version_of('Django')})")
