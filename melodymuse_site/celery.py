"""The Celery application. Workers start with `celery -A melodymuse_site worker`."""

import os

from celery import Celery
from celery.signals import worker_init
from django.conf import settings

from melodymuse_site.occupancy import Occupied, serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")

app = Celery("melodymuse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def hold_the_data(**_: object) -> None:
    """No worker writes into a site that is being restored."""
    try:
        serve(settings.DATA_DIR)
    except Occupied as error:
        raise SystemExit(f"MelodyMuse cannot start: {error}") from error
