"""The lines of docs/analysis.md for a notebook run as they stand there, on a table with the columns they name."""

import re

import pandas as pd
from django.conf import settings


def test_the_lines_for_a_notebook_run_as_they_stand(tmp_path, monkeypatch):
    page = (settings.BASE_DIR / "docs" / "analysis.md").read_text(encoding="utf-8")
    lines = re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)[1]
    said = ("fear", "awe", "none")
    rows = [
        (f"P{p}", f"S{s}", ("fear", "awe")[s % 2], said[(p + s) % 3], ("DE", "FR")[p % 2])
        for p in range(6)
        for s in range(8)
    ]
    frame = pd.DataFrame(rows, columns=["subject", "stimulus", "intended", "chosen", "country"])
    frame.to_csv(tmp_path / "answers.csv", index=False)
    monkeypatch.chdir(tmp_path)
    names = {"frame": frame}
    exec(lines, names)
    assert names["report"]["n"]["responses"] == 48
    assert list(names["report"]["by"]["country"]) == ["DE", "FR"]
