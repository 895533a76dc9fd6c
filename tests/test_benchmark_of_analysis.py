"""The benchmark of the statistics runs on what the statistics are now; small, for its tables and not for its times."""

from benchmarks import analysis


def test_coefficients_and_the_whole_report_are_measured(capsys):
    analysis.coefficients([1000])
    analysis.report([1000])
    said = capsys.readouterr().out
    assert said.count("| 984 |") == 2
    assert "### Agreement" in said
    assert "### Whole report" in said
