"""The WSGI entry: `gunicorn melodymuse_site.wsgi`."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from melodymuse_site.occupancy import Occupied, serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")
application = get_wsgi_application()
try:
    serve(settings.DATA_DIR)
except Occupied as error:
    raise SystemExit(f"MelodyMuse cannot start: {error}") from error
# Django reads the addresses, and with them every view, at the first request; here the processes share them.
_ = get_resolver().url_patterns
