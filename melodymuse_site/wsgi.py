"""The WSGI entry: `gunicorn melodymuse_site.wsgi`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")
application = get_wsgi_application()
# Django reads the addresses, and with them every view, at the first request; here the processes share them.
_ = get_resolver().url_patterns
