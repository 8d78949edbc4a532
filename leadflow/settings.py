"""LeadFlow's settings, read top to bottom. All that differs between installations comes from the environment.

Without any variable this is the embedded default: SQLite, a broker made of files, everything under var/.
`LEADFLOW_PRODUCTION=1` (set by `manage.py serve` and the container) is the other half: see `.env.example`.
"""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# --- where things live -------------------------------------------------------------------------------------

PRODUCTION = env.bool("LEADFLOW_PRODUCTION", default=False)
DEBUG = env.bool("DEBUG", default=False)
DATA_DIR = Path(env("LEADFLOW_DATA_DIR", default=str(BASE_DIR / "var"))).expanduser().resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)


def _secret_key() -> str:
    """The key from the environment; in the embedded default one made once and kept beside the database."""
    key = env("SECRET_KEY", default="")
    if key:
        return key
    if PRODUCTION:
        raise ImproperlyConfigured("SECRET_KEY is not set. See .env.example: it says how to make one.")
    path = DATA_DIR / "secret_key"
    if not path.exists():
        # Written whole before it has its name: of processes that start together one names it, and all read that key.
        with NamedTemporaryFile("w", dir=DATA_DIR, prefix="secret_key.") as file:  # only its owner may read it
            file.write(get_random_secret_key())
            file.flush()
            with suppress(FileExistsError):
                os.link(file.name, path)
    return path.read_text()


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
BASE_URL = env("LEADFLOW_BASE_URL", default="http://127.0.0.1:8000")

# Private networks, as 10.1.0.0/16, in which endpoints of webhooks may be; else none that is not open to the world.
WEBHOOK_NETWORKS = env.list("LEADFLOW_WEBHOOK_NETWORKS", default=[])

# What Prometheus sends to read /metrics; without it only the machine itself reads them.
METRICS_TOKEN = env("LEADFLOW_METRICS_TOKEN", default="")

# --- apps --------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "leadflow",
    "accounts",
    "funnel",
    "dispositions",
    "reports",
    "integrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_filters",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]

MIDDLEWARE = [
    "leadflow.metrics.RequestMetricsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "integrations.api.guard.ApiGuardMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.kept_input.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.ViewerMiddleware",
]

ROOT_URLCONF = "leadflow.urls"
WSGI_APPLICATION = "leadflow.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "leadflow.navigation.navigation",
            ],
        },
    },
]

# --- database ----------------------------------------------------------------------------------------------

# Only the web server bounds its statements: jobs, imports and commands may take as long as they need.
STATEMENT_TIMEOUT_MS = env.int("LEADFLOW_STATEMENT_TIMEOUT_MS", default=0)

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "OPTIONS": {
            # Never together with ATOMIC_REQUESTS: every GET would then wait for the one write lock.
            "transaction_mode": "IMMEDIATE",
            "timeout": STATEMENT_TIMEOUT_MS / 1000 or 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA mmap_size=134217728; "
                "PRAGMA journal_size_limit=27103364; PRAGMA cache_size=-16000;"
            ),
        },
        # A file, not memory: threads and the live server of the tests open connections of their own.
        "TEST": {"NAME": str(DATA_DIR / "test.sqlite3")},
    }
else:
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 3,
            "options": (
                f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={2000 if STATEMENT_TIMEOUT_MS else 0} "
                f"-c idle_in_transaction_session_timeout={15000 if STATEMENT_TIMEOUT_MS else 0}"
            ),
        },
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- what a process keeps for a moment ------------------------------------------------------------------------

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    # Short lists that every page reads; what it promises: funnel/reference_cache.py.
    "reference": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "reference",
        "TIMEOUT": 10,
    },
    # Calls of each API key in the present minute: counted together where there is Redis, else by each process.
    "calls": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env("REDIS_URL"),
        "KEY_PREFIX": "leadflow-calls",
        "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
    }
    if env("REDIS_URL", default="")
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "calls"},
}

# --- jobs: Celery is a doorbell, the database is the truth ----------------------------------------------------

CELERY_BROKER_URL = env("REDIS_URL", default="filesystem://localhost")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_TASKS_PER_CHILD = 1000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")
CELERY_TIMEZONE = "UTC"
if CELERY_BROKER_URL.startswith("filesystem"):
    QUEUE_DIR = DATA_DIR / "queue"
    for _folder in ("messages", "control", "processed"):
        (QUEUE_DIR / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(QUEUE_DIR / "messages"),
        "data_folder_out": str(QUEUE_DIR / "messages"),
        "control_folder": str(QUEUE_DIR / "control"),
        "processed_folder": str(QUEUE_DIR / "processed"),
        "store_processed": False,
        "polling_interval": 0.2,
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 900,  # longer than the longest task; nothing uses ETA
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_keepalive": True,
        "health_check_interval": 30,
    }

# --- signing in --------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AUTHENTICATION_BACKENDS = ["accounts.backends.EmailBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
SESSION_COOKIE_AGE = 12 * 60 * 60
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60

# --- language, time, money ---------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
USE_I18N = True
FORMAT_MODULE_PATH = "leadflow.formats"  # one module per choice of accounts.models.Formats
USE_TZ = True
TIME_ZONE = env("LEADFLOW_TIME_ZONE", default="UTC")
REPORTING_CURRENCY = env("LEADFLOW_CURRENCY", default="EUR")

# --- how long what is personal is kept (docs/privacy.md); in days, 0 keeps it for ever -------------------------

KEPT_DAYS = {
    "messages": env.int("LEADFLOW_KEEP_MESSAGES_DAYS", default=30),
    "deliveries": env.int("LEADFLOW_KEEP_DELIVERIES_DAYS", default=30),
    "answers": env.int("LEADFLOW_KEEP_ANSWERS_DAYS", default=3),
    "uploads": env.int("LEADFLOW_KEEP_UPLOADS_DAYS", default=90),
    "notifications": env.int("LEADFLOW_KEEP_NOTIFICATIONS_DAYS", default=365),
    "disqualified": env.int("LEADFLOW_KEEP_DISQUALIFIED_DAYS", default=730),
}

# --- pages -------------------------------------------------------------------------------------------------

STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
# Files are served from static/ as they are, unless `collectstatic` has made the hashed copies for production.
WHITENOISE_USE_FINDERS = not PRODUCTION
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": f"leadflow.rendering.{'HashedStaticFiles' if PRODUCTION else 'StaticFiles'}",
    },
}
FORM_RENDERER = "leadflow.rendering.QuickInputs"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 10_000_000

if PRODUCTION:
    SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
    SECURE_REDIRECT_EXEMPT = [r"^metrics$"]  # Prometheus asks from inside; the proxy lets nobody else through
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_SECURE = True
    CSRF_COOKIE_NAME = "__Host-csrftoken"

# --- API ---------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["integrations.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "integrations.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "integrations.api.problems.problem_handler",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "LeadFlow API",
    "VERSION": "1.0.0",
    "DESCRIPTION": "Push leads and touches in, read every disposition back.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"Stage": "funnel.lifecycle.Stage.choices"},
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# --- mail and logs -----------------------------------------------------------------------------------------

# Without a mail server the mails become files, so that nothing is sent from a laptop by mistake.
EMAIL_CONFIG = env.email_url("EMAIL_URL", default="filemail://")
vars().update(EMAIL_CONFIG)
EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 10
MAIL_LINK_DAYS = env.int("LEADFLOW_MAIL_LINK_DAYS", default=3)
DEFAULT_FROM_EMAIL = env("LEADFLOW_FROM_EMAIL", default="LeadFlow <leadflow@localhost>")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
