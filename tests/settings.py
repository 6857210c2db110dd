"""The project's settings for tests: a data folder of their own; SQLite, or PostgreSQL by DATABASE_URL."""

import atexit
import os
import shutil
import tempfile

_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["PODATELNA_DATA"] = tempfile.mkdtemp(prefix=f"podatelna-tests-{_worker}-")
atexit.register(shutil.rmtree, os.environ["PODATELNA_DATA"], ignore_errors=True)

from podatelna.settings import *  # noqa: E402, F403
from podatelna.settings import DATA, DATABASES  # noqa: E402

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in production: threads of the live server would fight over a shared in-memory database.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
DISCOVERY = False  # no test asks the network
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "django.contrib.auth.hashers.Argon2PasswordHasher",
]
BLOBS_URL = f"file://{DATA / 'blobs'}"
# aiosmtpd tells of every connection, from threads that outlive the test's captured output.
LOGGING["loggers"]["mail.log"] = {"level": "ERROR"}  # noqa: F405
