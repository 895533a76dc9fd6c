"""The R script of a pack: the report's mixed model by lme4, from the pack's own table of answers."""

from __future__ import annotations

import json

from survey.analysis.planned import NEW_TARGETS
from survey.findings.plans import plan_of
from survey.models import Study
from survey.queries.stimuli import compares_targets, plays_variants

NONE = "none"


def quote(text: str) -> str:
    """Return a text as R writes it.

    >>> print(quote('say "no"'))
    "say \\"no\\""
    """
    return json.dumps(text, ensure_ascii=False)


def mixed_model_script(study: Study) -> str:
    """Return `mixed_model.R` for the answers that this study offers, and the cell or difference that its plan names."""
    slugs = study.choices.order_by("pk").values_list("slug", flat=True)
    offered = ", ".join(quote(slug) for slug in slugs if slug != NONE)
    plan = plan_of(study)
    planned = plan.cell if plan else ""
    # Only where it is planned, and where clips have sides: scripts of other studies stay as they were.
    comparing, compared = (COMPARING, COMPARED) if planned == NEW_TARGETS else ("", "")
    script = SCRIPT.replace("@COMPARING@", comparing).replace("@COMPARED@", compared)
    with_sides = compares_targets(study)
    for name, text in SIDES.items():
        script = script.replace(f"@{name}@", text if with_sides else "")
    script = script.replace("@VARIED@", VARIED if plays_variants(study) else "")
    return script.replace("@OFFERED@", offered).replace("@PLANNED@", quote(planned))


SCRIPT = r"""# The report's mixed model (report.json: measures, mixed_model) once more, by lme4::glmer.
# Run it in the folder of the unpacked export:  Rscript mixed_model.R [--profile]
# With report.json of the same answers beside it (and the package jsonlite) it compares every coefficient.
suppressPackageStartupMessages(library(lme4))

# What an intended emotion can be: the answers offered, without "none of these".
offered <- c(@OFFERED@)
presentations <- c("music_only", "matched", "mismatched", "picture_only")
# The cell that the study's plan names; "" where it names none.
planned <- @PLANNED@

read_text <- function(file) {
  table <- read.csv(file, colClasses = "character", na.strings = character(0),
                    fileEncoding = "UTF-8-BOM", check.names = FALSE)
  table[] <- lapply(table, function(x) sub("^'", "", x))
  table
}

# Which cell of the design an answer belongs to: what was presented, whatever the condition is called.
cell_of <- function(d) {
  ifelse(d$presentation == "picture_and_music", d$matching, d$presentation)
}

# Main trials alone count; gold and repeated trials do not.
read_answers <- function() {
  d <- read_text("responses_long.csv")
  d <- d[d$trial_kind == "main", ]
  d$presentation <- cell_of(d)
  d$hit <- as.integer(d$chosen == d$intended)
  d$emotion <- d$intended
  d$composer <- ifelse(d$composer == "", "(none)", d$composer)
  d$piece <- ifelse(d$audio_sha256 != "", paste("sound", d$audio_sha256),
             ifelse(d$picture_sha256 != "", paste("picture", d$picture_sha256), paste("stimulus", d$stimulus)))
  d
}

# The cells that occur, in the report's order: the planned one, then music alone, matching pairs and so on.
order_of_cells <- function(d, stimuli) {
  known <- c(planned, presentations, unique(stimuli$condition))
  unique(known[known %in% d$presentation])
}

# In these cells a hit is about the picture where it is about the music in the other: their odds do not compare.
comparable <- function(cells, primary) {
  other <- list(music_only = "picture_only", mismatched = "picture_only", picture_only = "mismatched")
  setdiff(cells, other[[primary]])
}

# A factor is a fixed effect where it has two levels and every level has enough pieces.
usable <- function(d, names) {
  least <- c(emotion = 2, composer = 4, presentation = 0@LEAST@)
  enough <- function(name) {
    pieces <- tapply(d$piece, d[[name]], function(x) length(unique(x)))
@NEITHER@    length(pieces) >= 2 && min(pieces) >= least[[name]]
  }
  Filter(enough, names)
}

# Levels with all hits, or none, have no finite estimate and say nothing about the others: they are left out.
without_separated <- function(d, names) {
  keep <- rep(TRUE, nrow(d))
  for (name in names) {
    share <- tapply(d$hit, d[[name]], mean)
    for (level in names(share)[share == 0 | share == 1]) {
      cat(sprintf("%s %s: not finite, left out (share of hits %g)\n", name, level, share[[level]]))
      keep <- keep & d[[name]] != level
    }
  }
  d <- d[keep, ]
  names <- Filter(function(name) length(unique(d[[name]])) >= 2, names)
  if (length(names) < 2) return(d)
  # Combinations of levels that separate hits from misses: logits that grow without end.
  steps <- glm.control(epsilon = 1e-16, maxit = 40)
  endless <- suppressWarnings(glm(reformulate(names, "hit"), binomial, d, control = steps))
  endless <- abs(suppressWarnings(predict(endless))) > 15
  for (combination in unique(do.call(paste, c(d[endless, names], sep = " with ")))) {
    cat(sprintf("combination %s: not finite, left out\n", combination))
  }
  d[!endless, ]
}

fit <- function(d, names, primary) {
  names <- usable(d, names)
  d <- without_separated(d, names)
  if (nrow(d) == 0) stop("in every level every answer is a hit, or none is")
  names <- Filter(function(name) length(unique(d[[name]])) >= 2, names)
  for (name in names) d[[name]] <- factor(d[[name]], levels = sort(unique(d[[name]]), method = "radix"))
  if ("presentation" %in% names && primary %in% levels(d$presentation)) {
    d$presentation <- relevel(d$presentation, ref = primary)
  }
@OLD@  formula <- reformulate(c(names, "(1 | participant)", "(1 | piece)"), response = "hit")
  cat("\n", deparse(formula, width.cutoff = 500), ":", nrow(d), "answers\n")
  glmer(formula, data = d, family = binomial, control = glmerControl(optimizer = "bobyqa"))
}

show <- function(model) {
  print(summary(model), correlation = FALSE)
  cat("\nOdds ratios with Wald intervals\n")
  print(exp(cbind(odds_ratio = fixef(model), confint(model, parm = "beta_", method = "Wald"))))
  cat("\nStandard deviations", if (isSingular(model)) "(singular fit)", "\n")
  print(as.data.frame(VarCorr(model))[, c("grp", "sdcor")])
  if ("--profile" %in% commandArgs(trailingOnly = TRUE)) print(confint(model, parm = "theta_", oldNames = FALSE))
}

# Mean share of hits over new people and new pieces: the random intercepts are integrated out.
marginal_share <- function(model) {
  sd <- sqrt(sum(as.data.frame(VarCorr(model))$vcov))
  eta <- as.vector(model.matrix(model) %*% fixef(model))
  of <- function(e) integrate(function(z) plogis(e + sd * z) * dnorm(z), -Inf, Inf)$value
  values <- unique(eta)
  mean(vapply(values, of, 0)[match(eta, values)])
}

coefficients_of <- function(model, names) {
  found <- fixef(model)
  names(found) <- sub("^\\(Intercept\\)$", "intercept all at their reference", names(found))
  for (name in names) names(found) <- sub(paste0("^", name), paste0(name, " "), names(found))
  found
}

# What report.json says of this model; NULL, with a sentence, where there is nothing to compare with.
read_report <- function(cell) {
  if (!file.exists("report.json") || !requireNamespace("jsonlite", quietly = TRUE)) {
    cat("\nreport.json (or the package jsonlite) is not here: nothing is compared.\n")
    return(NULL)
  }
  report <- jsonlite::fromJSON("report.json", simplifyVector = TRUE)
  said <- report$measures$mixed_model
  if (is.null(said)) return(no_model("no answer of its cell is to a clip with an intended emotion"))
  if (!is.null(report$cell) && report$cell != cell) {
    cat(sprintf("\nreport.json is about %s, this is about %s: nothing is compared.\n", report$cell, cell))
    return(NULL)
  }
  if (!is.null(said$reason)) return(no_model(said$reason))
  said
}

no_model <- function(why) {
  cat(sprintf("\nreport.json has no model, because %s\n", why))
  invisible(NULL)
}

compare <- function(found, share, model, said) {
  theirs <- setNames(said$effects$log_odds, paste(said$effects$factor, said$effects$level))
  sds <- as.data.frame(VarCorr(model))
  found <- c(found, people_sd = sds$sdcor[sds$grp == "participant"], pieces_sd = sds$sdcor[sds$grp == "piece"],
             marginal = share)
  theirs <- c(theirs, people_sd = said$people_sd, pieces_sd = said$pieces_sd, marginal = said$marginal)
  theirs <- theirs[!is.na(theirs)]
  for (name in setdiff(names(found), names(theirs))) cat(sprintf("\nNot in report.json: %s\n", name))
  for (name in setdiff(names(theirs), names(found))) cat(sprintf("\nNot found by lme4: %s\n", name))
  found <- found[names(found) %in% names(theirs)]
  both <- data.frame(lme4 = found, report = theirs[names(found)])
  both$difference <- both$lme4 - both$report
  cat("\nBeside the report\n")
  print(both)
  cat(sprintf("Largest difference: %.4f\n", max(abs(both$difference))))
  cat(sprintf("Answers: %d here, %d in report.json\n", nobs(model), said$n))
  if (nobs(model) != said$n) cat("report.json is of other answers than these.\n")
}

@COMPARING@# A model that cannot be fitted is said, and ends nothing else.
try_fit <- function(d, names, primary) {
  if (nrow(d) == 0) return(NULL)
  tryCatch(fit(d, names, primary), error = function(e) {
    cat("lme4 fits no model:", conditionMessage(e), "\n")
    NULL
  })
}

main <- function() {
  if (setequal(offered, c("yes", "no"))) {
    return(no_model("people said yes or no to one emotion named: a yes is no hit among several emotions"))
  }
  stimuli <- read_text("stimuli.csv")
  everything <- read_answers()
  if (nrow(everything) == 0) return(no_model("there are no answers"))
@VARIED@  cells <- order_of_cells(everything, stimuli)
  primary <- cells[1]
  cat("Primary cell:", primary, if (primary == planned) "(as planned)", "\n")
  # Stimuli made for no answer that was offered have no hit.
  answers <- everything[everything$intended %in% offered, ]
@SIDES@@COMPARED@  said <- read_report(primary)
  model <- try_fit(answers[answers$presentation == primary, ], c("emotion", "composer"@SIDE@), primary)
  if (is.null(model)) return(invisible())
  show(model)
  share <- marginal_share(model)
  cat(sprintf("\nShare of hits of new people and new pieces: %.4f\n", share))
  found <- coefficients_of(model, c("emotion", "composer"@SIDE@))
  alike <- comparable(cells[cells %in% answers$presentation], primary)
  if (length(alike) >= 2) {
    factors <- c("emotion", "composer"@SIDE@, "presentation")
    wide <- try_fit(answers[answers$presentation %in% alike, ], factors, primary)
    if (!is.null(wide)) {
      show(wide)
      more <- coefficients_of(wide, factors)
      found <- c(found, more[grepl("^presentation ", names(more))])
    }
  }
  if (!is.null(said)) compare(found, share, model, said)
}

main()
"""

COMPARING = r"""# The plan's comparison of clips for new and for old targets: the report's difference, and a model.
compare_targets <- function(answers, stimuli) {
  answers$side <- setNames(stimuli$side, stimuli$stimulus)[answers$stimulus]
  answers <- answers[answers$side %in% c("old", "new"), ]
  answers$stratum <- paste(answers$emotion, answers$presentation)
  shares <- lapply(split(answers, answers$side), function(d) tapply(d$hit, d$stratum, mean))
  common <- intersect(names(shares$old), names(shares$new))
  if (length(common) == 0) {
    cat("\nNew and old targets have no emotion in common: there is no difference.\n")
    return(invisible(NULL))
  }
  difference <- mean(shares$new[common]) - mean(shares$old[common])
  cat(sprintf("\nNew targets - old targets, emotion by emotion: %.6f of %d answers\n", difference,
              sum(answers$stratum %in% common)))
  answers$side <- factor(answers$side, levels = c("old", "new"))
  factors <- Filter(function(name) length(unique(answers[[name]])) >= 2, c("emotion", "presentation"))
  formula <- reformulate(c(factors, "side", "(1 | participant)", "(1 | piece)"), response = "hit")
  model <- tryCatch(glmer(formula, answers, binomial, glmerControl(optimizer = "bobyqa")), error = function(e) NULL)
  if (!is.null(model)) {
    odds <- exp(c(fixef(model)["sidenew"], confint(model, parm = "sidenew", method = "Wald")))
    cat(sprintf("Odds of a hit, new against old (glmer): %.3f (95 %% %.3f to %.3f)\n", odds[1], odds[2], odds[3]))
  }
  if (file.exists("report.json") && requireNamespace("jsonlite", quietly = TRUE)) {
    said <- jsonlite::fromJSON("report.json")$primary
    if (!is.null(said$estimate)) {
      cat(sprintf("In report.json: %.6f of %d answers, of people whom the rules keep\n", said$estimate, said$n))
    }
  }
}

"""
"""Between two functions of the script, where the plan compares new with old targets."""
SIDES = {
    "LEAST": ", side = 4",
    "SIDE": ', "side"',
    "NEITHER": '    if (name == "side") pieces <- pieces[names(pieces) != "(none)"]\n',
    "OLD": '  if ("side" %in% names && "old" %in% levels(d$side)) d$side <- relevel(d$side, ref = "old")\n',
    "SIDES": r"""  # Which targets a clip was made for, as publication wrote it down.
  answers$side <- setNames(stimuli$side, stimuli$stimulus)[answers$stimulus]
  answers$side[is.na(answers$side) | answers$side == ""] <- "(none)"
""",
}
"""What the model has more where clips have sides."""
COMPARED = r"""  if ("side" %in% names(stimuli)) compare_targets(answers, stimuli)
"""
"""Its call."""
VARIED = r"""  # Variants of one piece, whose cues were changed on purpose, hang together: they are one piece.
  varied <- setNames(stimuli$cue_piece, stimuli$stimulus)[everything$stimulus]
  everything$piece <- ifelse(is.na(varied) | varied == "", everything$piece, varied)
"""
"""What the script has more where a study plays variants of a cue experiment."""
