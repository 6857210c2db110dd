"""Settings from the environment: every variable is declared here, checked here and refused here when wrong.

`docs/administration/settings.md` holds the same table for people; a test keeps the two equal.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONCE, NONE, SELF

from podatelna.protocols.listening import Network, Place, read_networks, read_places
from podatelna.vault import Unreadable, read_content_keys


class MalformedSetting(Exception):
    """A variable of the environment that cannot be used; the message says which one and what is expected."""


# --- the table -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variable:
    """One variable of the environment: its name, default, reader (text to value) and meaning."""

    name: str
    default: str
    read: Callable[[str], Any]
    meaning: str


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off", ""}:
        return False
    raise ValueError("expected yes or no")


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("expected a whole number from 1")
    return int(text)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise ValueError("expected a port from 1 to 65535")
    return int(text)


def _host(text: str) -> str:
    if not text or any(c.isspace() or c in "/@" for c in text):
        raise ValueError("expected an IP address or a host name")
    return text


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]


def _origin(text: str) -> str:
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("expected an origin like https://desk.example.com")
    return f"{parts.scheme}://{parts.netloc}"


def _database(text: str) -> dict[str, Any]:
    """`postgresql://user:password@host:port/name` or `sqlite:////absolute/path` or "" (a file in the data folder)."""
    if not text:
        return {}
    parts = urlsplit(text)
    if parts.scheme == "sqlite" and len(parts.path) > 1:
        return {
            "ENGINE": "sqlite",
            "NAME": unquote(parts.path[1:] if parts.path.startswith("//") else parts.path),
        }
    if parts.scheme in {"postgres", "postgresql"} and len(parts.path) > 1:
        return {
            "ENGINE": "postgresql",
            "NAME": unquote(parts.path[1:]),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(parts.hostname or ""),
            "PORT": str(parts.port or ""),
        }
    raise ValueError("expected postgresql://user:password@host/name or sqlite:////path/to/file")


def _blobs(text: str) -> str:
    if not text or urlsplit(text).scheme in {"file", "s3", "memory"}:
        return text
    raise ValueError("expected s3://bucket/prefix or file:///path/to/folder")


def _folder(text: str) -> Path:
    path = Path(text).expanduser().resolve()
    if path.exists() and not path.is_dir():
        raise ValueError("expected a folder, and this is a file")
    return path


def _content_keys(text: str) -> str:
    try:
        read_content_keys(text)
    except Unreadable as error:
        raise ValueError(f"expected keys: {error}") from None
    return text


def _content_key_file(text: str) -> Path | None:
    """Refused when it holds no key: mail would be written unsealed without a word."""
    if not text:
        return None
    path = Path(text).expanduser().resolve()
    try:
        keys = read_content_keys(path.read_text("ascii"))
    except (OSError, UnicodeDecodeError, Unreadable) as error:
        raise ValueError(f"expected a file with keys: {type(error).__name__}") from None
    if not keys:
        raise ValueError("expected a file with keys, and there is none in it")
    return path


def _timestamp_server(text: str) -> str:
    if text and (urlsplit(text).scheme not in {"http", "https"} or not urlsplit(text).hostname):
        raise ValueError("expected the address of a time-stamping server like https://tsa.example.com")
    return text


def _token(text: str) -> str:
    if text and (len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text):
        raise ValueError("expected at least 16 characters, ASCII and without blanks")
    return text


def _certificates(text: str) -> Path | None:
    path = Path(text).expanduser().resolve() if text else None
    if path and not path.is_file():
        raise ValueError("expected a file with certificates")
    return path


def _key_file(text: str) -> Path | None:
    path = Path(text).expanduser().resolve() if text else None
    if path and not path.is_file():
        raise ValueError("expected a file with a key")
    return path


VARIABLES = (
    Variable("PODATELNA_DATA", "data", _folder, "Folder for the database file, blobs and keys"),
    Variable("DATABASE_URL", "", _database, "postgresql://user:password@host/name; empty: an SQLite file in the data folder"),
    Variable("BLOBS_URL", "", _blobs, "s3://bucket/prefix; empty: the folder blobs in the data folder"),
    Variable("PODATELNA_HOST", "127.0.0.1", _host, "Address that the web desk listens on"),
    Variable("PODATELNA_PORT", "8000", _port, "Port that the web desk listens on"),
    Variable("PODATELNA_ORIGIN", "", _origin, "How browsers reach the desk, like https://desk.example.com; empty: http on host and port"),
    Variable("PODATELNA_WEB_PROCESSES", "1", _positive, "Web processes that `podatelna run` starts"),
    Variable("PODATELNA_WORKERS", "1", _positive, "Worker processes that `podatelna run` starts (one is right for SQLite)"),
    Variable("PODATELNA_KEY_FILE", "", str, "File with the key that encrypts stored passwords; empty: secret.key in the data folder"),
    Variable("PODATELNA_CONTENT_KEYS", "", _content_keys,
             "Keys that seal stored mail, like 1: and 64 hexadecimal digits; the highest number writes. Empty: not sealed"),
    Variable("PODATELNA_CONTENT_KEY_FILE", "", _content_key_file, "File with these keys, one a line, instead"),
    Variable("PODATELNA_TRUSTED_PROXIES", "0", lambda text: int(text) if text.isdecimal() else _positive(text),
             "How many proxies in front may be believed about the visitor's address and https"),
    Variable("PODATELNA_TIME_ZONE", "Europe/Prague", str, "Time zone of the company"),
    Variable("PODATELNA_UNDO_SECONDS", "10", _positive, "How long a reply waits with an Undo before it is sent"),
    Variable("PODATELNA_TIMESTAMP_URL", "", _timestamp_server,
             "Server that time-stamps each day's root of the log (RFC 3161), like https://tsa.example.com; empty: none"),
    Variable("PODATELNA_TIMESTAMP_CERTIFICATES", "", _certificates,
             "File with the certificates (PEM) that its time-stamps must lead to; empty: those that this machine trusts"),
    Variable("PODATELNA_BACKLOG_MINUTES", "15", _positive,
             "After how many minutes mail that waits to be processed raises an alarm"),
    Variable("PODATELNA_METRICS_TOKEN", "", _token,
             "What Prometheus must show to read /metrics (at least 16 characters); empty: only from this machine, and not through a proxy"),
    Variable("PODATELNA_MAILSERVER", "", lambda text: _folder(text) if text else None,
             "Folder shared with a mail server of one's own (deploy/mailserver), which reads its domains and mailboxes there; empty: none"),
    Variable("PODATELNA_MAILSERVER_NAME", "", lambda text: _host(text) if text else "",
             "That server's name in DNS, like mail.example.com"),
    Variable("PODATELNA_SMTP_LISTEN", "", read_places,
             "Where mail servers may bring mail by SMTP, like 0.0.0.0:25,[::]:25; empty: nowhere"),
    Variable("PODATELNA_LMTP_LISTEN", "", read_places,
             "Where one's own mail server may bring mail by LMTP, like 127.0.0.1:24 or /run/podatelna/lmtp; empty: nowhere"),
    Variable("PODATELNA_SMTP_NAME", "", lambda text: _host(text) if text else "",
             "Name of this machine in DNS, as it greets mail servers; empty: as the machine is called"),
    Variable("PODATELNA_SMTP_CERTIFICATE", "", _certificates,
             "File with the certificate (PEM) and those that lead to its root, shown after STARTTLS; read again when renewed"),
    Variable("PODATELNA_SMTP_KEY", "", _key_file, "File with the key (PEM) of that certificate; empty: it is in the same file"),
    Variable("PODATELNA_SMTP_CLIENTS", "", read_networks,
             "Hosts that alone may bring mail by SMTP, like 192.0.2.7,198.51.100.0/24; empty: all"),
    Variable("PODATELNA_LMTP_CLIENTS", "127.0.0.0/8,::1/128", read_networks, "Hosts that alone may bring mail by LMTP"),
    Variable("PODATELNA_SMTP_MEGABYTES", "50", _positive, "How large a message that is brought may be"),
    Variable("PODATELNA_SMTP_RATE", "120", lambda text: 0 if text == "0" else _positive(text),
             "How many messages a minute one host may bring; 0: any number"),
    Variable("PODATELNA_DISCOVERY", "yes", _flag,
             "When a mailbox is connected, ask the domain of its address for its servers (DNS and https); no: only guess"),
    Variable("PODATELNA_DEMO", "no", _flag, "Set by `make demo`: one-click sign-in for visitors on loopback"),
    Variable("PODATELNA_DEBUG", "no", _flag, "Tracebacks in the browser, for developers only"),
)  # fmt: skip


def read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Values of all VARIABLES. Raises MalformedSetting on a wrong value or an unknown PODATELNA_ name."""
    values = {}
    for variable in VARIABLES:
        text = environment.get(variable.name, variable.default)
        try:
            values[variable.name] = variable.read(text)
        except ValueError as error:
            # The value is not shown: DATABASE_URL carries a password.
            raise MalformedSetting(f"{variable.name}: {error}. It means: {variable.meaning}.") from None
    known = {variable.name for variable in VARIABLES}
    unknown = sorted(name for name in environment if name.startswith("PODATELNA_") and name not in known)
    if unknown:
        names = ", ".join(sorted(known))
        raise MalformedSetting(f"{', '.join(unknown)}: no such setting. Known are: {names}.")
    return values


try:
    ENV = read_environment(os.environ)
except MalformedSetting as error:
    sys.exit(f"podatelna: {error}")

# --- Django ----------------------------------------------------------------------------------------------

DATA: Path = ENV["PODATELNA_DATA"]
DISCOVERY: bool = ENV["PODATELNA_DISCOVERY"] and not ENV["PODATELNA_DEMO"]
DEMO: bool = ENV["PODATELNA_DEMO"]
DEBUG: bool = ENV["PODATELNA_DEBUG"]
UNDO_SECONDS: int = ENV["PODATELNA_UNDO_SECONDS"]
ORIGIN: str = ENV["PODATELNA_ORIGIN"] or f"http://{ENV['PODATELNA_HOST']}:{ENV['PODATELNA_PORT']}"
KEY_FILE = Path(ENV["PODATELNA_KEY_FILE"] or DATA / "secret.key")
CONTENT_KEYS: str = ENV["PODATELNA_CONTENT_KEYS"]
CONTENT_KEY_FILE: Path | None = ENV["PODATELNA_CONTENT_KEY_FILE"]
BLOBS_URL: str = ENV["BLOBS_URL"] or f"file://{DATA / 'blobs'}"
TIMESTAMP_URL: str = ENV["PODATELNA_TIMESTAMP_URL"]
TIMESTAMP_CERTIFICATES: Path | None = ENV["PODATELNA_TIMESTAMP_CERTIFICATES"]
BACKLOG_MINUTES: int = ENV["PODATELNA_BACKLOG_MINUTES"]
METRICS_TOKEN: str = ENV["PODATELNA_METRICS_TOKEN"]
MAILSERVER: Path | None = ENV["PODATELNA_MAILSERVER"]
MAILSERVER_NAME: str = ENV["PODATELNA_MAILSERVER_NAME"]
SMTP_LISTEN: tuple[Place, ...] = ENV["PODATELNA_SMTP_LISTEN"]
LMTP_LISTEN: tuple[Place, ...] = ENV["PODATELNA_LMTP_LISTEN"]
SMTP_NAME: str = ENV["PODATELNA_SMTP_NAME"] or socket.gethostname()
SMTP_CERTIFICATE: Path | None = ENV["PODATELNA_SMTP_CERTIFICATE"]
SMTP_KEY: Path | None = ENV["PODATELNA_SMTP_KEY"]
SMTP_CLIENTS: tuple[Network, ...] = ENV["PODATELNA_SMTP_CLIENTS"]
LMTP_CLIENTS: tuple[Network, ...] = ENV["PODATELNA_LMTP_CLIENTS"]
SMTP_SIZE: int = ENV["PODATELNA_SMTP_MEGABYTES"] * 1024 * 1024
SMTP_RATE: int = ENV["PODATELNA_SMTP_RATE"]
_HTTPS = ORIGIN.startswith("https://")


def _databases() -> dict[str, Any]:
    chosen = ENV["DATABASE_URL"] or {"ENGINE": "sqlite", "NAME": str(DATA / "podatelna.sqlite3")}
    if chosen["ENGINE"] == "postgresql":
        return {
            **chosen,
            "ENGINE": "django.db.backends.postgresql",
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
        }
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": chosen["NAME"],
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "timeout": 20,
            # A deferred transaction that turns to writing fails at once when another writer was faster.
            "transaction_mode": "IMMEDIATE",
            # synchronous=FULL: with NORMAL a committed message could be gone after a power cut.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000;"
            " PRAGMA temp_store=MEMORY; PRAGMA mmap_size=2147418112;",
        },
    }


DATABASES = {"default": _databases()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"


def _secret_key() -> str:
    """Django's key, kept beside the vault's key; made on first use. Its file is readable by its owner only."""
    from podatelna.vault import derive, read_or_make_key

    return derive(read_or_make_key(KEY_FILE), "django").hex()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = sorted({urlsplit(ORIGIN).hostname or "localhost", "localhost", "127.0.0.1", "[::1]"})
CSRF_TRUSTED_ORIGINS = [ORIGIN]
ROOT_URLCONF = "podatelna.web.urls"
WSGI_APPLICATION = "podatelna.web.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "podatelna.web",  # before allauth, whose templates it replaces
    "allauth",
    "allauth.account",
    "csp",
    "podatelna.accounts",
    "podatelna.archive",
    "podatelna.mailserver",
    "podatelna.gateways",
    "podatelna.outbox",
    "podatelna.contacts",
    "podatelna.desk",
]

MIDDLEWARE = [
    "podatelna.web.mail_setup.MailSetup",  # answers under names of mail domains, which are not the desk's
    # First: those who probe call this machine by all sorts of names, and have no session.
    "podatelna.web.probes.Probes",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "podatelna.web.middleware.LanguageOfPerson",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "podatelna.web.middleware.FirstVisit",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "podatelna.web.acting.Acting",  # whether who asks may change what the address names
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "podatelna.web.context.desk",
            ],
        },
    }
]

# --- people ----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "podatelna.accounts.passwords.UnlikeThePerson"},
    {"NAME": "podatelna.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "demo" if DEMO else "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "podatelna.web.people.ClosedAdapter"
ACCOUNT_FORMS = {
    "login": "podatelna.web.sign_in.SignInForm",
    "change_password": "podatelna.web.sign_in.NewPasswordForm",
}
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = ENV["PODATELNA_TRUSTED_PROXIES"]
# Rate limits must hold across web processes, so the cache is a table and not one process's memory.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Django's 300 would let a flood of addresses push out the counts that limit it.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "podatelna_session"
CSRF_COOKIE_NAME = "podatelna_csrf"
CSRF_FAILURE_VIEW = "podatelna.web.errors.csrf_failure"

# --- what browsers may do --------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if _HTTPS else 0
X_FRAME_OPTIONS = "SAMEORIGIN"
if ENV["PODATELNA_TRUSTED_PROXIES"]:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

# --- language, time, files -------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("cs", "Čeština"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "podatelna_language"
LOCALE_PATHS = [Path(__file__).parent / "web" / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV["PODATELNA_TIME_ZONE"]
STATIC_URL = "static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "filters": {"one-time links": {"()": "podatelna.web.discreet.OneTimeLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["one-time links"]}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"django.server": {"level": "WARNING"}, "imapclient": {"level": "WARNING"}},
}
