"""The Celery application. Workers start with `celery -A melodymuse_site worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")

app = Celery("melodymuse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
