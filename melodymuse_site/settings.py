"""Settings of the site. Every environment variable read here is described in docs/settings.md."""

import os
import socket
from pathlib import Path

from kombu import Queue

from generation.release import IN_CHECKOUT, PROJECT
from melodymuse_site import hiding, private, queues, swapping
from melodymuse_site.environment import Environment

BASE_DIR = PROJECT
_environment = Environment(os.environ)

hiding.install()
DATA_DIR = _environment.folder("DATA_DIR", (BASE_DIR if IN_CHECKOUT else Path.cwd()) / "var")
DEBUG = _environment.flag("DEBUG", default=False)
ALLOWED_HOSTS = _environment.names("ALLOWED_HOSTS")
PRODUCTION = bool(ALLOWED_HOSTS) and not DEBUG
DATABASES = {"default": _environment.database(DATA_DIR)}
swapping.finish(DATA_DIR, DATABASES["default"])  # a restore that was cut off at its last step
SECRET_KEY = _environment.secret_key(DATA_DIR, production=PRODUCTION)
PORT = _environment.number("PORT", 8000, least=1, most=65535)


def _own_addresses() -> list[str]:
    """Names under which other machines of the same network reach this one."""
    try:
        return sorted({info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    except OSError:
        return []


def _outward_address() -> list[str]:
    """The address of the interface that leads out; no packet is sent (UDP connect only)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]


if not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]", *_own_addresses(), *_outward_address()]

INSTALLED_APPS = [
    "melodymuse_site.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "melodymuse_site.apps.LoginsConfig",
    "generation",
    "survey",
    "melodymuse_site",  # last: its roles need the permissions of the others
]

MIDDLEWARE = [
    "melodymuse_site.timing.TimingMiddleware",  # first: the others take their time, too
    "django.middleware.security.SecurityMiddleware",
    "melodymuse_site.headers.ContentSecurityPolicyMiddleware",
    "melodymuse_site.readable.ReadableMiddleware",  # before whatever looks up a file or a session
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "melodymuse_site.languages.PageLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "melodymuse_site.refusals.RefusalMiddleware",
]

ROOT_URLCONF = "melodymuse_site.urls"
WSGI_APPLICATION = "melodymuse_site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" if IN_CHECKOUT else BASE_DIR / "melodymuse_site" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "melodymuse_site.addresses.client_address"
AXES_LOCKOUT_TEMPLATE = "registration/locked_out.html"
AXES_VERBOSE = False
# What is kept of logins (names, addresses) goes after so many days, hourly, together with sessions that ran out.
LOGIN_RECORD_DAYS = _environment.number("LOGIN_RECORD_DAYS", 30, least=1, most=3650)

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("tr", "Türkçe"),
]
LOCALE_PATHS = [BASE_DIR / "survey" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
MEDIA_URL = "media/"
MEDIA_ROOT = _environment.folder("MEDIA_ROOT", DATA_DIR / "media")
MEDIA_FILE_TIME = 946_684_800  # 2000-01-01: every media file's, so that none says when and with which others it came
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = private.modes(MEDIA_ROOT, DATA_DIR)
private.keep_private(DATA_DIR, DATABASES["default"])
STORAGES = {
    **_environment.storages(),
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not DEBUG
        else "django.contrib.staticfiles.storage.StaticFilesStorage",
        "OPTIONS": dict(zip(("file_permissions_mode", "directory_permissions_mode"), private.PRIVATE, strict=True)),
    },
}
# Where a web server in front answers internal redirects, files do not pass through Django (docs/deployment.md).
MEDIA_ACCEL_PREFIX = _environment.text("MEDIA_ACCEL_PREFIX")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 200
DATA_UPLOAD_MAX_NUMBER_FIELDS = 7000  # a run of 2000 pictures sends three fields for each
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

EMBEDDED_BROKER = not _environment.text("CELERY_BROKER_URL")
CELERY_BROKER_URL = _environment.broker(DATA_DIR)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# Sites that share one Redis keep apart by the name of their queue.
CELERY_TASK_DEFAULT_QUEUE = _environment.text("CELERY_QUEUE", "melodymuse")
# Where computed reports are kept, each once for all web processes (docs/decisions/kept-reports.md).
CACHES = _environment.caches(f"{CELERY_TASK_DEFAULT_QUEUE}.reports")
# A worker that names no queues serves all of them; which task waits where is said in `queues`.
CELERY_TASK_QUEUES = [Queue(name, routing_key=name) for name in queues.all_queues(CELERY_TASK_DEFAULT_QUEUE)]
CELERY_TASK_ROUTES = queues.routes(CELERY_TASK_DEFAULT_QUEUE)
CELERY_TASK_ANNOTATIONS = queues.limits()
CELERY_TASK_SOFT_TIME_LIMIT = queues.DEFAULT_SECONDS
CELERY_TASK_TIME_LIMIT = queues.DEFAULT_SECONDS + queues.KILL_AFTER
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A worker's process is replaced after so many tasks, and by the next task after it grew beyond so much memory.
CELERY_WORKER_MAX_TASKS_PER_CHILD = _environment.number("WORKER_MOST_TASKS", 1000, least=1, most=1_000_000)
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 1000 * _environment.number("WORKER_MOST_MB", 1500, least=300, most=1_000_000)
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Longer than the longest task, or a redelivery loop starves the queue.
    "visibility_timeout": queues.LONGEST_SECONDS + 300,
    # Of several queues the first in which anything waits, and not each in turn.
    "queue_order_strategy": "priority",
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A broker that is away or hangs must not hold up a page: one try, half a second; the sweep re-sends. Workers are
    # more patient (`celery.py`), and read what they wait for without a limit (kombu's own checks see to that).
    "max_retries": 0,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
}
# Below so much room the site says that it is ill, before answers are lost (/healthz).
LEAST_FREE_MB = _environment.number("LEAST_FREE_MB", 200, least=1, most=10_000_000)
# Whoever knows it may read /metrics; without it there is no such page, and nothing is timed.
METRICS_TOKEN = _environment.secret("METRICS_TOKEN", least=16)
# How long a worker may hold a pair before the sweep gives it to another; renewed while it works.
PAIR_LEASE_SECONDS = _environment.number("PAIR_LEASE_SECONDS", 60, least=5, most=3600)
SWEEP_SECONDS = _environment.number("SWEEP_SECONDS", 15, least=1, most=3600)
# An export's worker that has been silent for so long is taken for dead, and another begins anew.
EXPORT_LEASE_SECONDS = _environment.number("EXPORT_LEASE_SECONDS", 120, least=5, most=3600)
# How often a token may ask the API within a minute, as each web process counts.
API_REQUESTS_PER_MINUTE = _environment.number("API_REQUESTS_PER_MINUTE", 120, least=1, most=100_000)
# Visitors without an account may have pieces made: so many an hour from one address, and so many on the whole site.
PUBLIC_CREATE = _environment.flag("PUBLIC_CREATE", default=False)
PUBLIC_CREATE_EACH = _environment.number("PUBLIC_CREATE_EACH", 6, least=1, most=10_000)
PUBLIC_CREATE_ALL = _environment.number("PUBLIC_CREATE_ALL", 60, least=1, most=10_000)
MINUTE_SECONDS = 60
HOUR_SECONDS = 3600
# While no worker lives, one waiting sweep is as good as a hundred.
STALE_AFTER = {"expires": max(2 * SWEEP_SECONDS, 30)}
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "generation.tasks.sweep", "schedule": SWEEP_SECONDS, "options": STALE_AFTER},
    "sweep-exports": {"task": "survey.tasks.sweep_exports", "schedule": SWEEP_SECONDS, "options": STALE_AFTER},
    "sweep-packs": {"task": "survey.tasks.sweep_packs", "schedule": SWEEP_SECONDS, "options": STALE_AFTER},
    "remind": {"task": "survey.tasks.remind_due", "schedule": HOUR_SECONDS, "options": STALE_AFTER},
    "anonymise": {"task": "survey.tasks.anonymise_due", "schedule": MINUTE_SECONDS, "options": STALE_AFTER},
    "forget-logins": {"task": "melodymuse_site.tasks.forget_logins", "schedule": HOUR_SECONDS, "options": STALE_AFTER},
    "forget-reports": {
        "task": "melodymuse_site.tasks.forget_reports",
        "schedule": HOUR_SECONDS,
        "options": STALE_AFTER,
    },
}
SOUNDFONT = _environment.text("SOUNDFONT")

HTTPS = _environment.flag("HTTPS", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = ["^healthz$", "^metrics$"]  # load balancers and Prometheus ask by plain HTTP
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = _environment.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
CSRF_TRUSTED_ORIGINS = [f"https://{host.lstrip('.')}" for host in ALLOWED_HOSTS] if HTTPS else []
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

EMAIL_HOST = _environment.text("EMAIL_HOST")
if EMAIL_HOST:
    EMAIL_PORT = _environment.number("EMAIL_PORT", 587, least=1, most=65535)
    EMAIL_HOST_USER = _environment.text("EMAIL_HOST_USER")
    EMAIL_HOST_PASSWORD = _environment.text("EMAIL_HOST_PASSWORD")
    EMAIL_USE_TLS = _environment.flag("EMAIL_USE_TLS", default=True)
    DEFAULT_FROM_EMAIL = _environment.text("EMAIL_FROM", "melodymuse@localhost")
else:
    EMAIL_BACKEND = "melodymuse_site.mails.TerminalBackend"  # a link for a new password belongs in no log

# No mail of errors: it would carry what the log hides (melodymuse_site/hiding.py).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "axes": {"level": "WARNING"},
        # It would name the address of everybody who goes away early, and count everybody who waits a moment.
        "waitress": {"level": "WARNING"},
        "waitress.queue": {"level": "ERROR"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
