"""Scripts of the site import only what is there; a browser says so too, but only on the pages it opens."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / place for place in ("melodymuse_site/static", "generation/static", "survey/static")]
IMPORTS = re.compile(r'^import\s+(?:\{(?P<names>[^}]*)\}\s+from\s+)?"(?P<path>[^"]+)";', re.MULTILINE)
EXPORTS = re.compile(
    r"^export\s+(?:async\s+)?(?:function\*?|const|let|class)\s+(?:(?P<name>\w+)|\{(?P<names>[^}]*)\})", re.MULTILINE
)


def served() -> dict[str, str]:
    """All scripts by the address they are served at, below the static root."""
    return {
        str(script.relative_to(folder)): script.read_text(encoding="utf-8")
        for folder in FOLDERS
        for script in folder.rglob("*.js")
    }


def imported(address: str, text: str) -> list[tuple[str, list[str]]]:
    found = []
    for match in IMPORTS.finditer(text):
        wanted = [name.split(" as ")[0].strip() for name in (match["names"] or "").split(",") if name.strip()]
        place = (Path("/") / address).parent.joinpath(match["path"])
        parts: list[str] = []
        for part in place.parts[1:]:
            parts = parts[:-1] if part == ".." else [*parts, part]
        found.append(("/".join(parts), wanted))
    return found


def exported(text: str) -> set[str]:
    return {name.strip() for match in EXPORTS.finditer(text) for name in (match["name"] or match["names"]).split(",")}


SERVED = served()


@pytest.mark.parametrize("address", sorted(SERVED))
def test_a_script_imports_only_what_is_exported(address):
    text = SERVED[address]
    assert len(re.findall(r"^import\b", text, re.MULTILINE)) == len(IMPORTS.findall(text)), "an import no test reads"
    for path, names in imported(address, text):
        assert path in SERVED, f"{path} is not there"
        missing = set(names) - exported(SERVED[path])
        assert not missing, f"{path} does not export {', '.join(sorted(missing))}"


def test_two_applications_serve_no_script_under_one_address():
    found = [str(script.relative_to(folder)) for folder in FOLDERS for script in folder.rglob("*.js")]
    assert len(found) == len(set(found))
