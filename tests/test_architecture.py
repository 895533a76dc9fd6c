"""Who may import whom, as written in pyproject.toml, and what the web process must never load."""

import os
import pkgutil
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=240)


def test_every_import_contract_is_kept() -> None:
    result = run("-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "broken"),
    [
        ("survey/utils.py", "", "survey: from addresses down"),
        ("generation/helpers/__init__.py", "", "generation: from addresses down"),
        ("melodymuse_site/common.py", "", "melodymuse_site: wiring above"),
        ("survey/models/studies.py", "import survey.findings", "survey: from addresses down"),
        ("survey/queries/loads.py", "import survey.simulation", "survey: from addresses down"),
        ("survey/findings/study_facts.py", "import survey.exports", "survey: from addresses down"),
        ("survey/design/lures.py", "import survey.analysis", "survey: from addresses down"),
        ("survey/figures/svg.py", "import django", "know nothing of Django"),
        ("generation/models.py", "import generation.actions", "generation: from addresses down"),
        ("melodymuse_site/turns.py", "import survey.models", "what both apps stand on"),
        ("melodymuse_site/roles.py", "import survey.models", "what both apps stand on"),
        ("generation/checks.py", "import matplotlib", "what only trainers install"),
        ("generation/templatetags/seeing.py", "import generation.training", "knows how networks are trained"),
        ("generation/guesses.py", "import django", "know nothing of Django"),
    ],
)
def test_a_stray_module_and_an_arrow_upwards_break_a_contract(tmp_path, file, line, broken) -> None:
    for package in ("generation", "survey", "melodymuse_site"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=lambda folder, names: _not_code(folder, names))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    changed = tmp_path / file
    changed.parent.mkdir(exist_ok=True)
    with changed.open("a") as code:
        code.write(f"{line}\n")
    result = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports; raise SystemExit(lint_imports())"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "COLUMNS": "200"},
    )
    failed = [row for row in result.stdout.splitlines() if " BROKEN" in row]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(broken in row for row in failed), failed


NAMED_APART = {
    "nobody but the commands that train and convert knows how networks are trained": {"training", "management"},
    "what only trainers install lives only in training": {"training", "management"},
    "what both apps stand on knows neither of them": {
        *("__main__", "apps", "backup", "demo", "management", "metrics", "settings", "status", "tasks"),
        *("urls", "views", "wsgi"),
    },
}
"""Contract → the modules of its package that it does not bind."""


@pytest.mark.parametrize("name", NAMED_APART)
def test_a_contract_that_lists_modules_lists_all_but_the_few_that_it_does_not_bind(name) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (bound,) = (contract["source_modules"] for contract in contracts if contract["name"] == name)
    package = "melodymuse_site" if "both apps" in name else "generation"
    modules = {found.name for found in pkgutil.iter_modules([str(ROOT / package)])} - {"migrations"}
    assert {module.partition(".")[2] for module in bound if module.startswith(f"{package}.")} == (
        modules - NAMED_APART[name]
    )


def test_no_module_is_called_what_could_hold_anything_and_no_package_stands_beside_the_known_ones() -> None:
    tracked = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in tracked.stdout.splitlines()]
    assert files
    anything = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared"}
    assert [file for file in files if anything & {*file.parts[:-1], file.stem}] == []
    assert {file.parts[0] for file in files if len(file.parts) > 1} == {
        *("generation", "survey", "melodymuse_site", "tests", "benchmarks", "docs", ".ci")
    }


def _not_code(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()]


def test_only_one_place_says_whose_data_count() -> None:
    asking = {
        str(file.relative_to(ROOT))
        for file in (ROOT / "survey").rglob("*.py")
        if "migrations" not in file.parts
        and re.search(r'withdrawn_at__isnull"?\s*[:=]\s*True|withdrawn_at IS NULL', file.read_text())
    }
    assert asking == {"survey/models/counted.py", "survey/models/participation.py"}


def test_no_migration_imports_living_code() -> None:
    """A migration is history: code that it needed then stands in it, and today's may move and change."""
    importing = [
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in ROOT.glob("*/migrations/*.py")
        for line in file.read_text().splitlines()
        if re.match(r"\s*(from|import) (generation|survey|melodymuse_site)\b|\s*from \.", line)
    ]
    assert importing == []


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
