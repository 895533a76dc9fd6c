"""The Celery application. Workers start with `celery -A melodymuse_site worker`."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "melodymuse_site.settings")

app = Celery("melodymuse")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
PATIENCE = {"socket_timeout": 10, "socket_connect_timeout": 3, "max_retries": 2}


@celeryd_init.connect
def be_patient(conf: Any, **_: Any) -> None:
    """Nobody waits for a worker's word to the broker as somebody waits for a page: a slow disk is no reason to give up."""
    conf.broker_transport_options = {**conf.broker_transport_options, **PATIENCE}
