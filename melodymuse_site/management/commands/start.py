"""`manage.py start`: the whole site on one machine, from nothing, until Ctrl-C. `make run` calls it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from http.client import HTTPConnection, HTTPException
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from redis import RedisError
from tqdm import tqdm

from melodymuse_site import broker, health, occupancy, queues
from melodymuse_site.broker import BrokerMissing
from melodymuse_site.processes import Child, stop_all

LONG_WORKERS = 2
"""Processes for what may take minutes: an import, of which there is one at a time, and an export."""
EVERYWHERE = ("0.0.0.0", "::", "")
HANGS_SECONDS = 120.0
"""A worker that was not heard of for so long hangs: it says that it lives every few seconds, whatever it works on."""

FULL_DISK_SECONDS = 10.0
"""How often a process that cannot live on a full disk is tried again, without an end."""


class Stop(BaseException):
    """Raised by the signal handler: end everything in order."""


class Command(BaseCommand):
    help = "Set up and run the whole site on this machine: broker, web server, worker, demo content."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("HOST", "0.0.0.0"), help="Address to listen on.")
        parser.add_argument("--port", type=int, default=settings.PORT, help="Port to listen on (or PORT).")
        parser.add_argument("--workers", type=int, default=max(os.cpu_count() or 1, 1), help="Worker processes.")
        parser.add_argument(
            "--autoscale", action="store_true", help="One worker process while little waits, up to --workers of them."
        )
        parser.add_argument("--no-demo", action="store_true", help="No demo pictures, pairs and study.")
        parser.add_argument("--once", action="store_true", help="Set up, make the demo pairs, then stop.")

    def handle(self, *args: Any, **options: Any) -> None:
        self.begun = time.monotonic()
        self.children: list[Child] = []
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _raise_stop)
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(occupancy.start_alone(settings.DATA_DIR))
                occupancy.serve(settings.DATA_DIR)
            except occupancy.Occupied as error:
                raise CommandError(str(error)) from error
            _check_port(options["host"], options["port"])
            try:
                self._set_up(options)
                self._run(options)
            except Stop:
                self.stdout.write("\nStopping …")
            except (BrokerMissing, RuntimeError) as error:
                raise CommandError(str(error)) from error
            finally:
                for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                    signal.signal(number, signal.SIG_IGN)
                stop_all(self.children[::-1])
        self.stdout.write("Everything has stopped.")

    def _set_up(self, options: dict[str, Any]) -> None:
        from melodymuse_site import demo

        if settings.EMBEDDED_BROKER:
            self._say("broker", "embedded Redis")
            self.children.append(broker.embedded_broker(settings.DATA_DIR))
            broker.start(self.children[-1], settings.DATA_DIR)
        self._say("database", settings.DATABASES["default"]["ENGINE"].rsplit(".", 1)[-1])
        call_command("migrate", verbosity=0, interactive=False)
        self._say("static files", str(settings.STATIC_ROOT))
        call_command("collectstatic", verbosity=0, interactive=False)
        self._say("networks", "registering what is shipped")
        call_command("register_models", verbosity=0)
        self.account = demo.ensure_admin()

    def _run(self, options: dict[str, Any]) -> None:
        port = options["port"]
        self._start(_worker(options["workers"], autoscale=options["autoscale"]), _web_server(options["host"], port))
        self._wait_for_web(options["host"], port)
        if not options["no_demo"]:
            self._make_demo()
        if not options["once"]:
            self._start(_long_worker())
        self._print_doors(port)
        if options["once"]:
            raise Stop
        while True:
            self._look_after_children()
            time.sleep(1)

    def _start(self, *children: Child) -> None:
        for child in children:
            child.start()
            self.children.append(child)

    def _look_after_children(self) -> None:
        for child in self.children:
            try:
                news = child.keep_running()
            except (RuntimeError, OSError) as error:
                if not health.is_disk_full():
                    raise
                child.start_anew(FULL_DISK_SECONDS)
                news = f"{error}\nThe disk is full: the {child.name} is tried again every {FULL_DISK_SECONDS:.0f} s.\n"
            if news:
                with contextlib.suppress(OSError):  # a log on the same full disk
                    self.stderr.write(news, ending="")

    def _wait_for_web(self, host: str, port: int) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if _answers(host, port):
                return
            self._look_after_children()
            time.sleep(0.1)
        raise RuntimeError("The web server did not start within a minute.")

    def _make_demo(self) -> None:
        from generation import queries
        from melodymuse_site import demo

        runs = demo.request_demo_runs(self.account.user)

        def wait() -> None:
            time.sleep(0.3)
            self._look_after_children()

        total = sum(queries.run_progress(run).total for run in runs)
        with tqdm(total=total, desc="Making demo pairs", unit="pair", leave=True) as bar:
            for progress in demo.watch_runs(runs, wait):
                bar.update(sum(one.finished for one in progress) - bar.n)
        for version in (version for one in progress for version in one.versions):
            if version.status in (version.Status.FAILED, version.Status.PARKED):
                self.stderr.write(f"  {version}: {version.error}")
        demo.ensure_demo_study(self.account.user)

    def _print_doors(self, port: int) -> None:
        from survey.models import Study

        base = f"http://localhost:{port}"
        study = Study.objects.filter(status="published").order_by("pk").first()
        lines = ["", f"MelodyMuse runs (ready after {time.monotonic() - self.begun:.0f} s)."]
        if study:
            lines.append(f"  Participants  {base}/study/{study.slug}/")
            lines += [
                f"    on a phone  http://{address}:{port}/study/{study.slug}/"
                for address in settings.ALLOWED_HOSTS
                if address[0].isdigit() and not address.startswith("127.")
            ][:1]
        lines += [f"  Researchers   {base}/studies/", f"  Admins        {base}/admin/"]
        if self.account.password:
            lines += [
                "",
                f"  Log in as “{self.account.user.get_username()}” with the password {self.account.password}",
                "  (shown this once; change it with: .venv/bin/python manage.py changepassword admin)",
            ]
        lines += ["", "Ctrl-C stops everything."]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()

    def _say(self, what: str, detail: str) -> None:
        self.stdout.write(f"  {what:<14}{detail}")
        self.stdout.flush()


def _raise_stop(number: int, frame: object) -> None:
    raise Stop


def _check_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Port {port} cannot be used ({error.strerror}): another program may listen there. "
                "Stop it, or choose another port: make run PORT=8001"
            ) from error


def _web_server(host: str, port: int) -> Child:
    gunicorn = ["gunicorn", "melodymuse_site.wsgi", "--config", "python:melodymuse_site.gunicorn"]
    command = [sys.executable, "-m", *gunicorn, "--bind", f"{host}:{port}"]
    return Child("web server", command, answers=lambda: _answers(host, port), patience=60)


def _worker(processes: int, *, autoscale: bool = False) -> Child:
    """Celery with its timetable, for what people wait for: labels, music, sweeps; and for large runs.

    `autoscale`: it begins with one process, has one more for each message that waits, at most `processes`, and lets
    those go again that had nothing to do for half a minute.
    """
    options = ["--beat", "--schedule", str(settings.DATA_DIR / "beat-schedule")]
    if autoscale:
        options += ["--autoscale", f"{processes},1"]
    return _celery("worker", processes, queues.quick_queues(settings.CELERY_TASK_DEFAULT_QUEUE), *options)


def _long_worker() -> Child:
    """Celery for what may take minutes; it gives way to the others where the cores are few."""
    child = _celery("long worker", LONG_WORKERS, queues.long_queues(settings.CELERY_TASK_DEFAULT_QUEUE))
    child.nice = 5
    return child


def _celery(name: str, processes: int, names: list[str], *options: str) -> Child:
    """A worker; its processes share the cores, and more threads only get in each other's way."""
    celery = [
        "celery",
        "--quiet",
        "-A",
        "melodymuse_site",
        "worker",
        "--concurrency",
        str(processes),
        "--loglevel",
        "WARNING",
    ]
    node = ["--queues", ",".join(names), "--hostname", f"{name.replace(' ', '-')}@%h"]
    quiet = ["--without-gossip", "--without-mingle"]
    command = [sys.executable, "-m", *celery, *node, *quiet, *options]
    return Child(name, command, {"OMP_NUM_THREADS": "1"}, answers=lambda: _serves(names), patience=HANGS_SECONDS)


def _serves(names: list[str]) -> bool:
    """Whether a worker for these queues was heard of lately; where the broker takes nothing, that is not its fault."""
    try:
        health.check_broker()
        return any(set(names) <= set(worker.queues) for worker in health.workers())
    except (RedisError, health.Failing):
        return True


def _answers(host: str, port: int) -> bool:
    """Whether the web server takes a request and answers, whatever it says."""
    connection = HTTPConnection("127.0.0.1" if host in EVERYWHERE else host, port, timeout=5)
    try:
        connection.request("GET", "/healthz?parts=disk")
        return bool(connection.getresponse().read())
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
