"""Settings, typed and from the environment. A bad value stops the start and names the variable."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from anlan.kernel.refusals import BadSetting
from anlan.sensing.hot.place import place_of_readings


def _env(name: str, default: str = "") -> str:
    """The variable, or the content of the file that NAME_FILE points to (for secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def _flag(name: str) -> bool:
    value = _env(name, "0").lower()
    if value not in {"0", "1", "true", "false", ""}:
        raise BadSetting(name=name, why=f"{value!r} is neither 0 nor 1", example="1")
    return value in {"1", "true"}


def _data_folder() -> Path:
    folder = Path(_env("ANLAN_DATA") or Path.home() / ".local" / "share" / "anlan")
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _secret_key(folder: Path) -> str:
    """From ANLAN_SECRET_KEY, else made once and kept in the data folder, readable by its owner only."""
    given = _env("ANLAN_SECRET_KEY")
    if given:
        return given
    path = folder / "secret.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


def _database(folder: Path) -> dict[str, Any]:
    url = _env("ANLAN_DATABASE_URL")
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "anlan.db"),
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;",
            },
            "TEST": {"NAME": str(folder / "test.db")},
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise BadSetting(
            name="ANLAN_DATABASE_URL",
            why=f"{parts.scheme!r} is not a known database",
            example="postgresql:///anlan",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/") or "anlan",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
    }


def _count(name: str, default: int, most: int) -> int:
    text = _env(name) or str(default)
    if not text.isdigit() or not 1 <= int(text) <= most:
        raise BadSetting(name=name, why=f"{text!r} is not 1 to {most}", example=str(default))
    if int(text) > 1 and not _env("ANLAN_DATABASE_URL"):
        raise BadSetting(name=name, why="more than one needs ANLAN_DATABASE_URL", example="1")
    return int(text)


def _node(folder: Path) -> str:
    """ANLAN_NODE, else the name that `anlan init` wrote, else "local"."""
    given = _env("ANLAN_NODE")
    if given:
        return given
    path = folder / "node"
    return path.read_text().strip() if path.exists() else "local"


def _exercise(folder: Path) -> str:
    """The exercise that this whole data folder belongs to, "" in reality; written by `anlan drill`."""
    path = folder / "exercise"
    return path.read_text().strip() if path.exists() else ""


ANLAN_DATA = _data_folder()
ANLAN_NODE = _node(ANLAN_DATA)
ANLAN_EXERCISE = _exercise(ANLAN_DATA)
#: Token that the phone gateway shows when it calls back, and the one Anlan shows to it.
ANLAN_PHONE_URL = _env("ANLAN_PHONE_URL")
ANLAN_PHONE_TOKEN = _env("ANLAN_PHONE_TOKEN")
ANLAN_PHONE_CALLBACK_TOKEN = _env("ANLAN_PHONE_CALLBACK_TOKEN")
ANLAN_SMTP_URL = _env("ANLAN_SMTP_URL")
#: A mail account in which warnings of others arrive (imap, imaps, pop3, pop3s); docs/incoming-warnings.md.
ANLAN_WARNING_MAIL_URL = _env("ANLAN_WARNING_MAIL_URL")
ANLAN_WARNING_MAIL_PASSWORD = _env("ANLAN_WARNING_MAIL_PASSWORD")
#: The account to which departments mail what happened (docs/intake.md).
ANLAN_INTAKE_MAIL_URL = _env("ANLAN_INTAKE_MAIL_URL")
ANLAN_INTAKE_MAIL_PASSWORD = _env("ANLAN_INTAKE_MAIL_PASSWORD")
#: Where the warning centre takes reports about relayed warnings, and the token shown to it; empty: by paper, fax or phone.
ANLAN_WARNING_CENTRE_URL = _env("ANLAN_WARNING_CENTRE_URL")
ANLAN_WARNING_CENTRE_TOKEN = _env("ANLAN_WARNING_CENTRE_TOKEN")
#: Tokens for the interfaces that reports are forwarded to: "code=token,code=token" by the code of the receiver.
ANLAN_REPORT_TOKENS = _env("ANLAN_REPORT_TOKENS")
#: Tokens that partners (the fire service) take incidents with: code=token, separated by commas.
ANLAN_PARTNER_TOKENS = _env("ANLAN_PARTNER_TOKENS")
#: Key and certificate (PEM, usually as ANLAN_CAP_KEY_FILE and ANLAN_CAP_CERT_FILE) that sign CAP messages; unsigned without.
ANLAN_CAP_KEY = _env("ANLAN_CAP_KEY")
ANLAN_CAP_CERT = _env("ANLAN_CAP_CERT")
#: Public base of links in messages, for example https://yingji.example.gov.cn
ANLAN_BASE_URL = _env("ANLAN_BASE_URL", "http://127.0.0.1:8651").rstrip("/")
#: Mechanisms that a drill may switch off to prove that it notices; never outside an exercise.
ANLAN_SABOTAGE = frozenset(filter(None, _env("ANLAN_SABOTAGE").split(","))) if ANLAN_EXERCISE else frozenset()

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY = _secret_key(ANLAN_DATA)
DEBUG = _flag("ANLAN_DEBUG")
ALLOWED_HOSTS = [
    host for host in _env("ANLAN_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",") if host
]
CSRF_TRUSTED_ORIGINS = [ANLAN_BASE_URL]

INSTALLED_APPS = [
    "anlan.journal",
    "anlan.places",
    "anlan.attachments",
    "anlan.directory",
    "anlan.accounts",
    "anlan.sensing",
    "anlan.risk",
    "anlan.dissemination",
    "anlan.warning",
    "anlan.duty",
    "anlan.incidents",
    "anlan.intake",
    "anlan.reporting",
    "anlan.losses",
    "anlan.datacalls",
    "anlan.assessment",
    "anlan.resources",
    "anlan.plans",
    "anlan.dispatch",
    "anlan.response",
    "anlan.command",
    "anlan.drills",
    "anlan.review",
    "anlan.papers",
    "anlan.console",
    "anlan.field",
    "anlan.portal",
    "anlan.api",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "axes",
]

MIDDLEWARE = [
    "anlan.project.middleware.NoNulMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "anlan.accounts.middleware.ActorMiddleware",
    "anlan.project.middleware.ContentSecurityMiddleware",
    "anlan.project.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "anlan.project.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "anlan.console.context.frame",
            ],
            "builtins": ["anlan.console.templatetags.anlan"],
        },
    }
]

DATABASES = {"default": _database(ANLAN_DATA)}
#: Where readings are kept and by how many gateways; a wrong value stops the start here.
ANLAN_READINGS = place_of_readings()
ANLAN_WORKERS = _count("ANLAN_WORKERS", 1, 32)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:sign_in"
LOGIN_REDIRECT_URL = "console:today"
LOGOUT_REDIRECT_URL = "accounts:sign_in"
#: Five wrong passwords for one name from one address close the door for fifteen minutes (engineering choice).
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "anlan.accounts.views.locked_out"
#: Trying on while the door is closed does not keep it closed: nobody can lock a colleague out for a whole night.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATICFILES_DIRS: list[Path] = []
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SESSION_ENGINE = "anlan.accounts.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ANLAN_BASE_URL.startswith("https://")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
SILENCED_SYSTEM_CHECKS: list[str] = []

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": _env("ANLAN_LOG", "WARNING")},
    "loggers": {
        "anlan": {"level": _env("ANLAN_LOG", "INFO")},
        "axes": {"level": "ERROR"},
        # They write whole addresses, and that of a chat robot is a secret.
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
    },
}
