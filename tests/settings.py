"""Settings of the tests: the site's own, on a database and folders of their own.

DATABASE_URL and CELERY_BROKER_URL of the caller are laid aside: most tests run on the embedded defaults,
and `make test` runs those marked `database` once more on PostgreSQL (MELODYMUSE_TEST_DATABASE=postgresql).
"""

import os
import sys
import tempfile

# The processes that tests start compile nothing twice, whatever the caller's own programs do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# As on servers (deploy/systemd): threads of linear algebra that wait for each other turn on a core that others need.
os.environ.setdefault("OMP_NUM_THREADS", "1")

CALLERS_DATABASE_URL = os.environ.pop("DATABASE_URL", "")
CALLERS_BROKER_URL = os.environ.pop("CELERY_BROKER_URL", "")
CALLERS_REDIS_URL = os.environ.get("REDIS_URL", "")
for _name in (
    "ALLOWED_HOSTS",
    "SECRET_KEY",
    "SECRET_KEY_FILE",
    "MEDIA_ROOT",
    "DEBUG",
    "HTTPS",
    "EMAIL_HOST",
    "METRICS_TOKEN",
    "CACHE_URL",
    "PUBLIC_CREATE",
    "PUBLIC_CREATE_EACH",
    "PUBLIC_CREATE_ALL",
):
    os.environ.pop(_name, None)
if os.environ.get("MELODYMUSE_TEST_DATABASE") == "postgresql":
    os.environ["DATABASE_URL"] = CALLERS_DATABASE_URL
os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="melodymuse-tests-")

from melodymuse_site.settings import *  # noqa: E402, F403
from melodymuse_site.settings import DATA_DIR, DATABASES, MIDDLEWARE, STORAGES  # noqa: E402

if "sqlite" in str(DATABASES["default"]["ENGINE"]):
    # A file, as in use: threads of one test meet real locks, which a database in memory does not have.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}

STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
MIDDLEWARE = [*MIDDLEWARE, "tests.guard.OnlyActionsWrite"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
AXES_ENABLED = False
CELERY_BROKER_URL = "redis://127.0.0.1:1/0"  # nothing listens there: a message that is lost costs nothing
WHITENOISE_AUTOREFRESH = True
SECRET_KEY = "tests-only-" + "x" * 40
