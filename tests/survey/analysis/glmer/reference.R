# Prints the reference numbers of test_mixed.py.
library(lme4)
show <- function(m) {
  print(summary(m)$coefficients, digits = 8)
  print(as.data.frame(VarCorr(m))[, c("grp", "sdcor")], digits = 8)
}
cbpp <- read.csv("cbpp.csv")
show(glmer(cbind(incidence, size - incidence) ~ factor(period) + (1 | herd), cbpp, binomial))

lines <- strsplit(readLines("salamander.txt"), " ")
d <- data.frame(female = rep(seq_along(lines), lengths(lines)), text = unlist(lines))
d$male <- as.integer(sub("[+-]$", "", d$text)); d$mate <- as.integer(grepl("\\+$", d$text))
species <- function(x) ifelse((x - 1) %% 20 < 10, "R", "W")
d$cross <- paste0(species(d$female), species(d$male))
show(glmer(mate ~ cross + (1 | female) + (1 | male), d, binomial))

lines <- strsplit(readLines("verbagg.txt"), ",")
people <- do.call(rbind, lines[-(1:3)]); n <- nrow(people)
d <- data.frame(id = rep(seq_len(n), 24), item = rep(lines[[1]][-1], each = n), btype = rep(lines[[2]][-1], each = n),
                situ = rep(lines[[3]][-1], each = n), Anger = as.numeric(people[, 1]), Gender = people[, 2])
d$yes <- as.integer(unlist(lapply(1:24, function(i) substr(people[, 3], i, i) == "Y")))
show(glmer(yes ~ Anger + Gender + btype + situ + (1 | id) + (1 | item), d, binomial))
