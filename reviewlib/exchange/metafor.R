# {title}
# Made by reviewlib export; needs R with the package metafor. Run it in this folder: Rscript {stem}.R
# yi and vi are on the analysis scale (ratios as logarithms); the column route says how each came about.
library(metafor)
dat <- read.csv("{stem}.csv", na.strings = "", stringsAsFactors = FALSE, fileEncoding = "UTF-8")
dat <- dat[!is.na(dat$yi), ]
tight <- list(threshold = 1e-12, maxiter = 10000)
wald <- rma(yi, vi, data = dat, slab = slab, method = "REML", control = tight)
hksj <- rma(yi, vi, data = dat, slab = slab, method = "REML", test = "knha", control = tight)
k <- nrow(dat)
# The house rule: the wider of the two intervals; with two studies Wald's, which is provisional.
fit <- if (k > 2 && hksj$ci.ub - hksj$ci.lb > wald$ci.ub - wald$ci.lb) hksj else wald
half <- qt(0.975, k - 1) * sqrt(wald$tau2 + max(wald$se, if (k > 2) hksj$se else 0)^2)
show <- function(name, value) cat(name, sprintf("%.15g", value), "\n")
show("k", k)
show("estimate", c(fit$beta))
show("ci_low", fit$ci.lb)
show("ci_high", fit$ci.ub)
show("tau2", fit$tau2)
show("i2", fit$I2 / 100)
show("q", fit$QE)
if (k >= 5) {{
  show("prediction_low", c(fit$beta) - half)
  show("prediction_high", c(fit$beta) + half)
}}
if (interactive()) forest(fit{atransf})
