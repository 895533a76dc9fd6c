"""The R script of a pack whose study compares two clips: the report's strengths by R's own glm."""

from __future__ import annotations

from survey.analysis.paired.fitting import ENDLESS
from survey.exports.r_model import quote
from survey.models import Study

PAIRS_SCRIPT = "paired_comparison.R"


def paired_script(study: Study) -> str:
    """Return `paired_comparison.R` for the cells of this study, in their order."""
    cells = study.conditions.order_by("position", "pk").values_list("name", flat=True)
    return SCRIPT.replace("@CELLS@", ", ".join(quote(name) for name in cells)).replace("@ENDLESS@", f"{ENDLESS:g}")


SCRIPT = r"""# The report's comparison of two clips (report.json: measures, paired) once more, by glm: Bradley and Terry
# (1952) with an effect of the side (Davidson and Beaver 1977). Run it in the folder of the unpacked export:
#   Rscript paired_comparison.R
# With report.json of the same answers beside it (and the package jsonlite) it compares every strength.
cells <- c(@CELLS@)

read_text <- function(file) {
  table <- read.csv(file, colClasses = "character", na.strings = character(0),
                    fileEncoding = "UTF-8-BOM", check.names = FALSE)
  table[] <- lapply(table, function(x) sub("^'", "", x))
  table
}

d <- read_text("responses_long.csv")
d <- d[d$trial_kind == "main", ]
cells <- cells[cells %in% c(d$condition, d$second_condition)]
first <- as.integer(d$chosen == "first")
# +1 for the cell that was played first, -1 for the one played second; the first cell is the reference.
design <- sapply(cells[-1], function(cell) (d$condition == cell) - (d$second_condition == cell))
design <- matrix(design, nrow = nrow(d), dimnames = list(NULL, cells[-1]))
played_first <- rep(1, nrow(d))
steps <- glm.control(epsilon = 1e-14, maxit = 100)
fit <- suppressWarnings(glm(first ~ 0 + played_first + design, family = binomial(), control = steps))
side <- coef(fit)[["played_first"]]
others <- coef(fit)[-1]
if (max(abs(predict(fit))) > @ENDLESS@) { # without end: as in the report, once more without the side
  fit <- suppressWarnings(glm(first ~ 0 + design, family = binomial(), control = steps))
  side <- NA
  others <- coef(fit)
}
found <- c(setNames(0, cells[1]), setNames(others, cells[-1]))
found <- found - mean(found)
print(data.frame(strength = round(found, 4)))
cat("played first:", if (is.na(side)) "not finite, left out" else round(side, 4), "\n")

if (file.exists("report.json") && requireNamespace("jsonlite", quietly = TRUE)) {
  said <- jsonlite::fromJSON("report.json")$measures$paired
  report <- lapply(said$strengths, function(x) x$strength)[cells]
  if (any(vapply(report, is.null, TRUE))) {
    cat("report.json has no strengths:", said$reason, "- the numbers above have no meaning either\n")
  } else {
    away <- max(abs(unlist(report) - found), if (!is.null(said$side)) abs(said$side - side))
    cat("largest difference from report.json:", format(away, digits = 3), "\n")
    if (is.na(away) || away > 1e-4) quit(status = 1)
  }
}
"""
