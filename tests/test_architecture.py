"""Who may import whom, as written in pyproject.toml, and what the web process must never load."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_every_import_contract_is_kept() -> None:
    result = run("-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())")
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_code_is_ruff_clean() -> None:
    for command in (("check",), ("format", "--check")):
        result = run("-m", "ruff", *command, ".")
        assert result.returncode == 0, result.stdout


def test_the_pure_packages_are_strictly_typed() -> None:
    result = run("-m", "mypy")
    assert result.returncode == 0, result.stdout


def test_the_web_process_loads_neither_tensorflow_nor_music21() -> None:
    code = (
        "import sys; import melodymuse_site.wsgi; from django.urls import get_resolver; "
        "get_resolver().url_patterns; "
        "print(sorted({'tensorflow', 'keras', 'music21', 'onnxruntime', 'sklearn'} & set(sys.modules)))"
    )
    result = run("-c", code)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_a_worker_serves_without_tensorflow() -> None:
    code = (
        "import sys, django; import melodymuse_site.celery, os; django.setup(); "
        "import generation.production; "
        "print(sorted({'tensorflow', 'keras'} & set(sys.modules)))"
    )
    result = run("-c", code)
    assert result.stdout.strip() == "[]", result.stdout + result.stderr


def test_models_and_migrations_agree() -> None:
    result = run("manage.py", "makemigrations", "--check", "--dry-run")
    assert result.returncode == 0, result.stdout
